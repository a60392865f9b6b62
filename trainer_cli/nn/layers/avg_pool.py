"""Average pooling: the mean of every window."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, doc

from trainer_cli.nn.layers.place import Array, Place, Shape
from trainer_cli.nn.layers.pooling import ACROSS, DOWN, Pooling, PoolingWindows

# N examples, M members, H, W an image, C channels, K the window's side, S the stride.


@dataclass(frozen=True, kw_only=True)
class AvgPool(Pooling):
    """y[i, j] = Σ x[S·i + a, S·j + b] / K² over the window a, b < K, for every channel alone.

    Shapes: x (N, H, W, M, C), y (N, H', W', M, C), H' = ⌊(H - K)/S⌋ + 1.
    Gradient: dx is dy / K² in the whole window; it adds up where windows overlap.
    Source: LeCun, Bottou, Bengio, Haffner 1998, "Gradient-Based Learning Applied to Document
    Recognition", section II.B.
    """

    type: Literal["avg_pool"] = "avg_pool"
    size: Annotated[int, Ge(1), doc("side K of the square windows")] = 2
    stride: Annotated[
        Annotated[int, Ge(1)] | None,
        doc("step S from one window to the next, unless given the size"),
    ] = None

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps for one example: its outputs."""
        return prod(self.output_shape(input_shape))

    @staticmethod
    def bind(stack: Sequence["AvgPool"], place: Place) -> "AvgPoolAtWork":
        """Return the layer at work."""
        return AvgPoolAtWork(PoolingWindows(stack, place))


class AvgPoolAtWork:
    """Average pooling of M members at work: sums across, then down."""

    def __init__(self, windows: PoolingWindows) -> None:
        self._windows = windows
        self._share = 1 / windows.size**2
        self._x: Array  # the batch of the last forward, which backward overwrites with dx

    def forward(self, x: Array, training: bool) -> Array:
        """Return the means: (N, H', W', M, C)."""
        windows, self._x = self._windows, x
        for block in windows.blocks(len(x)):
            part, y = x[block, : windows.rows], windows.y[block]
            wide = windows.wide[: len(part)]
            _sum(windows.taps(part, ACROSS), wide)
            _sum(windows.taps(wide, DOWN), y)
            y *= self._share
        return windows.y[: len(x)]

    def backward(self, d: Array) -> Array | None:
        """Return the gradient of the input, (N, H, W, M, C); `d` is used up."""
        windows = self._windows
        if not windows.input_gradient:
            return None
        for block in windows.blocks(len(d)):
            part, dx = d[block], self._x[block]
            wide = windows.wide[: len(part)]
            part *= self._share
            windows.clear(wide)
            for tap in windows.taps(wide, DOWN):
                windows.put(tap, part)
            windows.clear(dx)
            for tap in windows.taps(dx[:, : windows.rows], ACROSS):
                windows.put(tap, wide)
        return self._x[: len(d)]

    def sides(self) -> tuple[Array, ...]:
        """Return nothing: the layer is linear."""
        return ()


def _sum(taps: Sequence[Array], out: Array) -> None:
    np.copyto(out, taps[0])
    for tap in taps[1:]:
        out += tap
