"""Where training stands, as schedules ask for it."""

from typing import Annotated, Literal, NamedTuple

from annotated_types import Ge, doc

# Time is counted in epochs, whatever the batches: in whole ones, or with what is in between.
Per = Annotated[
    Literal["epoch", "step"], doc("how often the rate changes: after every epoch or every update")
]
Warmup = Annotated[
    float, Ge(0), doc("number of epochs, or part of one, in which the rate first rises")
]
# Shorter periods than this are mistakes, and would divide by almost nothing.
SHORTEST = 0.001
ROUNDING = 1e-9  # of a time that ought to be a multiple of another


class Clock(NamedTuple):
    """Update number `step`, counted from 0, of `epochs` epochs of `steps_per_epoch` updates.

    `epochs` is no whole number where a schedule begins after a warm-up.
    """

    step: int
    steps_per_epoch: int
    epochs: float

    def time(self, per: Literal["epoch", "step"]) -> float:
        """Return the epochs that have gone by: the complete ones, or down to the last update."""
        if per == "epoch":
            return float(self.step // self.steps_per_epoch)
        return self.step / self.steps_per_epoch
