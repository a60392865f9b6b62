"""Which classes are taken for which, and what that means for each of them.

N examples, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class ClassFigures:
    """How one class fares.

    examples   number of examples of the class
    predicted  number of examples that were taken for it
    precision  share of those that are of the class, None where nothing was taken for it
    recall     share of its examples that were taken for it, None where it has no examples
    """

    examples: int
    predicted: int
    precision: float | None
    recall: float | None


def confusion_matrix(labels: Counts, predicted: Counts, classes: int) -> Counts:
    """Return how many examples of each class (rows) were taken for each (columns), (C, C).

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    pairs = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return pairs.reshape(classes, classes)


def taken_for(scores: NDArray[np.floating], labels: Counts) -> Counts:
    """Return the class with the largest of the scores (..., C) of each example, (...).

    Of classes with the same score one that is wrong is taken: a network that knows nothing must not
    look as if it did. `labels` broadcast to (...).

    >>> taken_for(np.array([[2.0, 1.0], [1.0, 1.0], [1.0, 1.0]]), np.array([0, 0, 1])).tolist()
    [0, 1, 0]
    """
    right = np.broadcast_to(labels, scores.shape[:-1])[..., None]  # (..., 1)
    others = scores.copy()
    np.put_along_axis(others, right, -np.inf, axis=-1)
    own = np.take_along_axis(scores, right, axis=-1)
    found: Counts = np.where(
        own > others.max(axis=-1, keepdims=True), right, others.argmax(-1)[..., None]
    )
    return found[..., 0]


def by_class(matrix: Counts) -> list[ClassFigures]:
    """Return the figures of every class of a confusion matrix (C, C)."""
    examples, predicted, right = matrix.sum(axis=1), matrix.sum(axis=0), np.diagonal(matrix)
    return [
        ClassFigures(
            examples=int(examples[c]),
            predicted=int(predicted[c]),
            precision=_share(int(right[c]), int(predicted[c])),
            recall=_share(int(right[c]), int(examples[c])),
        )
        for c in range(len(matrix))
    ]


def worst_pairs(matrix: Counts, most: int) -> Sequence[tuple[int, int, int]]:
    """Return class, what it was taken for and how often, the most frequent mistakes first.

    >>> worst_pairs(np.array([[5, 1, 0], [3, 5, 0], [0, 0, 5]]), most=5)
    [(1, 0, 3), (0, 1, 1)]
    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [divmod(int(place), len(matrix)) for place in order]
    return [(c, other, int(wrong[c, other])) for c, other in pairs if wrong[c, other]]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
