"""Makes a row of features of an image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

import numpy as np

from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape

# N examples, M members, H, W an image, C channels, F features.


@dataclass(frozen=True, kw_only=True)
class Flatten:
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

    def parameters(self, input_shape: Shape) -> tuple[ParameterShape, ...]:
        """Return nothing: there is nothing to learn."""
        return ()

    def initialize(
        self, values: Mapping[str, Array], rng: np.random.Generator, follower: Initializer
    ) -> None:
        """Do nothing: there is nothing to initialize."""

    def buffers(self, input_shape: Shape) -> int:
        """Return how many values a member keeps for one example: its outputs and dx."""
        return 2 * prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["Flatten"], place: Place) -> "FlattenAtWork":
        """Return the layer at work."""
        return FlattenAtWork(place)


class FlattenAtWork:
    """Flattening of M members at work: a view where one member has the image, else a copy."""

    def __init__(self, place: Place) -> None:
        members, self._shape = place.input_members, place.input_shape
        copies = members > 1 and len(self._shape) > 1
        features = prod(self._shape)
        self._y = place.buffer((features,), members) if copies else None
        self._dx = place.buffer(self._shape, members) if copies else None

    def forward(self, x: Array, training: bool) -> Array:
        """Return x as (N, M, H·W·C)."""
        if self._y is None:
            return x.reshape(len(x), 1, -1) if len(self._shape) > 1 else x
        y = self._y[: len(x)]
        space = y.reshape(*y.shape[:2], *self._shape)  # (N, M, H, W, C)
        np.copyto(np.moveaxis(space, 1, -2), x)
        return y

    def backward(self, d: Array) -> Array:
        """Return the gradient of the input, (N, H, W, M, C)."""
        *space, channels = self._shape
        if self._dx is None:
            return d.reshape(len(d), *space, 1, channels) if space else d
        dx = self._dx[: len(d)]
        np.copyto(dx, np.moveaxis(d.reshape(*d.shape[:2], *self._shape), 1, -2))
        return dx

    def sides(self) -> tuple[Array, ...]:
        """Return nothing: the layer is linear."""
        return ()
