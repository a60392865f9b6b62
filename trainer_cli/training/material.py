"""Where the members of a stack get their examples: all from the same data, or each from its own.

N examples of a batch, M members, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Dataset, Feed, SideBySide
from trainer_cli.nn.streams import stream
from trainer_cli.training.stack import Figures, Stack

# Training loss and accuracy are measured on no more than this many training examples: the
# accuracy's standard error is then at most 1.1 %, and measuring stays cheap beside an epoch.
MEASURED_EXAMPLES = 2000
# Evaluation runs in batches at least this large, so that small training batches do not slow it.
EVALUATION_BATCH = 256

Order = NDArray[np.intp]


def capacity(batch_size: int, examples: int) -> int:
    """Return the largest batch that training handles: an evaluation's if that is larger."""
    return min(max(batch_size, EVALUATION_BATCH), examples)


class Material(Protocol):
    """The examples of M members, gathered batch by batch.

    shared      whether all members see the same batches; each has its own order otherwise
    one_sample  whether all members are measured on the same examples
    """

    shared: bool
    one_sample: bool

    def sample(self, member: int) -> NDArray[np.intp]:
        """Return the labels of the training examples that a member is measured on."""
        ...

    def begin(self, seeds: Sequence[int], epoch: int) -> None:
        """Draw the order of an epoch's examples, counted from 1, and begin its augmentation."""
        ...

    def fill(self, begin: int, end: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
        """Return the examples from place `begin` to `end` of the epoch's order, and labels."""
        ...

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the members `kept` alone."""
        ...

    def measure(self, stack: Stack, *, training: bool = False) -> Figures:
        """Measure the members on up to 2,000 training examples."""
        ...

    def validate(self, stack: Stack) -> Figures:
        """Measure the members on what they are validated on."""
        ...

    def state(self) -> Any:
        """Return where the random numbers of the epoch are, as JSON can hold it."""
        ...

    def restore(self, state: Any) -> None:
        """Go on drawing where `state` was taken; `begin` has been called for its epoch."""
        ...


class SharedMaterial:
    """One data set for all members; with `own_order` each goes through it in an order of its own.

    Without, the order is that of the first member's seed, and the members' inputs are one array.
    """

    one_sample = True

    def __init__(
        self, dataset: Dataset, stack: Stack, batch: int, members: int, *, own_order: bool
    ) -> None:
        self._dataset = dataset
        self.shared = not own_order
        dtype = stack.network.parameters.values.dtype
        most, orders = stack.network.capacity, members if own_order else 1
        self._feed = Feed(dataset.train, most, orders, dtype)
        augment = stack.experiments[0].data.augment  # for what is learned from, and nothing else
        self._training_feed = (
            Feed(dataset.train, batch, orders, dtype, augment) if augment else self._feed
        )
        self._validation_feed = Feed(dataset.validation, most, dtype=dtype)
        self._sample = dataset.train.evenly(MEASURED_EXAMPLES)
        self._order: Order = np.empty(0, np.intp)

    def sample(self, member: int) -> NDArray[np.intp]:
        """Return the labels of the training examples that a member is measured on."""
        return self._dataset.train.labels[self._sample]

    def begin(self, seeds: Sequence[int], epoch: int) -> None:
        """Draw the order of an epoch's examples, counted from 1, and begin its augmentation."""
        seeds = seeds[:1] if self.shared else seeds
        self._training_feed.restart(seeds, epoch)
        n = len(self._dataset.train)
        orders = [stream(seed, "order", epoch).permutation(n) for seed in seeds]
        self._order = orders[0] if self.shared else np.stack(orders, axis=-1)  # (N,) or (N, M)

    def fill(self, begin: int, end: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
        """Return the examples from place `begin` to `end` of the epoch's order, and labels."""
        return self._training_feed.fill(self._order[begin:end])

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the members `kept` alone."""
        if not self.shared:
            self._training_feed.keep(kept)
            self._order = self._order[:, kept] if self._order.size else self._order

    def measure(self, stack: Stack, *, training: bool = False) -> Figures:
        """Measure the members on up to 2,000 training examples."""
        return stack.evaluate(self._feed, self._sample, training=training)

    def validate(self, stack: Stack) -> Figures:
        """Measure the members on the validation split."""
        return stack.evaluate(self._validation_feed, np.arange(len(self._dataset.validation)))

    def state(self) -> Any:
        """Return where the random numbers of the epoch are, as JSON can hold it."""
        return self._training_feed.state()

    def restore(self, state: Any) -> None:
        """Go on drawing where `state` was taken; `begin` has been called for its epoch."""
        self._training_feed.restore(state)


class OwnMaterial:
    """A data set for each member, as in cross-validation: other examples, other preprocessing.

    Every epoch goes through as many examples as the smallest training split has; of a larger one
    others are left out in each. As many are measured.
    """

    shared = False
    one_sample = False

    def __init__(self, datasets: Sequence[Dataset], stack: Stack, batch: int) -> None:
        self._datasets: Sequence[Dataset] = datasets
        dtype, most = stack.dtype, stack.network.capacity
        augment = stack.experiments[0].data.augment
        train = [dataset.train for dataset in datasets]
        self._feed = SideBySide(train, most, dtype)
        self._training_feed = SideBySide(train, batch, dtype, augment) if augment else self._feed
        self._validation_feed = SideBySide([each.validation for each in datasets], most, dtype)
        self._examples = min(len(each) for each in train)
        measured = min(MEASURED_EXAMPLES, self._examples)
        self._sample = np.stack([each.evenly(measured) for each in train], axis=-1)  # (N, M)
        self._validated = np.array([len(dataset.validation) for dataset in datasets])  # (M,)
        self._order: Order = np.empty((0, len(datasets)), np.intp)

    def sample(self, member: int) -> NDArray[np.intp]:
        """Return the labels of the training examples that a member is measured on."""
        return self._datasets[member].train.labels[self._sample[:, member]]

    def begin(self, seeds: Sequence[int], epoch: int) -> None:
        """Draw the order of an epoch's examples, counted from 1, and begin its augmentation."""
        self._training_feed.restart(seeds, epoch)
        orders = [
            stream(seed, "order", epoch).permutation(len(dataset.train))[: self._examples]
            for seed, dataset in zip(seeds, self._datasets, strict=True)
        ]
        self._order = np.stack(orders, axis=-1)  # (N, M)

    def fill(self, begin: int, end: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
        """Return the examples from place `begin` to `end` of the epoch's orders, and labels."""
        return self._training_feed.fill(self._order[begin:end])

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the members `kept` alone."""
        self._datasets = [self._datasets[m] for m in kept]
        for feed in {self._feed, self._training_feed, self._validation_feed}:
            feed.keep(kept)
        self._sample, self._order = self._sample[:, kept], self._order[:, kept]
        self._validated = self._validated[kept]

    def measure(self, stack: Stack, *, training: bool = False) -> Figures:
        """Measure each member on up to 2,000 of its training examples."""
        return stack.evaluate(self._feed, self._sample, training=training)

    def validate(self, stack: Stack) -> Figures:
        """Measure each member on what it is validated on.

        A member that has fewer examples than others sees its last one again, which does not count.
        """
        counts, capacity = self._validated, stack.network.capacity
        loss, weight, correct = np.zeros((3, len(counts)))
        begin = 0
        for end in sorted({*counts.tolist(), *range(capacity, int(counts.max()), capacity)}):
            positions = np.repeat(np.arange(begin, end)[:, None], len(counts), axis=-1)  # (B, M)
            figures = stack.evaluate(self._validation_feed, positions)
            counted = counts >= end
            mass = np.where(counted, stack.loss.weight(self._validation_feed.labels), 0.0)
            loss += np.where(counted, figures.loss, 0.0) * mass
            weight += mass
            correct += np.where(counted, np.rint(figures.accuracy * (end - begin)), 0.0)
            begin = end
        return Figures(loss / weight, correct / counts)

    def state(self) -> Any:
        """Return where the random numbers of the epoch are, as JSON can hold it."""
        return self._training_feed.state()

    def restore(self, state: Any) -> None:
        """Go on drawing where `state` was taken; `begin` has been called for its epoch."""
        self._training_feed.restore(state)
