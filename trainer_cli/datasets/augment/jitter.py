"""Images in another light: what is on a picture does not depend on the exposure."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.datasets.augment.images import refuse_unless_images
from trainer_cli.datasets.augment.place import Array, Place, Shape

# B examples of a batch, M members, F = H·W·C values of one image.


@dataclass(frozen=True, kw_only=True)
class Jitter:
    """y = m + c·(x − m) + b·s, with a new c and b for every image.

    m is the mean of the image's own values and s the standard deviation of all values of the
    training split, measured on at most 1,000 examples; c is uniform in [1 − contrast,
    1 + contrast] and b in [−brightness, brightness]. All values are as preprocessed, so that a
    strength means the same for values from 0 to 255, less a mean or not, and for standardized
    ones. Nothing is clipped. Demands images.
    Source: Howard 2013, "Some Improvements on Deep Convolutional Neural Network Based Image
    Classification", which changes contrast and brightness without giving a formula.
    """

    type: Literal["jitter"] = "jitter"
    contrast: Annotated[
        float, Ge(0), Le(1), doc("largest share by which differences within an image change")
    ] = 0.2
    brightness: Annotated[
        float,
        Ge(0),
        Le(1e6),
        doc("largest change of an image's mean, in standard deviations of the data"),
    ] = 0.2

    def check(self, shape: Shape) -> None:
        """Raise DataError unless the examples are images."""
        refuse_unless_images(shape, self.type)

    def values_per_example(self, shape: Shape) -> int:
        """Return how many values are kept for one example: m, c and b·s − (c − 1)·m."""
        return 3

    def bind(self, place: Place) -> "JitterAtWork":
        """Return the augmentation at work."""
        return JitterAtWork(self.contrast, self.brightness * place.examples.spread, place)


class JitterAtWork:
    """Changes contrast and brightness at random; `shift` is the largest b·s."""

    def __init__(self, contrast: float, shift: float, place: Place) -> None:
        self._largest = np.array([contrast, shift])
        self._means, self._factors, self._shifts = np.empty((3, place.rows, 1), place.dtype)
        self.random = np.empty((place.members, place.capacity, 2))

    def draw(self, rng: np.random.Generator, out: NDArray[Any]) -> None:
        """Fill out (B, 2) with numbers in [0, 1)."""
        rng.random(out=out)

    def apply(self, batch: Array, drawn: NDArray[Any]) -> None:
        """Compute c·x + (b·s − (c − 1)·m)."""
        rows = batch.reshape(-1, batch.shape[-1])  # (B·M, F)
        count = len(rows)
        means, factors = self._means[:count], self._factors[:count]  # (B·M, 1)
        shifts = self._shifts[:count]  # (B·M, 1)
        changes = (2 * drawn.reshape(-1, 2) - 1) * self._largest  # c − 1 and b·s, (B·M, 2)
        np.mean(rows, axis=1, out=means, keepdims=True)
        factors[:] = 1 + changes[:, :1]
        shifts[:] = changes[:, 1:] - changes[:, :1] * means
        np.multiply(rows, factors, out=rows)
        np.add(rows, shifts, out=rows)
