"""Rules about what training does with batches and gradients, apart from the rate it goes at."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Lt, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class BatchContents:
    """A batch holds the examples that were drawn for it, each with its own label.

    Why: Inputs and labels that are put in order apart from each other, or batches that are always
    the same, leave a network with nothing to learn but a few examples by heart.
    What to do: Look at what gathers the batches: are inputs and labels taken by the same numbers?
    Does an augmentation keep to one example at a time?
    Fires on: an augmentation that shuffles the inputs of a batch and leaves the labels.
    Source: Karpathy 2019, "A Recipe for Training Neural Networks": look at the batch just before it
    goes into the network. In float64 what is the same differs by rounding alone.
    """

    type: Literal["batch-contents"] = "batch-contents"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Lt(1), doc("share of the largest value that an input may be off by")
    ] = 1e-9


@dataclass(frozen=True, kw_only=True)
class UpdateDirection:
    """The first update lowers the cost of its own batch, to first order.

    Why: What moves the parameters up the gradient raises the cost with every step.
    What to do: Look at the sign in the optimizer: parameters move against the gradient.
    Fires on: an optimizer that adds the gradient instead of subtracting it.
    Source: Taylor's theorem: a change d of the parameters changes the cost by g·d, which is below 0
    for the first update of every optimizer there is here. What a decay of weights adds is left out.
    """

    type: Literal["update-direction"] = "update-direction"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class FrozenParameters:
    """Every parameter that has a gradient is moved by the updates.

    Why: A layer that is left out of the updates stays as it was drawn. The others learn to make
    the best of it, so that nothing but a lower accuracy shows it.
    What to do: Look at which parameters the optimizer is given.
    Fires on: an optimizer that leaves out the first layer.
    Source: this follows from the formula of every optimizer there is here.
    """

    type: Literal["frozen-parameters"] = "frozen-parameters"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class UpdateFormula:
    """The first updates are what the optimizer's published formula makes of their gradients.

    Why: Momentum that is never used, Adam without its correction at the start or a decay that falls
    on biases train all the same, only worse, and with rates that nobody else can use.
    What to do: The message names a parameter, the update that is wrong, and what the formula gives
    there; the hint, where the numbers tell it, the usual mistake that does just this.
    Fires on: Adam without the correction of its moments.
    Source: the papers and lectures that the optimizers name, their recurrences written out as sums
    over all gradients so far: the velocity of momentum ρ is -α (gₖ + ρ gₖ₋₁ + ρ² gₖ₋₂ + ...).
    """

    type: Literal["update-formula"] = "update-formula"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Lt(1), doc("share of an update that it may be off by, beyond rounding")
    ] = 1e-6


@dataclass(frozen=True, kw_only=True)
class MemberIndependence:
    """Networks trained side by side are moved as each of them alone.

    Why: Trials of a sweep, members of an ensemble and folds are trained as one stack. What they
    share by mistake makes their results worthless, and shows nowhere else.
    What to do: Look for state, rates or buffers that are not kept apart by member.
    Fires on: an optimizer that gives all members the velocity of the first.
    Source: this is what a stack promises. In float64 the two differ by rounding alone.
    """

    type: Literal["member-independence"] = "member-independence"
    severity: Severe = "fail"
    tolerance: Annotated[
        float, Gt(0), Lt(1), doc("share of the largest update that another may differ by")
    ] = 1e-6
