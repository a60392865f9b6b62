"""The exponential linear unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Gt, Le, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers import He, Initializer
from trainer_cli.nn.layers.apart import apart
from trainer_cli.nn.layers.place import Array, Place, Working
from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork, Side

# N examples, M members, F features.


@dataclass(frozen=True, kw_only=True)
class Elu(Pointwise):
    """y = x where x > 0, else α (exp(x) - 1); the slope is 1 where x > 0, else α exp(x).

    Its negative values, never below -α, bring the mean of the activations closer to 0.
    Shapes: (N, ..., M, F) to the same.
    Source: Clevert, Unterthiner, Hochreiter 2015, "Fast and Accurate Deep Network Learning by
    Exponential Linear Units (ELUs)", section 3.
    """

    type: Literal["elu"] = "elu"
    alpha: Annotated[
        float, Gt(0), Le(1e6), doc("what y falls to for very negative x, with its sign")
    ] = 1.0

    keeps_shared: ClassVar[bool] = False
    arrays: ClassVar[int] = 3  # slopes, sides, a copy of a shared x
    follower_init: ClassVar[Initializer] = He()

    @staticmethod
    def bind(stack: Sequence["Elu"], place: Place) -> Working:
        """Return the layer at work."""
        alpha = np.array([[settings.alpha] for settings in stack], place.dtype)  # (M, 1)
        side = place.buffer(place.input_shape, place.members, np.bool_)

        def bend(x: Array, slope: NDArray[Any]) -> Side:
            below = side[: len(x)]
            np.less_equal(x, 0, below)
            np.minimum(x, 0, out=slope)
            np.expm1(slope, slope)
            slope *= alpha  # α (exp(x) - 1), 0 where x > 0
            np.maximum(x, 0, out=x)
            x += slope
            slope += alpha
            slope *= below  # faster than a copy where a mask says so
            above: Side = np.logical_not(below, below)
            slope += above
            return above

        return apart(place, lambda own: PointwiseAtWork(own, bend))
