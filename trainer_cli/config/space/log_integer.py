"""Whole numbers that are equally likely by their size."""

from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor
from typing import Annotated, Literal

from annotated_types import Gt, Le, doc

from trainer_cli.config.space.range import (
    Range,
    evenly,
    exponents_text,
    log_share,
    power_between,
)

MOST = 10**15  # floating-point numbers up to here have halves


@dataclass(frozen=True, kw_only=True)
class LogInt(Range):
    """A whole number whose logarithm is about uniform: `{log_int: [low, high]}`, both included.

    Number n is drawn with the share that log-uniform draws have between n - 1/2 and n + 1/2.
    """

    type: Literal["log_int"] = "log_int"
    low: Annotated[int, Gt(0), Le(MOST), doc("smallest whole number that is drawn")]
    high: Annotated[int, Gt(0), Le(MOST), doc("largest whole number that is drawn")]

    def at(self, u: float) -> int:
        """Return (low - 1/2)·((high + 1/2) / (low - 1/2))**u, rounded."""
        drawn = _nearest(power_between(self.low - 0.5, self.high + 0.5, u))
        return min(max(self.low, drawn), self.high)

    def value_at(self, place: float) -> int:
        """Return the whole number nearest to a place, in log space."""
        return _nearest(power_between(self.low, self.high, place))

    def place(self, value: float) -> float:
        """Return where a number above 0 lies, in log space."""
        return log_share(value, self.low, self.high)

    def spread(self, count: int) -> list[int]:
        """Return `count` of them, evenly in log space from low to high, or all.

        Where several would be one, as small numbers are, the next larger ones are taken.
        """
        places = evenly(min(count, self.high - self.low + 1))
        nearest = (self.value_at(place) for place in places)
        return list(accumulate(nearest, lambda last, value: max(last + 1, value)))

    def text(self) -> str:
        """Return how a lecture writes it: int(10**uniform(1, 2.3))."""
        return f"int(10**uniform({exponents_text(self.low, self.high)}))"

    def outward(self, start: float, end: float) -> tuple[int, int]:
        """Return the next whole numbers."""
        low = power_between(self.low, self.high, start)
        return floor(low), ceil(power_between(self.low, self.high, end))


def _nearest(value: float) -> int:
    return floor(value + 0.5)
