"""What the SVM losses share: the hinges of every wrong class, at work."""

from collections.abc import Callable, Sequence
from math import erf, exp, pi, sqrt
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses.class_first import ClassFirst, Labels, Views
from trainer_cli.nn.losses.class_weights import ClassWeightsAtWork, Weights
from trainer_cli.nn.parameters import PerMember

# N examples, M members, C classes.
Margin = Annotated[
    float,
    Ge(1e-6),
    Le(1e6),
    doc("lead that the score of the right class must have over every other"),
]


def hinge_moments(margin: float, std: float) -> tuple[float, float]:
    """Return E h and E h² of a hinge between two independent normal scores.

    With the gap's standard deviation τ = √2 · std, and φ and Φ, density and distribution of the
    standard normal at margin / τ: E h = margin Φ + τ φ; E h² = (margin² + τ²) Φ + margin τ φ.
    """
    tau = sqrt(2) * std
    density = exp(-((margin / tau) ** 2) / 2) / sqrt(2 * pi)
    below = (1 + erf(margin / tau / sqrt(2))) / 2
    return (
        margin * below + tau * density,
        (margin**2 + tau**2) * below + margin * tau * density,
    )


class HingesAtWork:
    """Σ f(h) over the classes j other than y, with the hinges h = max(0, s[j] - s[y] + margin).

    `add_up(h, losses)` writes Σ f(h) of each column into `losses`; `slopes(h)` turns the hinges
    into f'(h) in place, which is 0 where a hinge is 0.
    """

    def __init__(
        self,
        margins: Sequence[float],
        weights: Sequence[Weights],
        capacity: int,
        classes: int,
        dtype: np.dtype[Any],
        add_up: Callable[[Array, Array], None],
        slopes: Callable[[Array], None],
    ) -> None:
        members = len(margins)
        self._add_up, self._slopes = add_up, slopes
        self._whole = ClassFirst(members, capacity, classes, dtype, rows=2)
        self._margins = np.tile(np.array(margins, dtype), capacity)  # (N·M,) of a full batch
        weighed = any(given is not None for given in weights)
        self._weights = ClassWeightsAtWork(weights, capacity, classes, dtype) if weighed else None
        self._shares = np.empty((capacity, members), dtype)  # w[y] / Σ w[y], if classes weigh
        self._last: Views  # of the last forward

    def weight(self, labels: Labels) -> PerMember:
        """Return what a batch weighs beside others: its size, or the sum of w[y], (M,)."""
        return float(len(labels)) if self._weights is None else self._weights.of(labels)[1]

    def forward(self, scores: Array, labels: Labels) -> Array:
        """Return what each example adds, (N, M), with the batch's loss as mean over N.

        Valid until the next call.
        """
        n = len(scores)
        self._last = v = self._whole.of(n)
        s, (picked, losses) = v.scores, v.rows
        v.take(scores, labels)
        v.flat.take(v.index, None, picked, "clip")
        np.subtract(s, picked, s)
        np.add(s, self._margins[: v.k], s)
        np.subtract(picked, picked, picked)  # 0, or NaN for a score that is not finite
        v.flat.put(v.index, picked)
        np.maximum(s, 0, out=s)
        self._add_up(s, losses)
        found = v.rows_by_member[1]
        if self._weights is not None:
            (weights, total), shares = self._weights.of(labels), self._shares[:n]
            np.divide(weights, total, shares, casting="same_kind")
            np.multiply(found, shares, found)
            np.multiply(found, n, found)
        return found

    def backward(self, scores: Array, scale: PerMember = 1.0) -> Array:
        """Return scale · d(mean loss)/d(scores), in the array of `scores`: (N, M, C)."""
        n, v = len(scores), self._last
        s, (picked, _) = v.scores, v.rows
        self._slopes(s)
        share = self._share(scale, n)
        np.multiply(s, share, s)
        np.add.reduce(s, axis=0, out=picked)
        np.negative(picked, picked)
        v.flat.put(v.index, picked)
        np.copyto(scores, v.as_given)
        return scores

    def _share(self, scale: PerMember, n: int) -> float | Array:
        """Return scale times the share of each example in the mean: a number, or (N·M,)."""
        dtype = self._shares.dtype
        if self._weights is not None:
            return (self._shares[:n] * scale).astype(dtype).reshape(-1)
        share = scale / n
        return share if isinstance(share, float) else np.tile(share.astype(dtype), n)

    def sides(self) -> tuple[NDArray[np.bool_], ...]:
        """Return which hinges of the last forward are active, (N, M, C)."""
        return (self._last.as_given > 0,)
