"""Bounds, mean and deviation of many values in float64, without an array of their size.

F features of one member.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array

Block = NDArray[np.float64]

# So many values at a time are turned into float64, so that they stay in the cache.
BLOCK = 1 << 15


class Moments(NamedTuple):
    """How large the numbers of one array are: Euclidean norm, bounds, mean, standard deviation."""

    norm: float
    min: float
    max: float
    mean: float
    std: float


def in_blocks(array: Array) -> Iterator[Block]:
    """Yield copies of the values of an array (..., F), some rows at a time."""
    rows = array.reshape(-1, array.shape[-1])  # one member's: a view
    step = max(1, BLOCK // rows.shape[1])
    for start in range(0, len(rows), step):
        yield rows[start : start + step].astype(np.float64).reshape(-1)


def moments_of(blocks: Iterable[Block]) -> Moments:
    """Return the moments of all values together; the blocks are used up.

    Deviations are counted from the first value: those of equal values are exactly 0.
    """
    count, squares, lows, highs = 0, 0.0, [], []
    first, deviations, deviations_squared = 0.0, 0.0, 0.0
    for block in blocks:
        if not count:
            first = float(block[0])
        count += len(block)
        squares += float(block @ block)
        lows.append(block.min())
        highs.append(block.max())
        block -= first
        deviations += float(block.sum())
        deviations_squared += float(block @ block)
    shift = deviations / count
    variance = deviations_squared / count - shift * shift
    return Moments(
        norm=sqrt(squares),
        min=float(np.min(lows)),
        max=float(np.max(highs)),
        mean=first + shift,
        std=sqrt(variance) if not variance <= 0 else 0.0,  # rounding may take it below 0
    )
