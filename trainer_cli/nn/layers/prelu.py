"""The rectified linear unit whose other side is learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers import He, Initializer
from trainer_cli.nn.layers.apart import apart
from trainer_cli.nn.layers.columns import ColumnsOfBatches
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape, Working

# N examples, M members, F features: units of a vector, channels of an image.


@dataclass(frozen=True, kw_only=True)
class Prelu:
    """y = x where x > 0, else a x, with a slope a for each feature that is learned.

    Shapes: (N, ..., M, F) to the same; a (M, F). The penalties on weights leave a alone, as they
    would pull it to 0 and the layer to a ReLU.
    Gradients: dx = dy · (1 where x > 0, else a), da = Σ dy · min(x, 0).
    Source: He, Zhang, Ren, Sun 2015, "Delving Deep into Rectifiers", section 2.1.
    """

    type: Literal["prelu"] = "prelu"
    start: Annotated[float, Ge(-1e6), Le(1e6), doc("slope a that training starts with")] = 0.25

    keeps_shared: ClassVar[bool] = False
    follower_init: ClassVar[Initializer] = He()

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return `input_shape`."""
        return input_shape

    def parameters(self, input_shape: Shape) -> tuple[ParameterShape, ...]:
        """Return the shape of the slopes (F,)."""
        return (ParameterShape(name="slopes", shape=input_shape[-1:], role="other"),)

    def initialize(
        self, values: Mapping[str, Array], rng: np.random.Generator, follower: Initializer
    ) -> None:
        """Fill one member's slopes (F,); nothing is drawn."""
        values["slopes"][:] = self.start

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps for one example: min(x, 0), slopes, sides, x."""
        return 4 * prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["Prelu"], place: Place) -> Working:
        """Return the layer at work."""
        return apart(place, PreluAtWork)


class PreluAtWork:
    """Rectifiers with learned slopes of M members at work."""

    def __init__(self, place: Place) -> None:
        self._values = place.values["slopes"]  # (M, F)
        self._gradient = place.gradients["slopes"].reshape(-1)  # (M·F,)
        self._input_gradient = place.input_gradient
        self._positive = place.buffer(place.input_shape, place.members, np.bool_)
        self._negative = place.buffer(place.input_shape, place.members)
        self._slope = place.buffer(place.input_shape, place.members)
        self._columns = ColumnsOfBatches()
        self._n = 0  # examples of the last forward

    def forward(self, x: Array, training: bool) -> Array:
        """Return x or a x, in the array of `x`: (N, ..., M, F)."""
        n = self._n = len(x)
        positive, slope = self._positive[:n], self._slope[:n]
        np.minimum(x, 0, out=self._negative[:n])
        np.copyto(slope, self._values)
        rest = np.less_equal(x, 0, positive)
        slope *= rest  # faster than a copy where a mask says so
        np.logical_not(rest, positive)
        slope += positive
        np.multiply(x, slope, x)
        return x

    def backward(self, d: Array) -> Array | None:
        """Fill da; return the gradient of the input, in the array of `d`: (N, ..., M, F)."""
        negative = self._negative[: len(d)]
        columns = self._columns.of(negative)
        negative *= d  # no longer needed as it was
        self._gradient[:] = columns.sums(columns.view(negative))
        if not self._input_gradient:
            return None
        d *= self._slope[: len(d)]
        return d

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return where x was above 0."""
        return (self._positive[: self._n],)
