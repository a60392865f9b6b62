"""Weights that keep the size of the signal through linear and tanh units."""

from dataclasses import dataclass
from math import sqrt
from typing import Annotated, Literal

import numpy as np
from annotated_types import doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans
from trainer_cli.nn.initializers.spread import Distribution, spread


@dataclass(frozen=True, kw_only=True)
class Xavier:
    """w has mean 0 and variance 1 / fan_in, where fan_in is the number of inputs of one unit.

    The lecture's form of Glorot and Bengio's rule: it keeps the variance going forward.
    Source: CS231n, "Neural Networks Part 2", section Weight Initialization; Glorot and Bengio
    2010, "Understanding the difficulty of training deep feedforward neural networks", section 4.2.
    """

    type: Literal["xavier"] = "xavier"
    distribution: Annotated[Distribution, doc("shape of the random numbers")] = "normal"

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`."""
        return spread(rng, shape, sqrt(1 / fans.fan_in), self.distribution)
