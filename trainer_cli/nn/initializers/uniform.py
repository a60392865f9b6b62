"""Weights spread evenly over an interval of a chosen size."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans


@dataclass(frozen=True, kw_only=True)
class Uniform:
    """w ~ U(-limit, limit), whatever the number of inputs; the standard deviation is limit / √3.

    Source: CS231n, "Neural Networks Part 2", section Weight Initialization, which finds it as good
    as Gaussian numbers.
    """

    type: Literal["uniform"] = "uniform"
    limit: Annotated[float, Gt(0), doc("largest size of a weight")] = 0.05

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`; the fans do not matter here."""
        return rng.uniform(-self.limit, self.limit, shape)
