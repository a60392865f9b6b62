"""A learning rate that falls ever faster, as the root of the time that is left."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from trainer_cli.optim.schedules.clock import Clock, Per, Warmup


@dataclass(frozen=True, kw_only=True)
class Sqrt:
    """α(t) = α₀ · √(1 - t / T), with the time t of T epochs.

    It reaches 0 when training ends: the last update still moves.
    """

    type: Literal["sqrt"] = "sqrt"
    per: Per = "step"
    warmup: Warmup = 0.0

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in (0, 1]."""
        return sqrt(1.0 - clock.time(self.per) / clock.epochs)
