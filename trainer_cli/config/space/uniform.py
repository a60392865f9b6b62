"""Numbers that are all equally likely."""

from dataclasses import dataclass
from math import floor, inf, log10, nextafter
from typing import Annotated, Literal

from annotated_types import doc

from trainer_cli.config.space.range import Range, between, evenly, number_text, rounded, share


@dataclass(frozen=True, kw_only=True)
class Uniform(Range):
    """A number between low and high, all equally likely: `{uniform: [low, high]}`."""

    type: Literal["uniform"] = "uniform"
    low: Annotated[float, doc("smallest number that is drawn")]
    high: Annotated[float, doc("number that stays above all that are drawn")]

    def at(self, u: float) -> float:
        """Return low + u·(high - low), below high also where that is rounded."""
        return min(max(self.low, self.value_at(u)), nextafter(self.high, -inf))

    def value_at(self, place: float) -> float:
        """Return the number at a place."""
        return between(self.low, self.high, place)

    def place(self, value: float) -> float:
        """Return where a number lies."""
        return share(value, self.low, self.high)

    def spread(self, count: int) -> list[float]:
        """Return `count` numbers, evenly from low to high, both included."""
        return [self.value_at(place) for place in evenly(count)]

    def text(self) -> str:
        """Return how a lecture writes it: uniform(0, 0.5)."""
        return f"uniform({number_text(self.low)}, {number_text(self.high)})"

    def outward(self, start: float, end: float) -> tuple[float, float]:
        """Return bounds with two digits of the width between them: 0.137 to 0.322 is 0.13, 0.33."""
        low, high = self.value_at(start), self.value_at(end)
        if not 0 < high - low < inf:
            return low, high
        decimals = 1 - floor(log10(high - low))
        return rounded(low, decimals, up=False), rounded(high, decimals, up=True)
