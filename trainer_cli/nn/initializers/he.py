"""Weights that keep the size of the signal through rectified units."""

from dataclasses import dataclass
from math import sqrt
from typing import Annotated, Literal

import numpy as np
from annotated_types import doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans
from trainer_cli.nn.initializers.spread import Distribution, spread


@dataclass(frozen=True, kw_only=True)
class He:
    """w has mean 0 and variance 2 / fan_in, where fan_in is the number of inputs of one unit.

    A ReLU silences half of its inputs; the 2 makes up for it, so that the second moment of the
    activations is the same in every layer.
    Source: He, Zhang, Ren, Sun 2015, "Delving Deep into Rectifiers", equation 10.
    """

    type: Literal["he"] = "he"
    distribution: Annotated[Distribution, doc("shape of the random numbers")] = "normal"

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`."""
        return spread(rng, shape, sqrt(2 / fans.fan_in), self.distribution)
