"""Mirrored images: most things in the world may as well face the other way."""

from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.datasets.augment.images import refuse_unless_images
from trainer_cli.datasets.augment.place import Array, Place, Shape
from trainer_cli.nn import aligned

# B examples of a batch, M members, F = H·W·C values of one image, K images that are mirrored.


@dataclass(frozen=True, kw_only=True)
class Flip:
    """y[h, w, c] = x[h, W − 1 − w, c] with some probability, else y = x: left becomes right.

    Demands images (H, W, C). Not for letters and digits, which mean something else mirrored.
    Source: CS231n lectures, "Data Augmentation", horizontal flips; Krizhevsky et al. 2012,
    section 4.1.
    """

    type: Literal["flip"] = "flip"
    probability: Annotated[
        float, Ge(0), Le(1), doc("chance that an image is mirrored from left to right")
    ] = 0.5

    def check(self, shape: Shape) -> None:
        """Raise DataError unless the examples are images."""
        refuse_unless_images(shape, self.type)

    def values_per_example(self, shape: Shape) -> int:
        """Return how many values are kept for one example: a copy of it."""
        return prod(shape)

    def bind(self, place: Place) -> "FlipAtWork":
        """Return the augmentation at work."""
        return FlipAtWork(self.probability, place)


class FlipAtWork:
    """Mirrors images at random."""

    def __init__(self, probability: float, place: Place) -> None:
        self._probability = probability
        self._shape = place.shape
        self._copies = aligned.zeros((place.rows, prod(place.shape)), place.dtype)
        self.random = np.empty((place.members, place.capacity, 1))

    def draw(self, rng: np.random.Generator, out: NDArray[Any]) -> None:
        """Fill out (B, 1) with numbers in [0, 1)."""
        rng.random(out=out)

    def apply(self, batch: Array, drawn: NDArray[Any]) -> None:
        """Mirror the images whose number is below the probability."""
        chosen = np.flatnonzero(drawn.reshape(-1) < self._probability)
        rows = batch.reshape(-1, batch.shape[-1])  # (B·M, F)
        copies = self._copies[: len(chosen)]  # (K, F)
        rows.take(chosen, 0, copies, "clip")
        images = rows.reshape(-1, *self._shape)  # (B·M, H, W, C)
        mirrored = copies.reshape(-1, *self._shape)[:, :, ::-1]  # (K, H, W, C)
        # A channel at a time: turning runs of three values around takes almost three times as long.
        for channel in range(self._shape[-1]):
            images[..., channel][chosen] = mirrored[..., channel]
