"""Rules about the examples of a batch, which have nothing to do with each other."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class BatchIndependence:
    """What the network makes of an example does not depend on the others of its batch.

    Why: A wrong reshape, or a sum or a softmax over the wrong axis, mixes examples. Training often
    goes on all the same, as the network learns to make the best of it.
    What to do: Look at the layer that the message names: which axis does it sum over, reshape,
    transpose?
    Fires on: a layer that subtracts the mean over the batch.
    Source: Karpathy 2019, "A Recipe for Training Neural Networks": use backprop to chart
    dependencies. In float64 what is the same differs by some 1e-16 at most.
    """

    type: Literal["batch-independence"] = "batch-independence"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Lt(1), doc("share of the largest value that another may differ by")
    ] = 1e-9
