"""Scores with the class axis first: the array in which every loss is worked out.

Reductions over the classes then run along whole rows, which is several times as fast as along a
short last axis.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array

# N examples, M members, C classes, N·M columns: one for each example and member.
Labels = NDArray[np.intp]


class ClassFirst:
    """Buffers for the scores of M members, class first, and for a few rows of one value a column.

    `of(n)` is what batches of n examples use of them. A loss's `backward` belongs to its `forward`
    just before, whose views it takes again and uses up: it may be called once.
    """

    def __init__(
        self, members: int, capacity: int, classes: int, dtype: np.dtype[Any], rows: int
    ) -> None:
        columns = capacity * members
        self.members = members
        self.classes = classes
        self.scores: Array = aligned.zeros(classes * columns, dtype)
        self.rows: Array = aligned.zeros((rows, columns), dtype)
        self.index = np.empty(columns, np.intp)
        self.columns = np.arange(columns, dtype=np.intp)
        self._views: dict[int, Views] = {}

    def of(self, n: int) -> "Views":
        """Return the views for batches of n examples."""
        views = self._views.get(n)
        if views is None:
            views = self._views[n] = Views(self, n)
        return views


class Views:
    """The parts of the buffers that batches of n examples use."""

    def __init__(self, whole: ClassFirst, n: int) -> None:
        classes, members = whole.classes, whole.members
        k = n * members
        self.k = k
        self.flat = whole.scores[: classes * k]
        self.scores = self.flat.reshape(classes, k)  # (C, N·M)
        self.by_member = self.flat.reshape(classes, n, members)  # (C, N, M)
        self.as_given = self.by_member.transpose(1, 2, 0)  # (N, M, C)
        self.rows: tuple[Array, ...] = tuple(whole.rows[:, :k])  # each (N·M,)
        self.rows_by_member: tuple[Array, ...] = tuple(row.reshape(n, members) for row in self.rows)
        self.index = whole.index[:k]
        self._index_by_member = self.index.reshape(n, members)
        self._columns = whole.columns[:k]

    def take(self, scores: Array, labels: Labels) -> None:
        """Copy the scores (N, M, C) in, and let `index` find those of the right classes."""
        np.copyto(self.as_given, scores)
        np.multiply(labels, self.k, self._index_by_member)
        np.add(self.index, self._columns, self.index)
