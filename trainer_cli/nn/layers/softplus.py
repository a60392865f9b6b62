"""The smooth rectifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from trainer_cli.nn.initializers import He, Initializer
from trainer_cli.nn.layers.place import Array, Place
from trainer_cli.nn.layers.pointwise import Pointwise, PointwiseAtWork

# N examples, M members, F features.


@dataclass(frozen=True, kw_only=True)
class Softplus(Pointwise):
    """y = ln(1 + exp(x)); the slope is 1 / (1 + exp(-x)).

    Computed as max(x, 0) + ln(1 + exp(-|x|)), which neither overflows nor rounds to 0 too early.
    Shapes: (N, ..., M, F) to the same.
    Source: Dugas, Bengio, Bélisle, Nadeau, Garcia 2000, "Incorporating Second-Order Functional
    Knowledge for Better Option Pricing", section 3.
    """

    type: Literal["softplus"] = "softplus"

    keeps_shared: ClassVar[bool] = True
    arrays: ClassVar[int] = 1  # the slopes
    follower_init: ClassVar[Initializer] = He()

    @staticmethod
    def bind(stack: Sequence["Softplus"], place: Place) -> PointwiseAtWork:
        """Return the layer at work."""
        return PointwiseAtWork(place, _soften)


def _soften(x: Array, slope: Array) -> None:
    np.abs(x, slope)
    np.negative(slope, slope)
    np.exp(slope, slope)
    np.log1p(slope, slope)
    np.maximum(x, 0, out=x)
    x += slope
    np.negative(x, slope)
    np.expm1(slope, slope)
    np.negative(slope, slope)  # 1 - exp(-y), which is the slope at x
