"""The softmax (cross-entropy) loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import PerMember

# N examples, M members, C classes.
Labels = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Softmax:
    """L = mean over the examples of -log p[y], with p = exp(s) / Σ exp(s) over the classes.

    Computed as logΣexp(s - max s) - (s[y] - max s), so that it is finite for all finite scores.
    Shapes: scores s (N, M, C), labels y (N, 1) or (N, M), L (M,); ds = (p - [y]) / N.
    Source: CS231n, "Linear Classification", section Softmax classifier.
    """

    type: Literal["softmax"] = "softmax"

    def at_zero_scores(self, classes: int) -> float:
        """Return the loss if all scores are zero: ln C, for any labels."""
        return log(classes)

    @staticmethod
    def bind(
        stack: Sequence["Softmax"], capacity: int, classes: int, dtype: np.dtype[Any]
    ) -> "SoftmaxAtWork":
        """Return the loss at work for as many members as `stack` has."""
        return SoftmaxAtWork(len(stack), capacity, classes, dtype)


class _Views:
    """The parts of the loss's buffers that batches of n examples use, k = n·M columns."""

    def __init__(self, work: "SoftmaxAtWork", n: int) -> None:
        k = n * work.members
        self.k = k
        self.flat = work.scores[: work.classes * k]
        self.scores = self.flat.reshape(work.classes, k)  # (C, N·M)
        self.as_given = self.flat.reshape(work.classes, n, work.members).transpose(1, 2, 0)
        self.top, self.picked, self.total, self.losses = work.rows[:, :k]
        self.losses_by_member: Array = self.losses.reshape(n, -1)  # (N, M)
        self.index = work.index[:k]
        self.index_by_member = self.index.reshape(n, -1)
        self.columns = work.columns[:k]


class SoftmaxAtWork:
    """The softmax loss of M members at work.

    The scores are worked on class first, (C, N·M): reductions then run along whole rows, which is
    several times as fast as along a short last axis.
    """

    def __init__(self, members: int, capacity: int, classes: int, dtype: np.dtype[Any]) -> None:
        self.members = members
        self.classes = classes
        columns = capacity * members
        self.scores = np.empty(classes * columns, dtype)
        self.rows = np.empty((4, columns), dtype)
        self.index = np.empty(columns, np.intp)
        self.columns = np.arange(columns, dtype=np.intp)
        self._views: dict[int, _Views] = {}

    def forward(self, scores: Array, labels: Labels) -> Array:
        """Return the loss of every example and member, (N, M); valid until the next call."""
        v = self._views.get(len(scores))
        if v is None:
            v = self._views[len(scores)] = _Views(self, len(scores))
        s, index, losses = v.scores, v.index, v.losses
        np.copyto(v.as_given, scores)
        np.maximum.reduce(s, axis=0, out=v.top)
        np.subtract(s, v.top, s)
        np.multiply(labels, v.k, v.index_by_member)
        np.add(index, v.columns, index)
        v.flat.take(index, None, v.picked, "clip")
        np.exp(s, s)
        np.add.reduce(s, axis=0, out=v.total)
        np.log(v.total, losses)
        np.subtract(losses, v.picked, losses)
        return v.losses_by_member

    def backward(self, scores: Array, scale: PerMember = 1.0) -> Array:
        """Return scale · d(mean loss)/d(scores), in the array of `scores`: (N, M, C)."""
        n = len(scores)
        v = self._views[n]
        share = scale / n
        if not isinstance(share, float):
            share = np.tile(share, n)  # (M,) -> (N·M,)
        np.divide(share, v.total, v.total, casting="same_kind")
        np.multiply(v.scores, v.total, v.scores)
        v.flat.take(v.index, None, v.picked, "clip")
        v.picked -= share
        v.flat.put(v.index, v.picked)
        np.copyto(scores, v.as_given)
        return scores
