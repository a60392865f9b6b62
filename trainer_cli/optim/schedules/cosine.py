"""A learning rate that swings down as half a cosine, and may start again."""

from dataclasses import dataclass
from math import cos, expm1, floor, log, log1p, pi
from typing import Annotated, Literal

from annotated_types import Ge, Le, doc

from trainer_cli.optim.schedules.clock import ROUNDING, SHORTEST, Clock, Per, Warmup


@dataclass(frozen=True, kw_only=True)
class Cosine:
    """α(t) = α₀ · (floor + (1 - floor) · ½ (1 + cos(π τ / P))).

    τ is the time in epochs since the last restart, and P the length of its period: that of the
    first, times growth for each one since. Without a period the rate falls once, all training
    long. Source: Loshchilov & Hutter 2017 (SGDR), equation 5.
    """

    type: Literal["cosine"] = "cosine"
    period: Annotated[
        Annotated[float, Ge(SHORTEST)] | None,
        doc("number of epochs up to the first restart, the whole training if left out"),
    ] = None
    growth: Annotated[
        float, Ge(1), Le(1000), doc("factor by which every period is longer than the last")
    ] = 1.0
    floor: Annotated[float, Ge(0), Le(1), doc("share of the rate that a period ends with")] = 0.0
    per: Per = "step"
    warmup: Warmup = 0.0

    def __post_init__(self) -> None:
        if self.period is None or self.growth > 1:
            return
        if self.per == "epoch" and self.period <= 1:  # every epoch would begin a period
            raise ValueError(f"period must be greater than 1 with per: epoch, got {self.period:g}")

    def scale(self, clock: Clock) -> float:
        """Return α(t) / α₀, in (0, 1]."""
        first = clock.epochs if self.period is None else self.period
        done = _share_of_period(clock.time(self.per) / first, self.growth)
        # cos²(x / 2) is ½ (1 + cos x), and is not rounded to 0 just before the end.
        return self.floor + (1.0 - self.floor) * cos(0.5 * pi * done) ** 2


def _share_of_period(time: float, growth: float) -> float:
    """Return how much of the current period is over at a time counted in first periods."""
    if growth == 1.0:
        return max(time - floor(time + ROUNDING), 0.0)
    # The periods 1, g, g², ... end at (gⁿ - 1) / (g - 1).
    n = floor(log1p(time * (growth - 1.0)) / log(growth) + ROUNDING)
    begun = expm1(n * log(growth)) / (growth - 1.0)
    return max((time - begun) / growth**n, 0.0)
