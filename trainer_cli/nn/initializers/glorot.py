"""Weights that compromise between keeping the signal's size and keeping the gradient's."""

from dataclasses import dataclass
from math import sqrt
from typing import Annotated, Literal

import numpy as np
from annotated_types import doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans
from trainer_cli.nn.initializers.spread import Distribution, spread


@dataclass(frozen=True, kw_only=True)
class Glorot:
    """w has mean 0 and variance 2 / (fan_in + fan_out).

    1 / fan_in would keep the variance of the signal through linear units, 1 / fan_out that of the
    gradient. This is what PyTorch calls xavier_normal and xavier_uniform; `xavier` here is the
    lecture's 1 / fan_in.
    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward
    neural networks", equation 12; uniform: equation 16.
    """

    type: Literal["glorot"] = "glorot"
    distribution: Annotated[Distribution, doc("shape of the random numbers")] = "normal"

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`."""
        return spread(rng, shape, sqrt(2 / (fans.fan_in + fans.fan_out)), self.distribution)
