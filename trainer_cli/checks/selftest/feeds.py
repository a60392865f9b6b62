"""Examples that come otherwise than they are asked for: faults in what fills the batches.

B examples of a batch, M members, F values of one example.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.selftest.case import Plant
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.nn.layers.place import Array

Positions = NDArray[np.intp]


class Misread(np.ndarray):
    """Rows of which a batch gets others than those it takes: `misread` makes them of these."""

    misread: Callable[[Positions], Positions] | None = None

    def take(self, indices: Any, *rest: Any, **more: Any) -> Any:
        """Return other rows."""
        others = indices if self.misread is None else self.misread(indices)
        return np.asarray(self).take(others, *rest, **more)


def _misread(rows: NDArray[Any], misread: Callable[[Positions], Positions]) -> NDArray[Any]:
    view = rows.view(Misread)
    view.misread = misread
    return view


class MisreadExamples:
    """A split whose inputs, labels or both come from other positions than are asked for."""

    def __init__(
        self,
        sound: Examples,
        inputs: Callable[[Positions], Positions] | None,
        labels: Callable[[Positions], Positions] | None,
    ) -> None:
        self.labels = sound.labels if labels is None else _misread(sound.labels, labels)
        self._sound, self._inputs = sound, inputs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sound, name)

    def __len__(self) -> int:
        return len(self._sound)

    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return all examples preprocessed, (n, K), to be misread."""
        rows = self._sound.ready(dtype)
        return rows if self._inputs is None else _misread(rows, self._inputs)


def _planted(
    make: Callable[[int], Callable[[Positions], Positions]], *, inputs: bool, labels: bool
) -> Plant:
    """Return the plant by which the training split is misread; `make` is told its length."""

    def plant(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
        train = dataset.train
        faulty: Any = MisreadExamples(
            train,
            make(len(train)) if inputs else None,
            make(len(train)) if labels else None,
        )
        return experiment, replace(dataset, train=faulty)

    return plant


def _reversed(length: int) -> Callable[[Positions], Positions]:
    return lambda positions: positions[::-1]


def _before(length: int) -> Callable[[Positions], Positions]:
    """Give what was asked for the time before."""
    last: list[Positions] = []

    def misread(positions: Positions) -> Positions:
        given = last.pop() if last else positions
        last.append(positions.copy())
        return np.resize(given, positions.shape)

    return misread


def _the_same(length: int) -> Callable[[Positions], Positions]:
    return lambda positions: np.resize(np.arange(len(positions)), positions.shape)


def _of_the_first_half(length: int) -> Callable[[Positions], Positions]:
    return lambda positions: positions % max(1, length // 2)


apart_in_a_batch = _planted(_reversed, inputs=True, labels=False)
labels_of_the_batch_before = _planted(_before, inputs=False, labels=True)
always_the_same_batch = _planted(_the_same, inputs=True, labels=True)
half_left_out = _planted(_of_the_first_half, inputs=True, labels=True)


class Shuffling:
    """An augmentation that changes nothing but the order of the inputs of a batch."""

    type = "shuffling"

    def check(self, shape: tuple[int, ...]) -> None:
        """Accept any shape."""

    def values_per_example(self, shape: tuple[int, ...]) -> int:
        """Return how many values are kept for one example."""
        return prod(shape)

    def bind(self, place: Any) -> ShufflingAtWork:
        """Return the augmentation at work."""
        return ShufflingAtWork(place)


class ShufflingAtWork:
    """Puts the inputs of a batch into the order of random numbers."""

    def __init__(self, place: Any) -> None:
        self.random: NDArray[Any] = np.zeros((place.members, place.capacity, 1), np.float32)

    def draw(self, rng: np.random.Generator, out: NDArray[Any]) -> None:
        """Fill out (B, 1)."""
        rng.random(dtype=np.float32, out=out)

    def apply(self, batch: Array, drawn: NDArray[Any]) -> None:
        """Put a batch (B, M, F) into another order."""
        batch[:] = batch[np.argsort(drawn[:, 0, 0])]


def shuffled_inputs(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
    """Shuffle the inputs of every batch, and leave the labels."""
    augment: Any = (Shuffling(),)
    return replace(experiment, data=replace(experiment.data, augment=augment)), dataset
