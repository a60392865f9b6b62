"""A learning rate that drops now and then."""

from dataclasses import dataclass
from math import floor
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.optim.schedules.clock import ROUNDING, SHORTEST, Clock, Per, Warmup


@dataclass(frozen=True, kw_only=True)
class Step:
    """α(t) = α₀ · factorⁿ, n = ⌊t / every⌋, with the time t in epochs.

    Source: CS231n, "Neural Networks Part 3", section Annealing the learning rate: half every 5
    epochs, or a tenth every 20.
    """

    type: Literal["step"] = "step"
    factor: Annotated[float, Gt(0), Le(1), doc("what every drop multiplies the rate by")] = 0.5
    every: Annotated[float, Ge(SHORTEST), doc("number of epochs from drop to drop")] = 5.0
    per: Per = "step"
    warmup: Warmup = 0.0

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in (0, 1]."""
        drops = floor(clock.time(self.per) / self.every + ROUNDING)
        return float(self.factor**drops)
