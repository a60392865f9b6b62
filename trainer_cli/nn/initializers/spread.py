"""Random numbers of a given size, by either of the two distributions in use."""

from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Distribution = Literal["normal", "uniform"]


def spread(
    rng: np.random.Generator, shape: tuple[int, ...], std: float, distribution: Distribution
) -> NDArray[np.float64]:
    """Return numbers with mean 0 and this standard deviation: N(0, std²) or U(-√3·std, √3·std)."""
    if distribution == "uniform":
        return rng.uniform(-sqrt(3) * std, sqrt(3) * std, shape)
    return rng.standard_normal(shape) * std
