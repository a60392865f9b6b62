"""The line among the points of a sweep's picture: what is reached at each value of a key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer_cli.search.sweep import Swept

# G places of a line, N trials.

Floats = NDArray[np.float64]
GRID = 300  # places of a line
# Standard deviation of the bell curve that weighs the trials near a place, as a share of the line:
# what this many trials take on average, but never less or more than the bounds.
NEARBY, NARROWEST, WIDEST = 2, 0.02, 0.06
LEAST = 3  # trials that the mean of all must be of, or there is no line


def best_share(swept: Swept) -> float:
    """Return which share of neighbouring trials a line is the mean of.

    Where other keys were searched too, neighbours differ in those: the best of them show what can
    be reached.
    """
    return 1.0 if len(swept.stages[0].space) == 1 else 0.25


def line_among(xs: Floats, ys: Floats, share: float) -> tuple[Floats, Floats]:
    """Return a line from the least to the greatest x: the mean of the best `share` of y nearby.

    Near is weighed by a bell curve, which is wider where there are fewer trials.
    """
    grid = np.linspace(xs.min(), xs.max(), GRID)  # (G,)
    width = np.clip(NEARBY / len(xs), NARROWEST, WIDEST) * np.ptp(grid)
    best_first = np.argsort(-ys)
    away = grid[:, None] - xs[best_first]  # (G, N)
    weight = np.exp(-0.5 * (away / width) ** 2)
    before = np.cumsum(weight, axis=1) - weight
    weight = np.clip(share * weight.sum(axis=1, keepdims=True) - before, 0, weight)
    return grid, (weight * ys[best_first]).sum(axis=1) / weight.sum(axis=1)
