"""Finds equal examples: by a 64-bit hash of what is stored of each.

n examples of a split, F features.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Examples

CHUNK_VALUES = 1 << 20
SAMPLE = 1000

Keys = NDArray[np.int64]


def keys(examples: Examples, dtype: np.dtype[np.generic]) -> Keys:
    """Return a number for every example, (n,): equal for equal stored values.

    `dtype` holds the values of all that is compared. Unequal examples have equal numbers once in
    2^64 pairs; the numbers differ from process to process.
    """
    step = max(1, CHUNK_VALUES // examples.stored.shape[1])
    row = np.dtype((np.void, examples.stored.shape[1] * dtype.itemsize))
    found = np.empty(len(examples), np.int64)
    for start in range(0, len(examples), step):
        chunk = examples.stored[examples.rows[start : start + step]].astype(dtype, copy=False)
        if dtype.kind == "f":
            chunk += 0  # -0.0 becomes 0.0
        found[start : start + len(chunk)] = [hash(each) for each in chunk.view(row)[:, 0].tolist()]
    return found


def common_dtype(*splits: Examples) -> np.dtype[np.generic]:
    """Return the type that holds the stored values of all of them."""
    return np.result_type(*(each.stored.dtype for each in splits))


def twins_expected(examples: Examples) -> float:
    """Return how many equal ones an example has by chance, if features are independent.

    n Π P(a feature is equal in two examples), estimated from pairs in a sample. It is far below 1
    for images and measurements, and large where a few features take a few values each.
    """
    sample = examples.stored[examples.rows[examples.evenly(SAMPLE)]]
    pairs, expected = comb(len(sample), 2), float(len(examples))
    for feature in sample.T:
        counts = np.unique(feature, return_counts=True)[1]
        expected *= float((counts * (counts - 1) / 2).sum()) / max(1, pairs)
        if expected < 1e-9:
            break
    return expected
