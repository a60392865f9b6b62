"""Finds examples that are almost those of another split, as after noise or a change of format.

n examples of a sample, N of the other split, F features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Examples
from trainer_cli.nn.layers.place import Array

# Copies are near in any features: so many, and so many examples, take a tenth of a second among
# fifty thousand.
SAMPLE, FEATURES = 150, 64
# Of neighbours that lie evenly, the nearest is by chance in one of fifty cases so near, beside the
# second, as what counts for a copy; never further than a quarter of the way.
NEIGHBOURS, BY_CHANCE, NEAREST = 10, 0.02, 0.25
# Features that vary by less than this share of what is usual are no larger than they look: noise
# is all that varies at the margin of images.
LEAST = 0.1


def near_copies(examples: Examples, others: Examples) -> tuple[int, int]:
    """Return how many of a sample of the examples have a near copy among the others, and its size.

    Equal ones do not count. It is judged by stored values, in standard deviations.
    """
    if len(others) <= NEIGHBOURS:
        return 0, 1
    columns = np.linspace(0, others.stored.shape[1] - 1, FEATURES).astype(np.intp)
    columns = np.unique(columns)
    y = _columns(others, np.arange(len(others)), columns)  # (N, F)
    x = _columns(examples, examples.evenly(SAMPLE), columns)  # (n, F)
    center, spread = y.mean(axis=0), y.std(axis=0)
    spread = np.maximum(spread, LEAST * np.median(spread))
    spread[spread == 0] = 1
    x, y = ((each - center) / spread for each in (x, y))
    apart = np.square(y).sum(axis=1) - 2 * (x @ y.T)  # (n, N), but for |x|²
    few = np.argpartition(apart, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]  # (n, 10)
    exact = np.sqrt(np.square(x[:, None] - y[few]).sum(axis=2))  # no rounding of a difference
    exact.sort(axis=1)
    nearest, second = exact[:, 0], exact[:, 1]
    close = (nearest > 0) & (nearest < _copied(exact) * second)
    return int(np.count_nonzero(close)), len(x)


def _copied(distances: Array) -> float:
    """Return the share of the way to the second neighbour within which the nearest is a copy.

    In m dimensions the nearest lies within a share r in r^m of all cases. m is told by the others,
    distances (n, 10): 1/m is the mean of ln(d_10 / d_j). In small clusters, where the nearest may
    be near by right, it comes out low, and r with it.
    Source: Levina and Bickel 2005, "Maximum likelihood estimation of intrinsic dimension".
    """
    others, tenth = distances[:, 1:-1], distances[:, -1:]
    ratios = (tenth / np.where(others > 0, others, np.inf))[others > 0]
    inverse = float(np.log(ratios).mean()) if ratios.size else 1.0
    return float(min(NEAREST, BY_CHANCE**inverse))


def _columns(examples: Examples, positions: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
    """Return these stored features of the examples, float32."""
    values: Array = examples.stored[np.ix_(examples.rows[positions], columns)].astype(np.float32)
    return values
