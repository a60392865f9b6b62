"""Rules about what regularization adds to the loss and its gradient, and what it bounds."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.config.rules.ordered import require_at_least
from trainer_cli.config.rules.severity import Severe

Tolerance = Annotated[float, Gt(0), Le(1), doc("relative error up to which both sides are equal")]


@dataclass(frozen=True, kw_only=True)
class RegularizationLoss:
    """With the penalty turned up the loss rises by exactly l1·Σ|w| + ½·l2·Σw² over all weights.

    Why: That the loss goes up shows only that there is some penalty. A factor of two, a layer left
    out or a penalty on biases still makes it go up, and then a strength that is found to be best
    here is another one everywhere else.
    What to do: Look for a wrong factor, a layer left out, or a penalty on more than the weights.
    Fires on: a penalty that leaves out the ½, or the last layer.
    Source: CS231n, "Babysitting the learning process": crank up regularization, the loss goes up.
    In float64 both sides agree to about 1e-12; every mistake of this kind is far above 1e-5.
    """

    type: Literal["regularization-loss"] = "regularization-loss"
    severity: Severe = "fail"
    tolerance: Tolerance = 1e-5


@dataclass(frozen=True, kw_only=True)
class RegularizationGradient:
    """With the penalty turned up the gradient of each weight rises by l1·sign(w) + l2·w.

    Why: The gradient is what trains. One that does not fit its loss pulls the weights elsewhere
    than the loss says, and one on biases keeps the network from moving its thresholds. Biases get
    random values for this, as a penalty on zeros would not show.
    What to do: Look at the penalty's gradient: l1·sign(w) + l2·w for weights, 0 for all other
    parameters.
    Fires on: a penalty whose gradient falls on biases as well.
    Source: CS231n, "Neural Networks Part 2", section Regularization. The tolerance is that of
    regularization-loss, for the same reason.
    """

    type: Literal["regularization-gradient"] = "regularization-gradient"
    severity: Severe = "fail"
    tolerance: Tolerance = 1e-5


@dataclass(frozen=True, kw_only=True)
class MaxNorm:
    """After every update each unit has Σw² <= max_norm, and what is within is left alone.

    Why: A bound along the wrong axis, or on all units at once, keeps single units as large as they
    are and shrinks others that need not be.
    What to do: After an update scale w ← w·√(max_norm / Σw²) for every unit with Σw² > max_norm,
    and nothing else.
    Fires on: a bound on the weights of each input in place of each unit.
    Source: Srivastava et al. 2014, "Dropout", section 5.1; CS231n, "Neural Networks Part 2",
    section Regularization. Both sides are computed in float64 from the same weights.
    """

    type: Literal["max-norm"] = "max-norm"
    severity: Severe = "fail"
    tolerance: Tolerance = 1e-9


@dataclass(frozen=True, kw_only=True)
class PenaltyOutweighsLoss:
    """At the start the penalty does not outweigh the loss of the data many times.

    Why: Training lowers the sum of both. Where nearly all of it is the penalty, the weights are
    made small before they are made useful, and the network ends with equal scores.
    What to do: Lower the strengths: on networks of usual size 1e-4 to 1e-2 is usual for l2, and l1
    is smaller still.
    Fires on: --set regularization.l2=1e4
    Source: CS231n, "Neural Networks Part 3", section Sanity checks: a stronger penalty raises the
    loss. On the digits the loss of two layers no longer fell where the penalty was more than 8
    times that of chance. It grows with the number of units, so that sound networks of some
    thousands of them, or deep ones, are at 1 to 5.
    """

    type: Literal["penalty-outweighs-loss"] = "penalty-outweighs-loss"
    severity: Severe = "fail"
    unusual: Annotated[
        float, Ge(0), doc("multiple of the loss of equal scores above which it warns")
    ] = 10.0
    wrong: Annotated[float, Gt(0), doc("multiple from which on it fails")] = 100.0

    def __post_init__(self) -> None:
        require_at_least(self, "wrong", "unusual")
