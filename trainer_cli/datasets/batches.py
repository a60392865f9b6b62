"""Fills a network's input buffer with preprocessed examples, at a few microseconds a batch.

Augmentation, where there is any, comes last: nothing that is kept ever holds a changed example.

B examples of a batch, M members, F features, H W C image height, width and channels.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from trainer_cli.datasets.augment import Augmentation, Augmenter
from trainer_cli.datasets.augment.place import Place
from trainer_cli.datasets.examples import Examples
from trainer_cli.nn import aligned

# A split that takes no more than this once preprocessed is preprocessed up front: a batch of 32
# digits with mean image takes 1.0 instead of 4.5 µs, of a training step of some 25 µs.
READY_BYTES = 32 << 20


class _Place:
    """The views of a feed's buffers that batches of one size use."""

    def __init__(self, feed: "Feed", indices: tuple[int, ...]) -> None:
        batch, members = indices[0], indices[1] if len(indices) == 2 else 1
        count = batch * members
        shape = feed.examples.shape
        self.rows = feed.rows[:count]
        self.flat = feed.flat[:count]
        self.stored = self.flat if feed.stored is None else feed.stored[:count]
        self.by_member = self.flat.reshape(batch, members, -1)  # (B, M, H·W·C)
        self.flat_labels = feed.labels[:count]
        self.labels = self.flat_labels.reshape(batch, members)
        # (B·M, H, W, C) -> (B, H, W, M, C), and (B·M, F) -> (B, M, F)
        self.x = np.moveaxis(self.flat.reshape(batch, members, *shape), 1, -2)


class Feed:
    """Gathers batches of one split into buffers allocated once.

    capacity  largest B
    members   largest M of batches in which every member has its own order
    augment   changes made to every batch, for training alone; restart() comes before the first
    The arrays that fill() returns are views of the buffers: the next call overwrites them.
    """

    def __init__(
        self,
        examples: Examples,
        capacity: int,
        members: int = 1,
        dtype: DTypeLike = np.float32,
        augment: Sequence[Augmentation] = (),
    ) -> None:
        most = capacity * members
        self.examples = examples
        self.capacity = capacity
        self.members = members
        self.rows = np.empty(most, np.intp)
        self.labels = np.empty(most, np.intp)
        self.flat = aligned.zeros((most, int(np.prod(examples.shape))), dtype)
        self.ready = _ready(examples, self.flat.dtype)
        # The stored rows of a batch, unless they can go straight into the batch.
        self.stored = (
            None
            if self.ready is not None or _as_stored(examples, self.flat.dtype)
            else aligned.zeros((most, examples.stored.shape[1]), examples.stored.dtype)
        )
        place = Place(examples=examples, members=members, capacity=capacity, dtype=self.flat.dtype)
        self._augmenter = Augmenter(augment, place) if augment else None
        self._places: dict[tuple[int, ...], _Place] = {}

    def write_to(self, flat: NDArray[Any]) -> None:
        """Gather into `flat`, (capacity · members, F), from now on: memory shared with others."""
        self.flat = flat
        self._places.clear()

    def restart(self, seeds: Sequence[int], epoch: int) -> None:
        """Let member m draw its augmentation from the beginning of its own stream of this epoch.

        That is `stream(seeds[m], "augment", epoch)`; a batch that all members share draws from
        the first member's. Without augmentation nothing happens.
        """
        if self._augmenter is not None:
            self._augmenter.restart(seeds, epoch)

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the augmentation of the members `kept`, where each has its own."""
        if self._augmenter is not None:
            self._augmenter.keep(kept)

    def state(self) -> list[Any]:
        """Return where the random numbers of the augmentation are, those of every member."""
        return [] if self._augmenter is None else self._augmenter.state()

    def restore(self, state: Sequence[Any]) -> None:
        """Go on drawing where `state` was taken, after the same restart."""
        if self._augmenter is not None:
            self._augmenter.restore(state)

    def fill(self, indices: NDArray[np.intp]) -> tuple[NDArray[Any], NDArray[np.intp]]:
        """Return the examples at `indices`, positions within the split, and their labels.

        indices (B,)    shared by all members: x (B, 1, F) or (B, H, W, 1, C), labels (B, 1)
        indices (B, M)  each member's own:     x (B, M, F) or (B, H, W, M, C), labels (B, M)
        With `augment` every call draws new changes of the examples, their labels stay.
        Positions are not checked, for speed: one outside the split is taken for its nearest end.
        Raises ValueError for more examples or members than the feed was made for.
        """
        place = self._places.get(indices.shape) or self._new_place(indices.shape)
        positions = indices.reshape(-1)
        examples = self.examples
        examples.labels.take(positions, 0, place.flat_labels, "clip")
        if self.ready is not None:
            self.ready.take(positions, 0, place.flat, "clip")
        else:
            examples.rows.take(positions, 0, place.rows, "clip")
            examples.stored.take(place.rows, 0, place.stored, "clip")
            if self.stored is not None:
                examples.pipeline.apply(place.stored, place.flat)
        if self._augmenter is not None:
            self._augmenter.apply(place.by_member)
        return place.x, place.labels

    def _new_place(self, shape: tuple[int, ...]) -> _Place:
        if not 1 <= len(shape) <= 2 or shape[0] > self.capacity or shape[1:] > (self.members,):
            raise ValueError(
                f"indices have the shape {shape}, but this feed was made for at most "
                f"({self.capacity},) or ({self.capacity}, {self.members})"
            )
        place = self._places[shape] = _Place(self, shape)
        return place


def _as_stored(examples: Examples, dtype: np.dtype[Any]) -> bool:
    """Return whether the stored rows are batches of this dtype already."""
    return not examples.pipeline.stages and examples.stored.dtype == dtype


def held_bytes(examples: Examples, dtype: DTypeLike) -> int:
    """Return the bytes of the preprocessed examples that a feed keeps of a split, often 0."""
    kind = np.dtype(dtype)
    size = len(examples) * int(np.prod(examples.shape)) * kind.itemsize
    return 0 if size > READY_BYTES or _as_stored(examples, kind) else size


def _ready(examples: Examples, dtype: np.dtype[Any]) -> NDArray[Any] | None:
    """Return the whole split, preprocessed, where that is small and saves work."""
    return examples.ready(dtype) if held_bytes(examples, dtype) else None
