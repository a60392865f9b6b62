"""A learning rate that stays as it is."""

from dataclasses import dataclass
from typing import Literal

from trainer_cli.optim.schedules.clock import Clock, Warmup


@dataclass(frozen=True, kw_only=True)
class Constant:
    """α(t) = α₀."""

    type: Literal["constant"] = "constant"
    warmup: Warmup = 0.0

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀ = 1."""
        return 1.0
