"""Makes curves of a hundred thousand updates small enough to be drawn, with every spike in them.

T points of a curve, B buckets of neighbouring points.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Numbers = NDArray[Any]

BUCKETS = 500  # a low and a high for each: as many points as a picture has pixels across
# A mean over so many points on either side of each: a 40th of the curve in all.
SMOOTHED_OVER = 80
FEW = 120  # points that can be read one by one


@dataclass(frozen=True)
class Band:
    """The lowest and highest of each bucket's values, (B,), at the middle of its places `x`."""

    x: Values
    low: Values
    high: Values


def band(x: Numbers, y: Numbers, buckets: int = BUCKETS) -> Band:
    """Return how far a curve (T,) goes down and up; NaN and infinities are passed over.

    A spike of a single point stays as high as it was.
    """
    x, y = _finite(x, y)
    if len(x) <= buckets:
        return Band(x, y, y)
    edges = np.linspace(0, len(x), buckets + 1).astype(np.intp)[:-1]
    counts = np.diff(edges, append=len(x))
    return Band(
        np.add.reduceat(x, edges) / counts,
        np.minimum.reduceat(y, edges),
        np.maximum.reduceat(y, edges),
    )


def smoothed(x: Numbers, y: Numbers, points: int = BUCKETS) -> tuple[Values, Values]:
    """Return the running mean of a curve (T,), at no more than so many places.

    Near the beginning the mean goes over as many neighbours on either side as there are before, so
    that the curve begins at its first value; near the end, where nothing falls steeply any more,
    over all that there are. A short curve stays as it is.
    """
    x, y = _finite(x, y)
    if len(x) > FEW:
        at = np.arange(len(x))
        half = np.minimum(at, len(x) // SMOOTHED_OVER)
        begin, end = at - half, np.minimum(at + half + 1, len(x))
        total = np.concatenate([[0.0], np.cumsum(y)])
        y = (total[end] - total[begin]) / (end - begin)
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), points)).astype(np.intp))
    return x[kept], y[kept]


def thinned(x: Numbers, y: Numbers, buckets: int = BUCKETS) -> tuple[Values, Values]:
    """Return at most two points of every bucket, its lowest and its highest, in their order.

    NaN and infinities are passed over.
    """
    x, y = _finite(x, y)
    if len(x) <= 2 * buckets:
        return x, y
    edges = np.linspace(0, len(x), buckets + 1).astype(np.intp)
    kept: set[int] = {0, len(x) - 1}
    for begin, end in pairwise(edges.tolist()):
        part = y[begin:end]
        kept |= {int(begin + part.argmin()), int(begin + part.argmax())}
    chosen = sorted(kept)
    return x[chosen], y[chosen]


def _finite(x: Numbers, y: Numbers) -> tuple[Values, Values]:
    good = np.isfinite(y)
    return np.asarray(x, np.float64)[good], np.asarray(y, np.float64)[good]
