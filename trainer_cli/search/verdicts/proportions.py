"""How sure an accuracy is that was measured on so many examples, and which of two is better."""

from __future__ import annotations

from math import sqrt

# Two-sided 95 %: a standard normal number lies within ±1.96 so often.
Z = 1.959964


def interval(accuracy: float, examples: int) -> tuple[float, float]:
    """Return the 95 % interval of the accuracy that so many examples stand for.

    With p the share and n the number of examples:
    (p + z²/2n ± z·√(p(1 - p)/n + z²/4n²)) / (1 + z²/n).
    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> [round(end, 3) for end in interval(0.531, 1000)]
    [0.5, 0.562]
    """
    p, n = accuracy, examples
    middle = p + Z**2 / (2 * n)
    half = Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    scale = 1 + Z**2 / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def half_width(accuracy: float, examples: int) -> float:
    """Return half the width of the interval."""
    low, high = interval(accuracy, examples)
    return (high - low) / 2


def margin(best: float, other: float, examples: int) -> float:
    """Return by how much `best` must be above `other` to be better beyond noise.

    With (l, u) the intervals of the two it is √((best - l_best)² + (u_other - other)²), the lower
    half of the 95 % interval of their difference. It is made for two samples; trials are measured
    on the same examples and mostly fail on the same ones, so that less would often do.
    Source: Newcombe 1998, "Interval estimation for the difference between independent
    proportions: comparison of eleven methods", method 10.
    """
    low, _ = interval(best, examples)
    _, high = interval(other, examples)
    return sqrt((best - low) ** 2 + (high - other) ** 2)


def told_apart(best: float, other: float, examples: int) -> bool:
    """Return whether `best` is better than `other` beyond noise."""
    return best - other > margin(best, other, examples)
