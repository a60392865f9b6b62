"""The same value everywhere: for biases, and for showing why weights must differ."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans


@dataclass(frozen=True, kw_only=True)
class Constant:
    """w = value. As weights of a hidden layer it keeps all units equal for ever, as zeros do.

    As biases, a small value such as 0.01 lets every ReLU pass on some gradient at the start.
    Source: CS231n, "Neural Networks Part 2", Initializing the biases.
    """

    type: Literal["constant"] = "constant"
    value: Annotated[float, Ge(-1e6), Le(1e6), doc("number that all start with")] = 0.01

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`; nothing is drawn."""
        return np.full(shape, self.value, np.float64)
