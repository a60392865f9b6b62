"""The softmax (cross-entropy) loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array

# N examples, M members, C classes.
Labels = NDArray[np.intp]
_Views = tuple[Array, Array, Array, Array, Array, Array, Array, Labels]


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


class SoftmaxAtWork:
    """The softmax loss of M members at work.

    The scores are worked on class first, (C, N·M): reductions then run along whole rows, which is
    several times as fast as along a short last axis.
    """

    def __init__(self, members: int, capacity: int, classes: int, dtype: np.dtype[Any]) -> None:
        self._members = members
        self._classes = classes
        columns = capacity * members
        self._scores = np.empty(classes * columns, dtype)
        self._rows = np.empty((4, columns), dtype)
        self._index = np.empty(columns, np.intp)
        self._columns = np.arange(columns, dtype=np.intp)
        self._views: dict[int, _Views] = {}

    def _of(self, n: int) -> _Views:
        if n not in self._views:
            k = n * self._members
            flat = self._scores[: self._classes * k]
            top, picked, total, losses = self._rows[:, :k]
            self._views[n] = (
                flat.reshape(self._classes, k),
                flat.reshape(self._classes, n, self._members).transpose(1, 2, 0),
                flat,
                top,
                picked,
                total,
                losses,
                self._index[:k],
            )
        return self._views[n]

    def forward(self, scores: Array, labels: Labels) -> Array:
        """Return the loss of every example and member, (N, M); valid until the next call."""
        n = len(scores)
        s, as_scores, flat, top, picked, total, losses, index = self._of(n)
        k = len(index)  # N·M
        np.copyto(as_scores, scores)
        np.maximum.reduce(s, axis=0, out=top)
        s -= top
        np.multiply(labels, k, out=index.reshape(n, -1))
        index += self._columns[:k]
        np.take(flat, index, out=picked, mode="clip")
        np.exp(s, out=s)
        np.add.reduce(s, axis=0, out=total)
        np.log(total, out=losses)
        losses -= picked
        return losses.reshape(n, -1)

    def backward(self, scores: Array) -> Array:
        """Return d(mean loss)/d(scores), in the array of `scores`: (N, M, C)."""
        n = len(scores)
        s, as_scores, flat, _, picked, total, _, index = self._of(n)
        total *= n
        s /= total
        np.take(flat, index, out=picked, mode="clip")
        picked -= 1 / n
        np.put(flat, index, picked)
        np.copyto(scores, as_scores)
        return scores
