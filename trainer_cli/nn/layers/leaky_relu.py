"""The rectified linear unit that lets a little through on its other side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Lt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers import He, Initializer
from trainer_cli.nn.layers.apart import apart
from trainer_cli.nn.layers.place import Array, Place, Working
from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork, Side

# N examples, M members, F features.


@dataclass(frozen=True, kw_only=True)
class LeakyRelu(Pointwise):
    """y = x where x > 0, else a x; the slope is 1 where x > 0, else a, also at x = 0.

    No unit dies: the gradient of a unit that is off is small, but not 0. With a = 0, -∞ gives
    NaN, and negative numbers give -0.0, as `relu` does.
    Shapes: (N, ..., M, F) to the same.
    Source: Maas, Hannun, Ng 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic
    Models"; CS231n, "Neural Networks Part 1", Commonly used activation functions.
    """

    type: Literal["leaky_relu"] = "leaky_relu"
    slope: Annotated[float, Ge(0), Lt(1), doc("slope a where x is negative")] = 0.01

    keeps_shared: ClassVar[bool] = False
    arrays: ClassVar[int] = 3  # slopes, sides, a copy of a shared x
    follower_init: ClassVar[Initializer] = He()

    @staticmethod
    def bind(stack: Sequence["LeakyRelu"], place: Place) -> Working:
        """Return the layer at work."""
        below = np.array([[settings.slope] for settings in stack], place.dtype)  # (M, 1)
        side = place.buffer(place.input_shape, place.members, np.bool_)

        def leak(x: Array, slope: NDArray[Any]) -> Side:
            above = side[: len(x)]
            np.greater(x, 0, above)
            np.copyto(slope, above)
            np.maximum(slope, below, out=slope)
            np.multiply(x, slope, x)
            return above

        return apart(place, lambda own: PointwiseAtWork(own, leak))
