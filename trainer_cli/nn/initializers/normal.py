"""Gaussian weights of a chosen size, as the lecture's small random numbers."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans


@dataclass(frozen=True, kw_only=True)
class Normal:
    """w ~ N(0, std²), whatever the number of inputs.

    With `std` 1e-4 the initial scores are almost zero and the initial loss is ln C.
    Source: CS231n, "Neural Networks Part 2", section Weight Initialization.
    """

    type: Literal["normal"] = "normal"
    std: Annotated[float, Gt(0), doc("standard deviation of the weights")] = 0.01

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`; the fans do not matter here."""
        return rng.standard_normal(shape) * self.std
