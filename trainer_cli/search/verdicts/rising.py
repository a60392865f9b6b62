"""Does accuracy still rise where a searched range ends?"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

# N trials, of which K lie in the window at the end of the range; S stages.

# The part of the range that is looked at. If accuracy has its peak in the inner 70 % of the range,
# and falls off to either side alike, it does not rise over the outer 30 %.
WINDOW = 0.3
# So many trials at so many different values are needed to see a rise and a turn. Where the window
# has fewer the next ones are taken, from the outer half of the range and no further.
FEWEST, DIFFERENT, HALF = 4, 3, 0.5
# Somebody must have tried the last part of it: what lies short of that is not beyond the range.
LAST = 0.15
# One-sided 5 %: the rise must be so many times its standard error, more for few trials.
Z = 1.644854
# All trials are measured on the same examples and mostly fail on the same ones, so that their
# errors do not average out as those of independent counts do. What stays true is the sign test:
# five examples that only one of two networks gets right are a matter of luck in 1 of 32 cases.
EXAMPLES = 5
# The last third of the window may be behind the middle third by this share of the standard error
# of their difference: an accuracy that comes to rest at the end of a range is no sign of a turn.
REST = 0.5

Figures = NDArray[np.float64]


def rises(places: Figures, accuracy: Figures, stages: NDArray[np.intp], examples: int) -> bool:
    """Return whether accuracy rises towards place 1 and does not turn before it.

    places    (N,) where the trials lie, 0 to 1
    accuracy  (N,) measured on so many examples; that of chance where a trial exploded
    stages    (N,) each of which has a level of its own, as later ones train for longer

    In the window a straight line is laid through the accuracies of all stages, with one slope and
    a level for each. Its slope is compared with its standard error, which comes from the scatter
    about a parabola, and from that of binomial counts if that is larger.
    """
    window = _window(places)
    if window is None:
        return False
    window = window[np.isin(stages[window], _stages_that_count(stages[window]))]
    x, y, level = places[window], accuracy[window], stages[window]
    of_stage = (level[:, None] == np.unique(level)).astype(np.float64)  # (K, S)
    line = np.column_stack([of_stage, x])  # (K, S + 1)
    if len(x) <= line.shape[1] or np.linalg.matrix_rank(line) < line.shape[1]:
        return False
    coefficients = np.linalg.lstsq(line, y, rcond=None)[0]
    scatter, freedom = _scatter(line, x, y)
    share = np.clip(y, 1 / examples, 1 - 1 / examples)
    variance = max(scatter, float(np.mean(share * (1 - share))) / examples)
    error = sqrt(variance * np.linalg.inv(line.T @ line)[-1, -1])
    if not coefficients[-1] > student(freedom) * error:
        return False
    if coefficients[-1] * np.ptp(x) * examples < EXAMPLES:
        return False
    flat = y - of_stage @ coefficients[:-1]  # without the levels
    third = len(x) // 3
    last, middle = flat[:third], flat[third : 2 * third]
    return bool(last.mean() - middle.mean() > -REST * sqrt(2 * variance / third))


def _window(places: Figures) -> NDArray[np.intp] | None:
    """Return who is looked at, the outermost first; None if there are too few."""
    order = np.argsort(-places, kind="stable")
    outer = places[order]
    if not len(outer) or outer[0] < 1 - LAST:
        return None
    for count in range(int(np.sum(outer >= 1 - WINDOW)), int(np.sum(outer >= HALF)) + 1):
        if count >= FEWEST and len(np.unique(outer[:count])) >= DIFFERENT:
            return order[:count]
    return None


def _stages_that_count(stages: NDArray[np.intp]) -> list[int]:
    """Return the stages with enough trials to tell their scatter, or the one with the most."""
    numbers, counts = np.unique(stages, return_counts=True)
    many = [int(n) for n, count in zip(numbers, counts, strict=True) if count >= FEWEST]
    return many or [int(numbers[np.argmax(counts)])]


def _scatter(line: Figures, x: Figures, y: Figures) -> tuple[float, int]:
    """Return the variance about a parabola with the levels of `line`, and its freedom.

    About the line itself where a parabola would leave less than two degrees of freedom.
    """
    parabola = np.column_stack([line, x**2])
    fits = len(x) - parabola.shape[1] >= 2 and len(np.unique(x)) > DIFFERENT
    matrix = parabola if fits else line
    left = y - matrix @ np.linalg.lstsq(matrix, y, rcond=None)[0]
    freedom = len(x) - matrix.shape[1]
    return float(left @ left) / freedom, freedom


def student(freedom: int) -> float:
    """Return the 95 % quantile of Student's t: 1.645 for many degrees of freedom, 2.9 for two.

    Source: Abramowitz & Stegun 1964, "Handbook of Mathematical Functions", 26.7.5.

    >>> [round(student(n), 2) for n in (3, 5, 10, 100)]
    [2.35, 2.01, 1.81, 1.66]
    """
    z = Z
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return float(sum(term / freedom**power for power, term in enumerate(terms)))
