"""Weights that keep the size of the signal through linear and tanh units."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Xavier:
    """w ~ N(0, 1 / fan_in), where fan_in is the number of inputs of one unit.

    The lecture's form of Glorot and Bengio's rule: it keeps the variance going forward.
    Source: CS231n, "Neural Networks Part 2", section Weight Initialization; Glorot and Bengio
    2010, "Understanding the difficulty of training deep feedforward neural networks", section 4.2.
    """

    type: Literal["xavier"] = "xavier"

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fan_in: int
    ) -> NDArray[np.float64]:
        """Return an array of `shape`."""
        return rng.standard_normal(shape) * sqrt(1 / fan_in)
