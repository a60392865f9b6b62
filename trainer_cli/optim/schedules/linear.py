"""A learning rate that falls along a straight line."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, doc

from trainer_cli.optim.schedules.clock import Clock, Per, Warmup


@dataclass(frozen=True, kw_only=True)
class Linear:
    """α(t) = α₀ · (1 - (1 - final) · t / T), with the time t of T epochs.

    It reaches the final share when training ends: the last update goes a little faster.
    """

    type: Literal["linear"] = "linear"
    final: Annotated[float, Ge(0), Le(1), doc("share of the rate that is left at the end")] = 0.0
    per: Per = "step"
    warmup: Warmup = 0.0

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in (0, 1]."""
        return 1.0 - (1.0 - self.final) * (clock.time(self.per) / clock.epochs)
