"""Weights that keep the size of the signal through rectified units."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class He:
    """w ~ N(0, 2 / fan_in), where fan_in is the number of inputs of one unit.

    A ReLU silences half of its inputs; the 2 makes up for it, so that the second moment of the
    activations is the same in every layer.
    Source: He, Zhang, Ren, Sun 2015, "Delving Deep into Rectifiers", equation 10.
    """

    type: Literal["he"] = "he"

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fan_in: int
    ) -> NDArray[np.float64]:
        """Return an array of `shape`."""
        return rng.standard_normal(shape) * sqrt(2 / fan_in)
