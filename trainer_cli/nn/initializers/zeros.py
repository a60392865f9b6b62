"""Weights of zero, the mistake that the lecture warns of, for showing what it does."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans


@dataclass(frozen=True, kw_only=True)
class Zeros:
    """w = 0. In a hidden layer all units then compute the same and stay equal for ever.

    Sound for an output layer alone: its scores start at zero and the loss at ln C.
    Source: CS231n, "Neural Networks Part 2", "Pitfall: all zero initialization".
    """

    type: Literal["zeros"] = "zeros"

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`; nothing is drawn."""
        return np.zeros(shape)
