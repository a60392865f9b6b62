"""How the biases of a layer start, the same setting in every layer that has them."""

from typing import Annotated

from annotated_types import doc

from trainer_cli.nn.initializers import Constant, Zeros

BiasInit = Annotated[Constant | Zeros, doc("rule by which the biases start")]
