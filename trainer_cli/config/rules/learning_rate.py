"""Rules about the learning rate, and about how far an update moves the weights."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, doc

from trainer_cli.config.rules.ordered import require_at_most
from trainer_cli.config.rules.severity import Severe

Gain = Annotated[
    float, Gt(1), doc("multiple of what was taken off the loss that another rate must take off")
]


@dataclass(frozen=True, kw_only=True)
class LearningRateTooHigh:
    """The cost neither explodes nor jumps up and down because of the learning rate.

    Why: Steps that are too long leap over what they aim at. The cost explodes within a few updates;
    or it keeps jumping, far above where a lower rate comes to rest.
    What to do: Take the rate that the hint names: it was tried out from the same start.
    Fires on: nntrain train --set optimizer.learning_rate=1e6
    Source: CS231n, "Babysitting the learning process" and "Neural Networks Part 3", section Loss
    function. A cost above 3 times the original has exploded, and that fails. All else warns, and
    only where a lower rate was tried and does better. Behind their first third healthy runs rise
    from epoch to epoch by less than 2 % of what the loss can lose, but for a few, whose trials
    acquit them. A rate wrong by one power of ten costs 10 times the progress, chance far less
    than 3.
    """

    type: Literal["learning-rate-too-high"] = "learning-rate-too-high"
    severity: Severe = "fail"
    rise: Annotated[
        float, Ge(0), Le(1), doc("share of what the loss can lose that it may rise in an epoch")
    ] = 0.02
    gain: Gain = 3.0


@dataclass(frozen=True, kw_only=True)
class LearningRateTooLow:
    """The loss falls as it should, and not so slowly that a higher learning rate does far more.

    Why: Steps that are too short waste the whole training. Accuracy may rise all the same: while
    the scores are almost equal, a small shift is enough to change which is the largest.
    What to do: Take the rate that the hint names: it was tried out from the same start. Where a
    schedule takes the rate away too early, let it fall later.
    Fires on: nntrain train --set optimizer.learning_rate=1e-6
    Source: CS231n, "Babysitting the learning process", a cost that barely changes, and "Neural
    Networks Part 3", section Loss function: with low rates the improvements are linear. A rate
    wrong by one power of ten costs 10 times the progress, chance far less than 3.
    """

    type: Literal["learning-rate-too-low"] = "learning-rate-too-low"
    severity: Severe = "warn"
    gain: Gain = 3.0


@dataclass(frozen=True, kw_only=True)
class LearningRateUnstable:
    """The cost does not jump up and down where a lower rate would let it fall.

    Why: A rate a little below the one at which the cost explodes throws the weights about. The
    loss stays high, or comes down late and by luck.
    What to do: Take the lower rate that the message names, which was tried from the same start;
    or warm up, or take larger batches.
    Fires on: --set optimizer.learning_rate=1.5
    Source: CS231n, "Neural Networks Part 3", loss function: high learning rates get stuck at worse
    values of loss, because "there is too much energy in the optimization and the parameters are
    bouncing around chaotically". 0.3 is a choice: none of 72 healthy experiments, with three seeds
    each, reached it.
    """

    type: Literal["learning-rate-unstable"] = "learning-rate-unstable"
    severity: Severe = "warn"
    behind: Annotated[
        float,
        Gt(0),
        Lt(1),
        doc("share of what there is to gain that a lower rate must be ahead by after 100 updates"),
    ] = 0.3


@dataclass(frozen=True, kw_only=True)
class UpdateRatio:
    """An update moves all weights by a sensible share of their size, about a thousandth.

    Why: Weights that an update moves by a tenth of their size are thrown about; those that it moves
    by far less than all others stay as they began.
    What to do: Where the ratio is large, lower the rate or start with larger weights. Where it is
    small for some weights only, start those smaller, or bring the inputs to a usual scale.
    Fires on: nntrain train --set network.1=batch_norm
    --set network.0.init='{type: normal, std: 300}'
    Source: CS231n, "Neural Networks Part 3", section Ratio of weights:updates: "somewhere around
    1e-3". Healthy runs were seen at 0.07 where weights start small, and anywhere below 1e-4 once
    there is little left to learn: a small ratio counts only where others are 100 times as large.
    """

    type: Literal["update-ratio"] = "update-ratio"
    severity: Severe = "warn"
    large: Annotated[float, Gt(0), doc("ratio above which weights are thrown about")] = 0.1
    small: Annotated[float, Ge(0), doc("ratio below which weights hardly learn")] = 1e-4

    def __post_init__(self) -> None:
        require_at_most(self, "small", "large")
