"""Do labels belong to the inputs in every part of the file, or only to their place in it?

N examples of a sample, in the order of the file; F features, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.probes import NEIGHBOURS, evidence
from trainer_cli.nn.layers.place import Array

# Parts of the file of which any may be wrong, and the fewest examples of one.
PARTS, FEWEST = 8, 50
# In a part whose labels are wrong neighbours agree by no more than this share of what they agree
# elsewhere beyond chance, and elsewhere by no less than that.
WRONG, RIGHT = 0.3, 0.15
# Sorted labels change no more often than this for each class. Borders between them are moved by
# such shares of the way to the next. Where neighbours agree by more beyond chance, all is well.
CHANGES, MOVED, WEAK = 2, (0.3, 0.7), 0.25
# Standard deviations by which inputs within a class go by their place, if that is to be a cause.
DRIFT = 5.0
# Other orders and borders that the given ones are compared with: the spread is known to a tenth.
ORDERS = 50
# Standard deviations that a part must lie below what its classes let expect.
FAR = 5.0

Labels = NDArray[np.intp]


def wrong_part(x: Array, labels: Labels) -> tuple[float, float, float, float] | None:
    """Return the part of the file whose labels neighbours do not share, None where there is none.

    x (N, F) standardized, labels (N,). The part is told by where it begins and ends, as shares of
    the file; then come the shares of neighbours of the same label in it and elsewhere. A class that
    neighbours recognize badly is no wrong part: compared is what each class has elsewhere.
    """
    if len(labels) < PARTS * FEWEST:
        return None
    own = _agreement(x, labels)  # (N,)
    shares = np.bincount(labels) / len(labels)
    chance = float(np.square(shares).sum())
    parts = np.arange(len(labels)) * PARTS // len(labels)
    means = np.bincount(parts, own) / np.bincount(parts)
    low = means - chance < WRONG * (np.median(np.sort(means)[-PARTS // 2 :]) - chance)
    if not 0 < low.sum() < PARTS or np.count_nonzero(np.diff(low)) > 2:
        return None
    within = low[parts]
    elsewhere, inside = float(own[~within].mean()), float(own[within].mean())
    total = np.bincount(labels[~within], own[~within], minlength=len(shares))
    usual = total / np.maximum(np.bincount(labels[~within], minlength=len(shares)), 1)
    expected = float(usual[labels[within]].mean())
    deviation = float(own.std()) / sqrt(within.sum())
    if elsewhere - chance < RIGHT or inside - chance > WRONG * (elsewhere - chance):
        return None
    if expected - inside < max(FAR * deviation, (1 - WRONG) / 2 * (elsewhere - chance)):
        return None
    at = np.flatnonzero(low)
    return float(at[0]) / PARTS, float(at[-1] + 1) / PARTS, inside, elsewhere


def sorted_alone(x: Array, labels: Labels, rng: np.random.Generator, deviations: float) -> bool:
    """Return whether the labels are sorted, and the inputs go by their place and not by them.

    Inputs that follow each other in a file are often alike, and tell of sorted labels for that
    alone. Those that belong to their labels change where the labels do, and nowhere else.
    """
    borders = np.flatnonzero(np.diff(labels)) + 1
    if not 0 < len(borders) <= CHANGES * len(np.unique(labels)):
        return False
    chance = float(np.square(np.bincount(labels) / len(labels)).sum())
    if float(_agreement(x, labels).mean()) - chance > WEAK:
        return False
    halves, mixed = _halves(borders, len(labels), rng)
    drift = evidence(x, halves, rng, enough=DRIFT, others=mixed)
    if max(drift.values()) < DRIFT:
        return False
    others = [_moved(labels, borders, rng) for _ in range(ORDERS)]
    return max(evidence(x, labels, rng, enough=deviations, others=others).values()) < deviations


def _halves(
    borders: Labels, count: int, rng: np.random.Generator
) -> tuple[Labels, Sequence[Labels]]:
    """Return whether an example is in the first or the second half of its class, told by a number.

    With them come the same numbers in random orders within each class.
    """
    begins = np.concatenate([[0], borders])
    sizes = np.diff(begins, append=count)
    runs = np.repeat(np.arange(len(sizes)), sizes)
    late = 2 * (np.arange(count) - begins[runs]) >= sizes[runs]
    halves = 2 * runs + late
    orders = (np.lexsort((rng.random(count), runs)) for _ in range(ORDERS))
    return halves, [halves[order] for order in orders]


def _moved(labels: Labels, borders: Labels, rng: np.random.Generator) -> Labels:
    """Return the labels with every border some way into one of the classes beside it."""
    before, after = np.diff(borders, prepend=0), np.diff(borders, append=len(labels))
    share = rng.uniform(*MOVED, len(borders)) / 2
    back = rng.random(len(borders)) < 0.5
    moved = borders + np.where(back, -share * before, share * after).astype(np.intp)
    runs = labels[np.concatenate([[0], borders])]
    return np.repeat(runs, np.diff(np.concatenate([[0], moved, [len(labels)]])))


def _agreement(x: Array, labels: Labels) -> Array:
    """Return the share of each example's nearest neighbours that have its label, (N,)."""
    sizes = np.square(x).sum(axis=1)
    apart = sizes[:, None] + sizes - 2 * (x @ x.T)  # (N, N)
    np.fill_diagonal(apart, np.inf)
    nearest = np.argpartition(apart, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    agreement: Array = (labels[nearest] == labels[:, None]).mean(axis=1)
    return agreement
