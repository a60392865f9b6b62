"""A learning rate that shrinks by the same factor every epoch."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Le, doc

from trainer_cli.optim.schedules.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Exponential:
    """α(t) = α₀ · factorᵉ, with e the number of complete epochs.

    Source: CS231n, "Neural Networks Part 3", section Annealing the learning rate; its two-layer
    network on CIFAR-10 uses 0.9.
    """

    type: Literal["exponential"] = "exponential"
    factor: Annotated[float, Gt(0), Le(1), doc("what every epoch multiplies the rate by")] = 0.95

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in (0, 1]."""
        return float(self.factor**clock.epoch)
