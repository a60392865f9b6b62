"""The hyperbolic tangent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from trainer_cli.nn.initializers import Initializer, Xavier
from trainer_cli.nn.layers.place import Array, Place
from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork

# N examples, M members, F features.


@dataclass(frozen=True, kw_only=True)
class Tanh(Pointwise):
    """y = tanh(x), in (-1, 1); the slope is 1 - y².

    Shapes: (N, ..., M, F) to the same.
    Source: LeCun, Bottou, Orr, Müller 1998, "Efficient BackProp", section 4.4.
    """

    type: Literal["tanh"] = "tanh"

    keeps_shared: ClassVar[bool] = True
    arrays: ClassVar[int] = 1  # the slopes
    follower_init: ClassVar[Initializer] = Xavier()
    bounds: ClassVar[tuple[float, float]] = (-1.0, 1.0)  # where it saturates

    @staticmethod
    def bind(stack: Sequence["Tanh"], place: Place) -> PointwiseAtWork:
        """Return the layer at work."""
        return PointwiseAtWork(place, _squash)


def _squash(x: Array, slope: Array) -> None:
    np.tanh(x, out=x)
    np.multiply(x, x, out=slope)
    np.subtract(1, slope, out=slope)
