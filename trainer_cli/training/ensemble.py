"""What several networks say of the same examples, averaged.

B examples of a batch, N of a split, M members, C classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Examples, Feed
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Loss, Softmax
from trainer_cli.nn.network import Network
from trainer_cli.training.runs import RunError

Values = NDArray[np.float64]
Labels = NDArray[np.intp]
Kind = Literal["probabilities", "scores"]

LOSS_ROWS = 1024


class Mean(Protocol):
    """The average, as it grows from network to network.

    kind      what is averaged
    networks  number of networks that have been heard
    """

    kind: Kind
    networks: int

    def add(self, rows: slice, scores: Array) -> None:
        """Take the scores (B, M, C) of M more networks for the examples `rows`."""
        ...

    def values(self) -> Values:
        """Return what there is to say about every example, (N, C): the largest one decides."""
        ...

    def scores(self) -> Values:
        """Return what the loss is computed of, (N, C)."""
        ...


class MeanProbabilities:
    """p = Σ pₘ / M, kept as logarithms: a small p is never rounded to 0, nor its loss infinite.

    values() are p; scores() are log p, whose softmax is p.
    """

    kind: Kind = "probabilities"

    def __init__(self, examples: int, classes: int) -> None:
        self.networks = 0
        self._sum: Values = np.full((examples, classes), -np.inf)  # log Σ pₘ
        self._heard: Values = np.zeros(examples)

    def add(self, rows: slice, scores: Array) -> None:
        """Take the scores (B, M, C) of M more networks for the examples `rows`."""
        s = scores.astype(np.float64)
        s -= s.max(axis=-1, keepdims=True)
        s -= np.log(np.exp(s).sum(axis=-1, keepdims=True))  # log pₘ
        for m in range(s.shape[1]):
            np.logaddexp(self._sum[rows], s[:, m], out=self._sum[rows])
        self._heard[rows] += s.shape[1]
        self.networks = int(self._heard[0])

    def values(self) -> Values:
        """Return the mean probabilities, (N, C)."""
        mean: Values = np.exp(self.scores())
        return mean

    def scores(self) -> Values:
        """Return their logarithms, (N, C)."""
        mean: Values = self._sum - np.log(self._heard)[:, None]
        return mean


class MeanScores:
    """s = Σ sₘ / M, for losses that know no probabilities."""

    kind: Kind = "scores"

    def __init__(self, examples: int, classes: int) -> None:
        self.networks = 0
        self._sum: Values = np.zeros((examples, classes))
        self._heard: Values = np.zeros(examples)

    def add(self, rows: slice, scores: Array) -> None:
        """Take the scores (B, M, C) of M more networks for the examples `rows`."""
        self._sum[rows] += scores.sum(axis=1, dtype=np.float64)
        self._heard[rows] += scores.shape[1]
        self.networks = int(self._heard[0])

    def values(self) -> Values:
        """Return the mean scores, (N, C)."""
        return self.scores()

    def scores(self) -> Values:
        """Return the mean scores, (N, C)."""
        mean: Values = self._sum / self._heard[:, None]
        return mean


def mean_for(losses: Sequence[Loss], examples: int, classes: int) -> Mean:
    """Return the average for networks that were trained on these losses.

    Raises RunError where what they say has not the same unit.
    """
    kinds = sorted({_unit(loss) for loss in losses})
    if len(kinds) > 1:
        message = f"the runs have different losses, {' and '.join(kinds)}"
        raise RunError(f"{message}: what they say cannot be averaged", "take them one by one")
    if isinstance(losses[0], Softmax):
        return MeanProbabilities(examples, classes)
    return MeanScores(examples, classes)


def _unit(loss: Loss) -> str:
    """Return the unit of what a network says: the margin that its scores were trained for."""
    return loss.type if isinstance(loss, Softmax) else f"{loss.type} with margin {loss.margin:g}"


def outputs(network: Network, examples: Examples, whose: str) -> Iterator[tuple[slice, Array]]:
    """Yield the scores of all examples batch by batch, (B, M, C), with the rows they are for.

    The next batch overwrites them. Raises RunError, naming the network by `whose`, for a score
    that is not finite.
    """
    feed = Feed(examples, network.capacity, dtype=network.parameters.values.dtype)
    for start in range(0, len(examples), network.capacity):
        rows = slice(start, min(start + network.capacity, len(examples)))
        x, _ = feed.fill(np.arange(rows.start, rows.stop))
        with np.errstate(all="ignore"):
            scores = network.forward(x, training=False)
        wrong = np.flatnonzero(~np.isfinite(scores).all(axis=(1, 2)))
        if wrong.size:
            message = f"{whose} gives a score that is not finite for example {start + wrong[0]}"
            raise RunError(message, "its weights are too large: take other weights, or another run")
        yield rows, scores


def loss_of(loss: Loss, scores: Values, labels: Labels) -> float:
    """Return the mean loss of scores (N, C), without penalty, in float64."""
    dtype: np.dtype[Any] = np.dtype(np.float64)
    work = type(loss).bind([loss], LOSS_ROWS, scores.shape[1], dtype)  # type: ignore[list-item]
    total = weight = 0.0
    for start in range(0, len(scores), LOSS_ROWS):
        rows = slice(start, start + LOSS_ROWS)
        own = labels[rows, None]  # (B, 1)
        mass = float(np.sum(work.weight(own)))
        total += mass * float(work.forward(scores[rows, None], own).mean())  # (B, 1, C) -> (B, 1)
        weight += mass
    return total / weight
