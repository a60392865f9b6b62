"""A learning rate that falls as one over time."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, doc

from trainer_cli.optim.schedules.clock import Clock, Per, Warmup


@dataclass(frozen=True, kw_only=True)
class InverseTime:
    """α(t) = α₀ / (1 + rate · t), with the time t in epochs.

    Source: CS231n, "Neural Networks Part 3", section Annealing the learning rate.
    """

    type: Literal["inverse_time"] = "inverse_time"
    rate: Annotated[float, Gt(0), doc("factor k of the time t in 1 / (1 + k·t)")] = 0.1
    per: Per = "epoch"
    warmup: Warmup = 0.0

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in (0, 1]."""
        return 1.0 / (1.0 + self.rate * clock.time(self.per))
