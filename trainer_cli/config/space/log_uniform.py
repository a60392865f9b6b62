"""Numbers that are equally likely by their size: in every decade as often as in any other."""

from dataclasses import dataclass
from math import inf, log10, nextafter
from typing import Annotated, Literal

from annotated_types import Gt, doc

from trainer_cli.config.space.range import (
    Range,
    evenly,
    exponents_text,
    log_share,
    power_between,
    rounded,
)


@dataclass(frozen=True, kw_only=True)
class LogUniform(Range):
    """A number whose logarithm is uniform: `{log_uniform: [low, high]}`.

    Right for settings that act by their size, such as learning rates and penalties.
    Source: CS231n, "Neural Networks Part 3", section Hyperparameter optimization.
    """

    type: Literal["log_uniform"] = "log_uniform"
    low: Annotated[float, Gt(0), doc("smallest number that is drawn")]
    high: Annotated[float, Gt(0), doc("number that stays above all that are drawn")]

    def at(self, u: float) -> float:
        """Return low·(high / low)**u, below high also where that is rounded."""
        return min(max(self.low, self.value_at(u)), nextafter(self.high, -inf))

    def value_at(self, place: float) -> float:
        """Return the number at a place, in log space."""
        return power_between(self.low, self.high, place)

    def place(self, value: float) -> float:
        """Return where a number above 0 lies, in log space."""
        return log_share(value, self.low, self.high)

    def spread(self, count: int) -> list[float]:
        """Return `count` numbers, evenly from low to high in log space, both included."""
        return [self.value_at(place) for place in evenly(count)]

    def text(self) -> str:
        """Return how a lecture writes it: 10**uniform(-6, 0)."""
        return f"10**uniform({exponents_text(self.low, self.high)})"

    def outward(self, start: float, end: float) -> tuple[float, float]:
        """Return bounds that are powers of ten with one decimal: 10**-3.4."""
        low, high = log10(self.value_at(start)), log10(self.value_at(end))
        return 10.0 ** rounded(low, 1, up=False), 10.0 ** rounded(high, 1, up=True)
