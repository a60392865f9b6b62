"""Makes a row of features of an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

import numpy as np

from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers.place import Array, Place, Shape
from trainer_cli.nn.layers.unlearned import Unlearned

# N examples, M members, H, W an image, C channels, F features.


@dataclass(frozen=True, kw_only=True)
class Flatten(Unlearned):
    """y = the values of x in a row: pixel by pixel, the channels of a pixel side by side.

    Shapes: (N, H, W, M, C) to (N, M, H·W·C). Flat examples (N, M, F) stay as they are.
    Gradient: the values of dy, put back. A dense layer does the same by itself.
    """

    type: Literal["flatten"] = "flatten"

    keeps_shared: ClassVar[bool] = True
    follower_init: ClassVar[Initializer | None] = None

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (H·W·C,)."""
        return (prod(input_shape),)

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps at most for one example: its outputs."""
        return prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["Flatten"], place: Place) -> "FlattenAtWork":
        """Return the layer at work."""
        return FlattenAtWork(place)


class FlattenAtWork:
    """Flattening of M members at work: a view where every image lies in a row, else a copy.

    y  the rows (N, M, H·W·C) of a full batch where they are copied, else None
    """

    def __init__(self, place: Place) -> None:
        members, self._shape = place.input_members, place.input_shape
        copies = members > 1 and len(self._shape) > 1
        self.y = place.buffer((prod(self._shape),), members) if copies else None
        self._input_gradient = place.input_gradient
        self._x: Array  # the batch of the last forward, which backward overwrites with dx

    def forward(self, x: Array, training: bool) -> Array:
        """Return x as (N, M, H·W·C)."""
        if self.y is None:
            return x.reshape(len(x), 1, -1) if len(self._shape) > 1 else x
        self._x, space = x, np.moveaxis(x, -2, 1)  # (N, M, H, W, C)
        if _in_rows(space):
            return space.reshape(*space.shape[:2], -1)
        y = self.y[: len(x)]
        np.copyto(y.reshape(space.shape), space)
        return y

    def backward(self, d: Array) -> Array | None:
        """Return the gradient of the input, (N, H, W, M, C)."""
        if not self._input_gradient:
            return None
        *space, channels = self._shape
        if self.y is None:
            return d.reshape(len(d), *space, 1, channels) if space else d
        np.copyto(self._x, np.moveaxis(d.reshape(*d.shape[:2], *self._shape), 1, -2))
        return self._x

    def sides(self) -> tuple[Array, ...]:
        """Return nothing: the layer is linear."""
        return ()


def _in_rows(images: Array) -> bool:
    """Return whether the values of every image of (N, M, H, W, C) lie in a row."""
    image = images[0, 0]
    return bool(image.flags.c_contiguous)
