"""The softmax (cross-entropy) loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Lt, doc
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses.class_first import ClassFirst, Labels, Views
from trainer_cli.nn.losses.class_weights import Weights
from trainer_cli.nn.losses.constant_scores import Shares, entropy, weighed
from trainer_cli.nn.losses.soft_targets import SoftTargetsAtWork
from trainer_cli.nn.parameters import PerMember

# N examples, M members, C classes.


@dataclass(frozen=True, kw_only=True)
class Softmax:
    """L = mean over the examples of -log p[y], with p = exp(s) / Σ exp(s) over the classes.

    Computed as logΣexp(s - max s) - (s[y] - max s), so that it is finite for all finite scores.
    Shapes: scores s (N, M, C), labels y (N, 1) or (N, M), L (M,); ds = (p - [y]) / N.
    With label smoothing ε, -Σ t log p stands for -log p[y], where t = (1 - ε) [y] + ε / C. With
    class weights w, L = -Σ w t log p / Σ w[y], the first sum over examples and classes.
    Source: CS231n, "Linear Classification", section Softmax classifier; Szegedy et al. 2016,
    "Rethinking the Inception Architecture for Computer Vision", section 7 (label smoothing).
    """

    type: Literal["softmax"] = "softmax"
    label_smoothing: Annotated[
        float, Ge(0), Lt(1), doc("share ε of each target that is spread evenly over all classes")
    ] = 0.0
    class_weights: Weights = None

    def at_zero_scores(self, classes: int) -> float:
        """Return the loss if all scores are zero: ln C, for any labels.

        Smoothing and class weights together make it depend on how frequent each class is; it is
        ln C still for a sample in which the mean of w[y] is that of w.
        """
        return log(classes)

    def at_best_constant(self, shares: Shares) -> float:
        """Return the least loss with the same scores for all examples: of class shares (C,).

        It is the entropy of the mean target, that of the shares themselves in the plain case.
        """
        mean = (1 - self.label_smoothing) * weighed(shares, self.class_weights)
        return entropy(mean + self._spread(shares))

    def floor(self, shares: Shares) -> float:
        """Return the least loss with any scores: the mean entropy of the targets.

        It is 0 without smoothing.
        """
        g, spread = weighed(shares, self.class_weights), self._spread(shares)
        present = np.flatnonzero(shares)
        own = (1 - self.label_smoothing) * g[present] / shares[present]
        targets = np.tile(spread, (len(present), 1))  # (classes with examples, C)
        targets[np.arange(len(present)), present] += own
        return entropy(targets * shares[present, None])

    def _spread(self, shares: Shares) -> Shares:
        """Return ε w / C over the mean weight of the examples, (C,)."""
        weights = np.ones(len(shares)) if self.class_weights is None else self.class_weights
        spread = self.label_smoothing / len(shares) * np.array(weights)
        return np.asarray(spread / (shares * weights).sum(), np.float64)

    def zero_scores_text(self, classes: int) -> str:
        """Return the loss at zero scores with its formula."""
        return f"ln {classes} = {self.at_zero_scores(classes):.4f}"

    def excess(self, classes: int, std: float) -> float:
        """Return how far independent normal scores raise the expected loss above zero scores.

        At most, and with many classes: E log Σ exp s <= log E Σ exp s = ln C + std² / 2.
        """
        return std**2 / 2

    def unit(self) -> float:
        """Return what a loss is large or small beside: 1, the log of odds of e to 1."""
        return 1.0

    @staticmethod
    def bind(
        stack: Sequence["Softmax"], capacity: int, classes: int, dtype: np.dtype[Any]
    ) -> "SoftmaxAtWork | SoftTargetsAtWork":
        """Return the loss at work for as many members as `stack` has."""
        smoothing = [settings.label_smoothing for settings in stack]
        weights = [settings.class_weights for settings in stack]
        if any(smoothing) or any(given is not None for given in weights):
            return SoftTargetsAtWork(smoothing, weights, capacity, classes, dtype)
        return SoftmaxAtWork(len(stack), capacity, classes, dtype)


class SoftmaxAtWork:
    """The softmax loss of M members at work, without smoothing and class weights."""

    def __init__(self, members: int, capacity: int, classes: int, dtype: np.dtype[Any]) -> None:
        self._whole = ClassFirst(members, capacity, classes, dtype, rows=4)
        self._last: Views  # of the last forward

    def weight(self, labels: Labels) -> PerMember:
        """Return what a batch weighs beside others: its number of examples."""
        return float(len(labels))

    def forward(self, scores: Array, labels: Labels) -> Array:
        """Return the loss of every example and member, (N, M); valid until the next call."""
        self._last = v = self._whole.of(len(scores))
        s, (top, picked, total, losses) = v.scores, v.rows
        v.take(scores, labels)
        np.maximum.reduce(s, axis=0, out=top)
        np.subtract(s, top, s)
        v.flat.take(v.index, None, picked, "clip")
        np.exp(s, s)
        np.add.reduce(s, axis=0, out=total)
        np.log(total, losses)
        np.subtract(losses, picked, losses)
        return v.rows_by_member[3]

    def backward(self, scores: Array, scale: PerMember = 1.0) -> Array:
        """Return scale · d(mean loss)/d(scores), in the array of `scores`: (N, M, C)."""
        n, v = len(scores), self._last
        _, picked, total, _ = v.rows  # (N·M,)
        _, picked_by_member, total_by_member, _ = v.rows_by_member  # (N, M)
        share = scale / n
        if not isinstance(share, float):
            share = share.astype(scores.dtype)
        np.divide(share, total_by_member, total_by_member)
        np.multiply(v.scores, total, v.scores)
        v.flat.take(v.index, None, picked, "clip")
        np.subtract(picked_by_member, share, picked_by_member)
        v.flat.put(v.index, picked)
        np.copyto(scores, v.as_given)
        return scores

    def sides(self) -> tuple[NDArray[np.bool_], ...]:
        """Return nothing: the loss is smooth."""
        return ()
