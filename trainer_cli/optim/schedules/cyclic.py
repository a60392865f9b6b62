"""A learning rate that goes up and down between two bounds."""

from dataclasses import dataclass
from math import fmod
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.optim.schedules.clock import SHORTEST, Clock, Per, Warmup


@dataclass(frozen=True, kw_only=True)
class Cyclic:
    """α(t) = α₀ · (low + (1 - low) · (1 - |2 τ / P - 1|)), with τ of a period of P epochs.

    A triangle: from low · α₀ up to α₀ in half a period, and down again.
    Source: Smith 2017, which has half a period of 2 to 10 epochs and a low of a third or a quarter.
    """

    type: Literal["cyclic"] = "cyclic"
    low: Annotated[float, Gt(0), Le(1), doc("share of the rate that a period begins with")] = 0.25
    period: Annotated[float, Ge(SHORTEST), doc("number of epochs up and down")] = 4.0
    per: Per = "step"
    warmup: Warmup = 0.0

    def __post_init__(self) -> None:
        if self.per == "epoch" and self.period < 2:
            raise ValueError(f"period must be at least 2 with per: epoch, got {self.period:g}")

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in [low, 1]."""
        done = fmod(clock.time(self.per), self.period) / self.period
        return self.low + (1.0 - self.low) * (1.0 - abs(2.0 * done - 1.0))
