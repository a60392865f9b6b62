"""Values that are never the same twice, so that no single one can be learned by heart."""

from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.datasets.augment.place import Array, Place, Shape
from trainer_cli.nn import aligned

# B examples of a batch, M members, F values of one example.


@dataclass(frozen=True, kw_only=True)
class Noise:
    """y = x + std · n with n ~ N(0, 1), new for every value; takes examples of any shape.

    `std` is in units of the preprocessed values: 0.1 is little for standardized data and nothing
    for values from 0 to 255.
    Source: Bishop 1995, "Training with Noise is Equivalent to Tikhonov Regularization".
    """

    type: Literal["noise"] = "noise"
    std: Annotated[
        float,
        Ge(0),
        Le(1e6),
        doc("standard deviation of what is added to every preprocessed value"),
    ] = 0.1

    def check(self, shape: Shape) -> None:
        """Accept any shape."""

    def values_per_example(self, shape: Shape) -> int:
        """Return how many values are kept for one example: its noise."""
        return prod(shape)

    def bind(self, place: Place) -> "NoiseAtWork":
        """Return the augmentation at work."""
        return NoiseAtWork(self.std, place)


class NoiseAtWork:
    """Adds noise, which is drawn as float32 so that it is the same at every precision."""

    def __init__(self, std: float, place: Place) -> None:
        self._std = std
        shape = (place.members, place.capacity, prod(place.shape))
        self.random: NDArray[Any] = aligned.zeros(shape, np.float32)

    def draw(self, rng: np.random.Generator, out: NDArray[Any]) -> None:
        """Fill out (B, F) with standard normal numbers."""
        rng.standard_normal(dtype=np.float32, out=out)

    def apply(self, batch: Array, drawn: NDArray[Any]) -> None:
        """Add the numbers, times the standard deviation."""
        np.multiply(drawn, self._std, out=drawn)
        np.add(batch, drawn, out=batch)
