"""Rules about the loss of the untrained network."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.config.rules.ordered import require_at_least
from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class LossAtZeroScores:
    """With its output layer at zero a network gives the loss of equal scores, ln C for softmax.

    Why: Equal scores for all C classes leave nothing to chance: the loss is known exactly, whatever
    the data. Where it differs, the loss itself is wrong: a logarithm to another base, a sum for a
    mean, a second softmax, labels that are off by one.
    What to do: Look at how the loss is computed and averaged, and at what follows the last layer.
    Fires on: a loss that divides by twice the number of examples.
    Source: CS231n, "Neural Networks Part 3", section Sanity checks: "look for correct loss at
    chance performance". 0.1 % leaves room for rounding, and is less than what one class in a
    thousand changes.
    """

    type: Literal["loss-at-zero-scores"] = "loss-at-zero-scores"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Le(1), doc("share of the known loss that the measured one may be off")
    ] = 1e-3


@dataclass(frozen=True, kw_only=True)
class InitialLoss:
    """The untrained network's loss is that of chance, or as far above it as is usual.

    Why: A network that knows nothing must not be sure of anything. A loss far above chance tells of
    scores that lie far apart: the first updates only undo the initialization, units saturate, the
    cost explodes. One below chance tells of a loss or labels that are not what they seem.
    What to do: Scale the inputs, or use the initializer that fits the nonlinearity; the message
    names the layer whose weights are to blame, or the inputs.
    Fires on: nntrain check-loss --set network.0.init='{type: normal, std: 3}'
    Source: CS231n, "Neural Networks Part 3", section Sanity checks. He-initialized networks on
    scaled inputs have scores of standard deviation 1 to 2. Independent normal scores of standard
    deviation s raise the softmax loss above ln C by s²/2 with many classes and by less with few:
    by so much, 2.0 and 10.1, the loss may exceed it.
    """

    type: Literal["initial-loss"] = "initial-loss"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Le(1), doc("share of the loss of equal scores that is still near it")
    ] = 0.01
    unusual_spread: Annotated[
        float, Ge(0), Le(1e6), doc("standard deviation s; a loss s²/2 above chance warns")
    ] = 2.0
    wrong_spread: Annotated[
        float, Ge(0), Le(1e6), doc("standard deviation s; a loss s²/2 above chance fails")
    ] = 4.5

    def __post_init__(self) -> None:
        require_at_least(self, "wrong_spread", "unusual_spread")
