"""Chooses the coordinates and directions of an array along which its gradient is looked at."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

# Corners of an array that are looked at: the borders of an image are where windows are cut off.
CORNERS = 8


def sample(shape: tuple[int, ...], count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return about `count` flat positions, or all if there are no more than that.

    Every index of every axis comes equally often, so that no unit, channel, row or column is left
    out that there is room for; some corners are among them.
    """
    size = prod(shape)
    if size <= count:
        return np.arange(size)
    axes = [rng.permutation(np.resize(rng.permutation(length), count)) for length in shape]
    corners = list(product(*[{0, length - 1} for length in shape]))
    chosen = rng.permutation(len(corners))[: min(CORNERS, count)]
    ends = np.array([corners[i] for i in chosen], np.intp).T  # (axes, corners)
    everywhere = [np.concatenate(pair) for pair in zip(axes, ends, strict=True)]
    positions = np.ravel_multi_index(tuple(everywhere), shape)
    return rng.permutation(np.unique(positions))


def signs(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Return -1 and 1, each as often as the other."""
    return 1 - 2 * rng.integers(0, 2, shape, np.int8)
