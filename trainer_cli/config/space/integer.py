"""Whole numbers that are all equally likely."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, Literal

from annotated_types import doc

from trainer_cli.config.space.range import Range, evenly, share


@dataclass(frozen=True, kw_only=True)
class Int(Range):
    """A whole number from low to high, both included: `{int: [low, high]}`."""

    type: Literal["int"] = "int"
    low: Annotated[int, doc("smallest whole number that is drawn")]
    high: Annotated[int, doc("largest whole number that is drawn")]

    def at(self, u: float) -> int:
        """Return low + ⌊u·n⌋ for n whole numbers, so that each has the same share."""
        return self.low + floor(Fraction(u) * self._count)

    def value_at(self, place: float) -> int:
        """Return the whole number nearest to a place."""
        return floor(self._exact(place) + Fraction(1, 2))

    def place(self, value: float) -> float:
        """Return where a number lies."""
        return share(value, self.low, self.high)

    def spread(self, count: int) -> list[int]:
        """Return `count` of them, evenly from low to high, or all."""
        return [self.value_at(place) for place in evenly(min(count, self._count))]

    def text(self) -> str:
        """Return it as text: int(10, 200)."""
        return f"int({self.low}, {self.high})"

    def outward(self, start: float, end: float) -> tuple[int, int]:
        """Return the next whole numbers."""
        return floor(self._exact(start)), ceil(self._exact(end))

    @property
    def _count(self) -> int:
        return self.high - self.low + 1

    def _exact(self, place: float) -> Fraction:
        return self.low + Fraction(place) * (self.high - self.low)
