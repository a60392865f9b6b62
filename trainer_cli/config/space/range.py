"""What distributions of numbers have in common: a way from low to high, and places on it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import log10
from typing import Any, Self

from trainer_cli.config.parts import name_of


@dataclass(frozen=True, kw_only=True)
class Range(ABC):
    """Numbers from low to high; a *place* is how far on the way one lies: 0 at low, 1 at high.

    The way is that of the draws: equal steps on it are equally likely.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            bounds = " and ".join(str(bound).removesuffix(".0") for bound in (self.low, self.high))
            raise ValueError(f"low must be less than high, got {bounds}")

    @abstractmethod
    def at(self, u: float) -> float:
        """Return the number below which a share `u` of all draws lies, 0 <= u < 1."""

    @abstractmethod
    def value_at(self, place: float) -> float:
        """Return the number at a place; places below 0 and above 1 lead out of the range."""

    @abstractmethod
    def place(self, value: float) -> float:
        """Return where a number lies."""

    @abstractmethod
    def spread(self, count: int) -> Sequence[float]:
        """Return `count` different numbers, evenly from low to high, both included.

        One is the middle; whole numbers are fewer where the range has no more.
        """

    @abstractmethod
    def text(self) -> str:
        """Return how a lecture writes it, such as 10**uniform(-6, 0)."""

    @abstractmethod
    def outward(self, start: float, end: float) -> tuple[float, float]:
        """Return readable bounds that two places lie between."""

    def around(self, values: Sequence[float], tried: int) -> Self:
        """Return the part of the range around `values`, of which there is at least one.

        It goes from the smallest to the largest of them and on either side further by the mean
        gap between them, at least by the gap between the `tried` different numbers that were
        tried in all; then to the next readable bounds, never out of this range.
        """
        start, end = surroundings([self.place(value) for value in values], tried)
        low, high = self.outward(start, end)
        low = self.low if start == 0 else max(self.low, low)
        high = self.high if end == 1 else min(self.high, high)
        return replace(self, low=low, high=high) if low < high else self

    def written(self) -> dict[str, list[Any]]:
        """Return what a file says for it: {"uniform": [0.0, 0.5]}."""
        return {name_of(type(self)): [self.low, self.high]}


def evenly(count: int) -> list[float]:
    """Return `count` places from 0 to 1; of one, the middle."""
    return [i / (count - 1) for i in range(count)] if count > 1 else [0.5]


def surroundings(places: Sequence[float], tried: int) -> tuple[float, float]:
    """Return from where to where a narrowed range goes."""
    lowest, highest = min(places), max(places)
    gaps = max(1, len(set(places)) - 1)
    margin = max((highest - lowest) / gaps, 1 / max(1, tried - 1))
    return max(0.0, lowest - margin), min(1.0, highest + margin)


def between(low: float, high: float, place: float) -> float:
    """Return the number at a place of the straight way from low to high, the ends exactly."""
    return float(low * (1 - place) + high * place)


def power_between(low: float, high: float, place: float) -> float:
    """Return low·(high / low)**place, in log space; the ends exactly."""
    if place in (0, 1):
        return float(high if place else low)
    # Rounded, so that a grid from 0.001 to 1 has 0.1 in it and not 0.10000000000000005.
    return float(10.0 ** round(between(log10(low), log10(high), place), 14))


def share(value: float, low: float, high: float) -> float:
    """Return the place of a value on the straight way from low to high."""
    return (value - low) / (high - low) if low != high else 0.5


def log_share(value: float, low: float, high: float) -> float:
    """Return the place of a value on the way from low to high in log space."""
    return share(log10(value), log10(low), log10(high))


def rounded(value: float, decimals: int, *, up: bool) -> float:
    """Return the nearest number of so many decimals that is not below, or not above, `value`.

    A millionth of the last decimal does not count: 0.36000000000000004 is 0.36.

    >>> rounded(0.137, 2, up=False), rounded(0.137, 2, up=True), rounded(1270.0, -2, up=True)
    (0.13, 0.14, 1300.0)
    """
    step = Decimal(1).scaleb(-decimals)
    direction = ROUND_CEILING if up else ROUND_FLOOR
    return float(round(Decimal(repr(value)) / step, 6).to_integral_value(direction) * step)


def exponents_text(low: float, high: float) -> str:
    """Return the powers of ten of two bounds, with as few decimals as tell them apart.

    >>> exponents_text(1e-6, 200), exponents_text(0.001, 0.00101)
    ('-6, 2.3', '-3, -2.996')
    """
    bounds = [log10(low), log10(high)]
    texts: list[str] = []
    for decimals in range(2, 18):
        texts = [number_text(round(bound, decimals)) for bound in bounds]
        if texts[0] != texts[1]:
            break
    return ", ".join(texts)


def number_text(value: float) -> str:
    """Return a number as one would write it: 0 for 0.0 and for -0.0."""
    return repr(value + 0).removesuffix(".0")
