"""Adam with the decay of weights that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import doc

from trainer_cli.nn.parameters import Parameters
from trainer_cli.optim.optimizers.adam import AdamAtWork
from trainer_cli.optim.optimizers.rule import UpdateRule
from trainer_cli.optim.optimizers.settings import (
    ClipNorm,
    Epsilon,
    LearningRate,
    Share,
    WeightDecay,
)


@dataclass(frozen=True, kw_only=True)
class Adamw:
    """Adam, and w ← w - α λ w for the weights: Adam whose decay is on where nothing is said.

    An L2 penalty would be divided by √v̂ with the rest of the gradient, and so would hold back
    least the weights with the largest gradients; the decay acts on all alike.
    Source: Loshchilov & Hutter 2019.
    """

    type: Literal["adamw"] = "adamw"
    learning_rate: LearningRate = 0.001
    beta1: Annotated[Share, doc("share β₁ of the mean gradient that stays")] = 0.9
    beta2: Annotated[Share, doc("share β₂ of the mean squared gradient that stays")] = 0.999
    epsilon: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.01
    clip_norm: ClipNorm = None

    state_arrays: ClassVar[int] = 2
    largest_pull: ClassVar[None] = None  # its steps do not grow with the gradient

    @staticmethod
    def bind(stack: Sequence["Adamw"], parameters: Parameters) -> UpdateRule:
        """Return the update rule at work."""
        return UpdateRule(AdamAtWork(stack, parameters), stack, parameters)
