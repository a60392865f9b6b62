"""Images moved by some pixels: what is on a picture does not depend on where it is."""

from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, doc
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from trainer_cli.datasets.augment.images import refuse_unless_images
from trainer_cli.datasets.augment.place import Array, Place, Shape
from trainer_cli.datasets.errors import DataError
from trainer_cli.nn import aligned

# B examples of a batch, M members, F = H·W·C values of one image, P pixels of padding.


@dataclass(frozen=True, kw_only=True)
class RandomCrop:
    """A piece (H, W, C) of the image (H + 2P, W + 2P, C) that has P zeros more on every side.

    Each of the (2P + 1)² pieces is as likely as another. The zeros are put around the preprocessed
    image: after mean_image or center they are the average picture, not black.
    Source: He et al. 2016, "Deep Residual Learning for Image Recognition", section 4.2, with P = 4.
    """

    type: Literal["random_crop"] = "random_crop"
    padding: Annotated[
        int, Ge(0), doc("number of zeros put on every side of an image before a piece is cut out")
    ] = 4

    def check(self, shape: Shape) -> None:
        """Raise DataError unless the examples are images larger than the padding."""
        refuse_unless_images(shape, self.type)
        height, width, _ = shape
        if self.padding >= min(height, width):
            raise DataError(
                f"must be less than the height and width of an image, "
                f"{height} x {width}, got {self.padding}",
                key=("padding",),
                hint="4 is usual for images of 32 x 32; more moves the image out of sight",
            )

    def values_per_example(self, shape: Shape) -> int:
        """Return how many values are kept for one example: the padded image."""
        *space, channels = shape
        return prod(n + 2 * min(self.padding, n) for n in space) * channels  # check() forbids more

    def bind(self, place: Place) -> "RandomCropAtWork":
        """Return the augmentation at work."""
        return RandomCropAtWork(self.padding, place)


class RandomCropAtWork:
    """Moves images at random.

    To cut a piece out at (a, b) is to put the image itself at (2P − a, 2P − b) of the padded
    image, and to take the middle: no array but the padded one is needed.
    """

    def __init__(self, padding: int, place: Place) -> None:
        height, width, channels = place.shape
        run, step, border = width * channels, channels, padding * channels
        self._offsets = 2 * padding + 1
        self._lines = (height, run)
        self._numbers = np.arange(place.rows)
        # (B·M, H + 2P, (W + 2P)·C)
        self._padded = aligned.zeros(
            (place.rows, height + 2 * padding, run + 2 * border), place.dtype
        )
        self._middle = self._padded[:, padding : padding + height, border : border + run]
        image, line, value = self._padded.strides
        # Where an image can lie: (B·M, 2P + 1, 2P + 1, H, W·C), views that overlap.
        self._targets = as_strided(
            self._padded,
            (place.rows, self._offsets, self._offsets, height, run),
            (image, line, step * value, line, value),
        )
        self.random = np.empty((place.members, place.capacity, 2))

    def draw(self, rng: np.random.Generator, out: NDArray[Any]) -> None:
        """Fill out (B, 2) with numbers in [0, 1)."""
        rng.random(out=out)

    def apply(self, batch: Array, drawn: NDArray[Any]) -> None:
        """Move every image by −P to P pixels down and to the right; what is left behind is 0."""
        images = batch.reshape(-1, *self._lines)  # (B·M, H, W·C)
        count = len(images)
        down, right = (drawn.reshape(-1, 2) * self._offsets).astype(np.intp).T
        self._padded[:count] = 0
        self._targets[self._numbers[:count], down, right] = images
        np.copyto(images, self._middle[:count])
