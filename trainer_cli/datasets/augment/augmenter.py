"""Does the augmentations of an experiment to batches, with random numbers for every member.

B examples of a batch, M members, F values of one example, R random numbers for each.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from trainer_cli.datasets.augment.place import Array, Place, Shape, Working
from trainer_cli.datasets.errors import DataError
from trainer_cli.nn.streams import stream


class Bindable(Protocol):
    """What this module asks of an augmentation."""

    def check(self, shape: Shape) -> None:
        """Raise DataError unless it can change examples of this shape."""
        ...

    def bind(self, place: Place) -> Working:
        """Return the augmentation at work."""
        ...


def refuse_unfit(augmentations: Sequence[Bindable], shape: Shape) -> None:
    """Raise DataError, with its key, for an augmentation that does not suit the examples.

    shape  of one preprocessed example
    """
    for number, augmentation in enumerate(augmentations):
        try:
            augmentation.check(shape)
        except DataError as error:
            key = ("data", "augment", number, *(error.key or ()))
            raise DataError(error.message, key=key, hint=error.hint) from None


class Augmenter:
    """Augmentations at work, one after another."""

    def __init__(self, augmentations: Sequence[Bindable], place: Place) -> None:
        self._works = [augmentation.bind(place) for augmentation in augmentations]
        self._generators: list[np.random.Generator] = []

    def restart(self, seeds: Sequence[int], epoch: int) -> None:
        """Let member m draw from the beginning of `stream(seeds[m], "augment", epoch)`."""
        self._generators = [stream(seed, "augment", epoch) for seed in seeds]

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the members `kept` alone."""
        self._generators = [self._generators[m] for m in kept if m < len(self._generators)]

    def state(self) -> list[Any]:
        """Return where the random numbers of every member are."""
        return [rng.bit_generator.state for rng in self._generators]

    def restore(self, state: Sequence[Any]) -> None:
        """Go on drawing where `state` was taken, after the same restart."""
        for rng, where in zip(self._generators, state, strict=True):
            rng.bit_generator.state = where

    def apply(self, batch: Array) -> None:
        """Change a batch (B, M, F) in place; member m gets what it would get alone.

        Raises ValueError where restart() has given fewer than M seeds.
        """
        size, members = batch.shape[:2]
        if len(self._generators) < members:
            raise ValueError(
                f"{members} members draw random numbers, but restart() was called with "
                f"{len(self._generators)} seeds"
            )
        for work in self._works:
            for rng, out in zip(self._generators[:members], work.random, strict=False):
                work.draw(rng, out[:size])
            work.apply(batch, work.random[:members, :size].swapaxes(0, 1))
