"""A learning rate that shrinks by the same factor every epoch."""

from dataclasses import dataclass
from math import exp
from typing import Annotated, Literal

from annotated_types import Gt, Le, doc

from trainer_cli.optim.schedules.clock import Clock, Per, Warmup


@dataclass(frozen=True, kw_only=True)
class Exponential:
    """α(t) = α₀ · factorᵗ = α₀ · exp(-rate · t), with the time t in epochs.

    Exactly one of the two is given. Source: CS231n, "Neural Networks Part 3", section Annealing
    the learning rate; its two-layer network on CIFAR-10 uses the factor 0.9.
    """

    type: Literal["exponential"] = "exponential"
    factor: Annotated[
        Annotated[float, Gt(0), Le(1)] | None, doc("what every epoch multiplies the rate by")
    ] = None
    rate: Annotated[
        Annotated[float, Gt(0)] | None, doc("exponent k of exp(-k·t), in place of the factor")
    ] = None
    per: Per = "epoch"
    warmup: Warmup = 0.0

    def __post_init__(self) -> None:
        if (self.factor is None) == (self.rate is None):
            given = "neither" if self.factor is None else "both"
            raise ValueError(f"factor or rate must be given, exactly one of the two, got {given}")

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in (0, 1]."""
        time = clock.time(self.per)
        if self.factor is not None:
            return float(self.factor**time)
        assert self.rate is not None  # as one of the two was given
        return exp(-self.rate * time)
