"""Difference quotients of any order: where to evaluate a function, and how to weigh the values."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

# Binary digits of a float64, half of which a one-sided difference can use.
DIGITS = 52

Formula = Sequence[tuple[int, float]]


def formula(sides: int) -> Formula:
    """Return (k, c) pairs with f'(x) ≈ Σ c f(x + k h) / h; the error is of order h^sides.

    One side: (f(x + h) - f(x)) / h. An even number 2m: the central difference over ±h ... ±mh,
    with c = (-1)^(k+1) m!² / (k (m-k)! (m+k)!) for +k, and the opposite for -k; that is
    (f(x + h) - f(x - h)) / 2h for two sides.
    Source: CS231n, "Neural Networks Part 3", section Gradient checks; Fornberg 1988, "Generation
    of Finite Difference Formulas on Arbitrarily Spaced Grids".
    Raises ValueError for any other number.
    """
    if sides == 1:
        return ((1, 1.0), (0, -1.0))
    if sides < 1 or sides % 2:
        raise ValueError(f"{sides} is neither 1 nor a positive even number")
    m = sides // 2
    pairs: list[tuple[int, float]] = []
    for k in range(1, m + 1):
        c = (-1) ** (k + 1) * factorial(m) ** 2 / (k * factorial(m - k) * factorial(m + k))
        pairs += [(k, c), (-k, -c)]
    return tuple(pairs)


def step(sides: int) -> float:
    """Return the step, in units of what is moved, at which rounding and truncation balance.

    Rounding contributes ε / h and truncation h^sides, so that h = ε^(1 / (sides + 1)), here as a
    power of two: 1.5e-8, 7.6e-6, 1e-3, 8e-3 for 1, 2, 4, 6 sides.
    """
    return float(2.0 ** -round(DIGITS / (sides + 1)))
