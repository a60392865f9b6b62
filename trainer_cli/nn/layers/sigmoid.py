"""The logistic function."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from trainer_cli.nn.initializers import Initializer, Xavier
from trainer_cli.nn.layers.place import Array, Place
from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork

# N examples, M members, F features.


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Pointwise):
    """y = 1 / (1 + exp(-x)), in (0, 1); the slope is y (1 - y), at most 1/4.

    Computed as ½ (1 + tanh(x / 2)), which never overflows. It is exact to the rounding of numbers
    near 1, not of small ones: in float32 y is 0 for x below about -17.
    Shapes: (N, ..., M, F) to the same.
    Source: CS231n, "Neural Networks Part 1", Commonly used activation functions.
    """

    type: Literal["sigmoid"] = "sigmoid"

    keeps_shared: ClassVar[bool] = True
    arrays: ClassVar[int] = 1  # the slopes
    follower_init: ClassVar[Initializer] = Xavier()
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)  # where it saturates

    @staticmethod
    def bind(stack: Sequence["Sigmoid"], place: Place) -> PointwiseAtWork:
        """Return the layer at work."""
        return PointwiseAtWork(place, _squash)


def _squash(x: Array, slope: Array) -> None:
    x *= 0.5
    np.tanh(x, out=x)
    x += 1
    x *= 0.5
    np.subtract(1, x, out=slope)
    slope *= x
