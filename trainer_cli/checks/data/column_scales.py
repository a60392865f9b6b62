"""Do columns of very different size leave the small ones without a say?

n examples of a sample, F features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Examples
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.proportions import difference

SAMPLE = 600
# Neighbours that are asked for their class.
NEIGHBOURS = 5


@dataclass(frozen=True, kw_only=True)
class Columns:
    """How many features are smaller than others by more than a factor, and what they tell.

    `ratio` is that of the largest standard deviation to the smallest. `as_is` is the share of
    examples that neighbours recognize by the features as they are, `standardized` that by features
    of one size.
    """

    small: int
    ratio: float
    as_is: float
    standardized: float


def unheard_columns(examples: Examples, factor: float) -> Columns | None:
    """Return what preprocessed features of different size tell, None where none are overheard.

    Small features may well be noise, such as the last principal axes. They are overheard where
    examples are recognized better once all have one size.
    """
    few = examples.select(examples.evenly(SAMPLE))
    if len(few.shape) == 3:
        return None
    x = few.ready(np.dtype(np.float32)).astype(np.float64)  # (n, F)
    spread = x.std(axis=0)
    spread[spread < 1e-6 * np.abs(x).max(axis=0)] = 0  # constant but for rounding
    varied = spread > 0
    small = varied & (spread * factor < spread.max())
    if not small.any() or len(few) <= NEIGHBOURS:
        return None
    x = x[:, varied] - x[:, varied].mean(axis=0)
    as_is = _recognized(x, few.labels)
    standardized = _recognized(x / spread[varied], few.labels)
    low, _ = difference(standardized, len(few), as_is, len(few))
    if low <= 0:
        return None
    return Columns(
        small=int(small.sum()),
        ratio=float(spread.max() / spread[varied].min()),
        as_is=as_is,
        standardized=standardized,
    )


def _recognized(x: Array, labels: NDArray[np.intp]) -> float:
    """Return the share of examples that most of their nearest neighbours have the label of."""
    sizes = np.square(x).sum(axis=1)
    apart = sizes[:, None] + sizes - 2 * (x @ x.T)  # (n, n)
    np.fill_diagonal(apart, np.inf)
    nearest = np.argpartition(apart, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    votes = np.zeros((len(x), int(labels.max()) + 1), np.intp)
    np.add.at(votes, (np.arange(len(x))[:, None], labels[nearest]), 1)
    return float((votes.argmax(axis=1) == labels).mean())
