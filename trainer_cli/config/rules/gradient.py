"""Rules about gradients: are they the slopes of the loss and of the penalty?"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Le, doc

from trainer_cli.config.rules.ordered import require_at_least
from trainer_cli.config.rules.severity import Severe

Fine = Annotated[float, Gt(0), Le(1), doc("relative error up to which a gradient is right")]
FineWithKinks = Annotated[
    float, Gt(0), Le(1), doc("relative error up to which it is where there are kinks (relu, svm)")
]
Wrong = Annotated[float, Gt(0), Le(1), doc("relative error above which it fails, not only warns")]


@dataclass(frozen=True, kw_only=True)
class GradientAtStart:
    """At the start each gradient that backward gives agrees with difference quotients of the loss.

    Why: A wrong gradient hardly ever stops training, it only makes it worse: the network learns,
    less than it could, and nothing tells why.
    What to do: The message names the parameter nearest the scores that is wrong and a coordinate of
    it; the hint names the layer that turns a right gradient into a wrong one. Look at its backward.
    Fires on: a relu that hands on the gradient where its input was negative.
    Source: CS231n, "Neural Networks Part 3", section Gradient checks: a relative error above 1e-2
    is probably wrong, below 1e-4 is fine where there are kinks, and too high where there are none.
    Smooth networks are right to 1e-7, and to a little less where they have many layers.
    """

    type: Literal["gradient-at-start"] = "gradient-at-start"
    severity: Severe = "fail"
    fine: Fine = 1e-6
    fine_with_kinks: FineWithKinks = 1e-4
    wrong: Wrong = 1e-2

    def __post_init__(self) -> None:
        require_at_least(self, "wrong", "fine")
        require_at_least(self, "wrong", "fine_with_kinks")


@dataclass(frozen=True, kw_only=True)
class GradientTrained:
    """After 10 updates each gradient that backward gives still agrees with difference quotients.

    Why: At the start a network can hide what is wrong: with zero weights or biases whole parts of
    backward multiply by 0. After some updates it is at a place like those that training goes
    through.
    What to do: As for gradient-at-start. Where that passes, look at what was zero or equal at the
    start, and at what a layer keeps from one batch to the next.
    Fires on: a layer that forgets the last example of a batch that is not full.
    Source: CS231n, "Neural Networks Part 3", section Gradient checks: "a short burn-in time during
    which the network is allowed to learn". The thresholds are those of gradient-at-start.
    """

    type: Literal["gradient-trained"] = "gradient-trained"
    severity: Severe = "fail"
    fine: Fine = 1e-6
    fine_with_kinks: FineWithKinks = 1e-4
    wrong: Wrong = 1e-2

    def __post_init__(self) -> None:
        require_at_least(self, "wrong", "fine")
        require_at_least(self, "wrong", "fine_with_kinks")


@dataclass(frozen=True, kw_only=True)
class PenaltyGradientAtStart:
    """At the start the gradient of the penalty agrees with difference quotients of the penalty.

    Why: In one sum with the loss the larger of the two hides what is wrong with the other, so that
    the penalty is looked at by itself.
    What to do: Look at the penalty's gradient: a factor, a layer left out, or more than the
    weights.
    Fires on: a penalty of ½·l2·Σw² with the gradient 2·l2·w.
    Source: CS231n, "Neural Networks Part 3", section Gradient checks: "don't let the
    regularization overwhelm the data". Two-sided quotients are exact for parabolas, up to rounding.
    """

    type: Literal["penalty-gradient-at-start"] = "penalty-gradient-at-start"
    severity: Severe = "fail"
    fine: Fine = 1e-6
    wrong: Wrong = 1e-2

    def __post_init__(self) -> None:
        require_at_least(self, "wrong", "fine")


@dataclass(frozen=True, kw_only=True)
class PenaltyGradientTrained:
    """After 10 updates the gradient of the penalty still agrees with difference quotients.

    Why: Biases begin at zero, where a penalty on them has no gradient; after some updates it has.
    What to do: Look at the penalty's gradient: a factor, a layer left out, or more than the
    weights.
    Fires on: a penalty whose gradient falls on biases, and whose loss does not.
    Source: CS231n, "Neural Networks Part 3", section Gradient checks. The thresholds are those of
    penalty-gradient-at-start.
    """

    type: Literal["penalty-gradient-trained"] = "penalty-gradient-trained"
    severity: Severe = "fail"
    fine: Fine = 1e-6
    wrong: Wrong = 1e-2

    def __post_init__(self) -> None:
        require_at_least(self, "wrong", "fine")
