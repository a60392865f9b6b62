"""Weights under which the gradient of a very deep network neither grows nor shrinks on average."""

from dataclasses import dataclass
from math import exp, sqrt
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers.fans import Fans


@dataclass(frozen=True, kw_only=True)
class RandomWalk:
    """w ~ N(0, g² / N), where N is the fan_in.

    The logarithm of the gradient's length takes a random step at every layer. This g makes the
    mean step zero: exp(1 / 2N) for linear units, √2 · exp(1.2 / (max(N, 6) - 2.4)) for ReLU. For
    tanh the paper finds 1.1 to 1.3 by experiment: give such a `gain`, or the linear g is taken.
    Xavier and He keep the mean of the squared length instead, and its logarithm falls by about
    1 / N a layer (linear).
    Source: Sussillo and Abbott 2014, "Random Walk Initialization for Training Very Deep
    Feedforward Networks", sections 3 and 4.
    """

    type: Literal["random_walk"] = "random_walk"
    gain: Annotated[
        Annotated[float, Gt(0)] | None,
        doc("factor g of the weights, unless given the one for ReLU or for linear units"),
    ] = None

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
    ) -> NDArray[np.float64]:
        """Return an array of `shape`."""
        gain = self.gain or _unbiased(fans.fan_in, rectified=fans.rectified)
        return rng.standard_normal(shape) * (gain / sqrt(fans.fan_in))


def _unbiased(n: int, *, rectified: bool) -> float:
    if rectified:
        return sqrt(2) * exp(1.2 / (max(n, 6) - 2.4))
    return exp(1 / (2 * n))
