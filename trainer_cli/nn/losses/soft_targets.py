"""The softmax loss at work where labels are smoothed or classes weigh differently."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses.class_first import ClassFirst, Labels, Views
from trainer_cli.nn.losses.class_weights import ClassWeightsAtWork, Weights
from trainer_cli.nn.parameters import PerMember

# N examples, M members, C classes.


class SoftTargetsAtWork:
    """The softmax loss of M members, each with its smoothing ε and its class weights w.

    An example has the targets a = (1 - ε) w[y] for its own class and u = ε w / C for every class,
    and T, their sum. Its loss is Σ targets · (log Σ exp s - s) = T log Σ exp s - a s[y] - Σ u s,
    and a batch's is the sum of them divided by W = Σ w[y].
    """

    def __init__(
        self,
        smoothing: Sequence[float],
        weights: Sequence[Weights],
        capacity: int,
        classes: int,
        dtype: np.dtype[Any],
    ) -> None:
        members = len(smoothing)
        self._weights = ClassWeightsAtWork(weights, capacity, classes, dtype)
        self._whole = ClassFirst(members, capacity, classes, dtype, rows=6)
        self._last: Views  # of the last forward
        self._kept = np.array([1 - each for each in smoothing], dtype)  # (M,), 1 - ε
        spread = self._weights.table / classes * np.array(smoothing, dtype)
        self._spread = spread.astype(dtype)  # (C, M), u
        self._spread_sum = self._spread.sum(axis=0)  # (M,)

    def weight(self, labels: Labels) -> PerMember:
        """Return what a batch weighs beside others, (M,): the sum of w[y]."""
        return self._weights.of(labels)[1]

    def forward(self, scores: Array, labels: Labels) -> Array:
        """Return what each example adds, (N, M), with the batch's loss as mean over N.

        Valid until the next call.
        """
        n = len(scores)
        self._last = v = self._whole.of(n)
        s, (top, picked, total, losses, own, target) = v.scores, v.rows
        v.take(scores, labels)
        np.maximum.reduce(s, axis=0, out=top)
        np.subtract(s, top, s)
        v.flat.take(v.index, None, picked, "clip")
        np.einsum("cnm,cm->nm", v.by_member, self._spread, out=v.rows_by_member[0])  # Σ u s
        np.exp(s, s)
        np.add.reduce(s, axis=0, out=total)
        np.log(total, losses)
        weights, self._total_weight = self._weights.of(labels)
        np.multiply(weights, self._kept, v.rows_by_member[4])  # a
        np.add(v.rows_by_member[4], self._spread_sum, v.rows_by_member[5])  # T
        np.multiply(losses, target, losses)
        np.subtract(losses, top, losses)
        np.multiply(picked, own, picked)
        np.subtract(losses, picked, losses)
        found = v.rows_by_member[3]
        np.multiply(found, n / self._total_weight, found, casting="same_kind")
        return found

    def backward(self, scores: Array, scale: PerMember = 1.0) -> Array:
        """Return scale · d(mean loss)/d(scores), in the array of `scores`: (N, M, C)."""
        v = self._last
        _, picked, total, _, own, target = v.rows
        share = (scale / self._total_weight).astype(scores.dtype)  # (M,)
        for row in v.rows_by_member[4:]:
            np.multiply(row, share, row)
        np.divide(target, total, total)
        np.multiply(v.scores, total, v.scores)
        np.subtract(v.by_member, (self._spread * share)[:, None], v.by_member)
        v.flat.take(v.index, None, picked, "clip")
        np.subtract(picked, own, picked)
        v.flat.put(v.index, picked)
        np.copyto(scores, v.as_given)
        return scores

    def sides(self) -> tuple[NDArray[np.bool_], ...]:
        """Return nothing: the loss is smooth."""
        return ()
