"""What every activation function shares: each value alone, the shape kept, nothing to learn."""

from collections.abc import Callable
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array, Place, Shape
from trainer_cli.nn.layers.unlearned import Unlearned

# N examples, M members, F features.
Side = NDArray[np.bool_]


class Pointwise(Unlearned):
    """The part of a layer's settings that is the same for all activation functions.

    Each says of itself how many arrays of the input's shape it keeps at most, in `arrays`.
    """

    arrays: ClassVar[int]

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return `input_shape`."""
        return input_shape

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps at most for one example."""
        return self.arrays * prod(input_shape)


class PointwiseAtWork:
    """An activation function at work: y = f(x) in place, dx = dy · f'(x).

    `activate(x, slope)` turns `x` into f(x) in place and writes f'(x) into `slope`. The slope is
    all that backward needs, so that the layer above may overwrite the activations. A function
    with a kink at 0 returns where x was above it, a smooth one None.
    """

    def __init__(
        self,
        place: Place,
        activate: Callable[[Array, NDArray[Any]], Side | None],
    ) -> None:
        self._activate = activate
        self._slopes: dict[int, NDArray[Any]] = {}
        self._last: NDArray[Any]  # the slopes of the last forward
        self._side: Side | None = None
        self._slope = place.buffer(place.input_shape, place.input_members)

    def forward(self, x: Array, training: bool) -> Array:
        """Return f(x), in the array of `x`: (N, ..., M, F)."""
        slope = self._slopes.get(len(x))
        if slope is None:
            slope = self._slopes[len(x)] = self._slope[: len(x)]
        self._side = self._activate(x, slope)
        self._last = slope
        return x

    def backward(self, d: Array) -> Array:
        """Return the gradient of the input, in the array of `d`: (N, ..., M, F)."""
        d *= self._last
        return d

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return where x was above the kink; nothing for a smooth function."""
        return () if self._side is None else (self._side,)
