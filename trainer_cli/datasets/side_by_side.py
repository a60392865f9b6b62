"""Fills a network's input with batches of several members, each from examples of its own.

B examples of a batch, M members, F features, H W C image height, width and channels.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from trainer_cli.datasets.augment import Augmentation
from trainer_cli.datasets.batches import Feed
from trainer_cli.datasets.examples import Examples
from trainer_cli.nn import aligned

Indices = NDArray[np.intp]
Batch = tuple[NDArray[Any], NDArray[np.intp]]


class SideBySide:
    """Gathers the batches of M splits, whose examples have one shape, into one buffer.

    Every member's batch lies there by itself: its feed fills it in place, and the first layer
    reads it as it lies. The arrays that fill() returns are views: the next call overwrites them.

    labels  those of the last batch, (B, M)
    """

    def __init__(
        self,
        splits: Sequence[Examples],
        capacity: int,
        dtype: DTypeLike = np.float32,
        augment: Sequence[Augmentation] = (),
    ) -> None:
        """`capacity` is the largest B; `augment` as of a `Feed`."""
        self._shape = splits[0].shape
        self._feeds = [Feed(split, capacity, dtype=dtype, augment=augment) for split in splits]
        self._lay_out(capacity, dtype)

    def _lay_out(self, capacity: int, dtype: DTypeLike) -> None:
        members = len(self._feeds)
        self._x = aligned.zeros((members, capacity, int(np.prod(self._shape))), dtype)
        self._labels = self.labels = np.empty((capacity, members), np.intp)
        for feed, own in zip(self._feeds, self._x, strict=True):
            feed.write_to(own)
        self._batches: dict[int, Batch] = {}

    def fill(self, indices: Indices) -> Batch:
        """Return the examples at `indices` (B, M), each column positions in one member's split.

        They are x (B, M, F) or (B, H, W, M, C), and labels (B, M).
        """
        x, labels = self._batches.get(len(indices)) or self._new_batch(len(indices))
        for m, feed in enumerate(self._feeds):
            _, own = feed.fill(indices[:, m])
            labels[:, m] = own[:, 0]
        self.labels = labels
        return x, labels

    def _new_batch(self, size: int) -> Batch:
        by_member = self._x[:, :size].reshape(-1, size, *self._shape)  # (M, B, ..., F)
        batch = self._batches[size] = np.moveaxis(by_member, 0, -2), self._labels[:size]
        return batch

    def restart(self, seeds: Sequence[int], epoch: int) -> None:
        """Let every member draw its augmentation from the beginning of this epoch's stream."""
        for feed, seed in zip(self._feeds, seeds, strict=True):
            feed.restart([seed], epoch)

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the members `kept` alone."""
        self._feeds = [self._feeds[m] for m in kept]
        self._lay_out(self._x.shape[1], self._x.dtype)

    def state(self) -> list[Any]:
        """Return where the random numbers of every member's augmentation are."""
        return [feed.state() for feed in self._feeds]

    def restore(self, state: Sequence[Any]) -> None:
        """Go on drawing where `state` was taken, after the same restart."""
        for feed, where in zip(self._feeds, state, strict=True):
            feed.restore(where)
