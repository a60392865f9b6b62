"""Max pooling: the largest value of every window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, doc
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array, Place, Shape
from trainer_cli.nn.layers.pooling import ACROSS, DOWN, Pooling, PoolingWindows
from trainer_cli.nn.layers.windows import runs

# N examples, M members, H, W an image, C channels, K the window's side, S the stride; b examples
# of a block.
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class MaxPool(Pooling):
    """y[i, j] = max x[S·i + a, S·j + b] over the window a, b < K, for every channel alone.

    Shapes: x (N, H, W, M, C), y (N, H', W', M, C), H' = ⌊(H - K)/S⌋ + 1.
    Gradient: dx is dy where the largest value was, the first one in the order of rows if several
    are equally large, and 0 elsewhere; it adds up where windows overlap.
    Source: CS231n, "Convolutional Neural Networks", section Pooling Layer.
    """

    type: Literal["max_pool"] = "max_pool"
    size: Annotated[int, Ge(1), doc("side K of the square windows")] = 2
    stride: Annotated[
        Annotated[int, Ge(1)] | None,
        doc("step S from one window to the next, unless given the size"),
    ] = None

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps at most for one example: its outputs and masks.

        Masks take a byte for each value, a quarter of a float32.
        """
        height, _, channels = input_shape
        down, across, _ = self.output_shape(input_shape)
        masks = (self.size - 1) * (height + down) * across * channels
        return down * across * channels + -(-masks // 4)

    @staticmethod
    def bind(stack: Sequence["MaxPool"], place: Place) -> "MaxPoolAtWork":
        """Return the layer at work."""
        return MaxPoolAtWork(PoolingWindows(stack, place), place)


class MaxPoolAtWork:
    """Max pooling of M members at work: across, then down, with a mask of every step's winners."""

    def __init__(self, windows: PoolingWindows, place: Place) -> None:
        self._windows = windows
        down, across = windows.counts
        features = (place.input_members, place.input_shape[-1])
        self._won_across: Mask = aligned.zeros(
            (windows.size - 1, place.capacity, windows.rows, across, *features), np.bool_
        )
        self._won_down: Mask = aligned.zeros(
            (windows.size - 1, place.capacity, down, across, *features), np.bool_
        )
        self._x: Array  # the batch of the last forward, which backward overwrites with dx

    def forward(self, x: Array, training: bool) -> Array:
        """Return the largest values: (N, H', W', M, C)."""
        windows, self._x = self._windows, x
        for block in windows.blocks(len(x)):
            part = x[block, : windows.rows]
            wide = windows.wide[: len(part)]
            self._take_largest(windows.taps(part, ACROSS), wide, self._won_across[:, block])
            self._take_largest(windows.taps(wide, DOWN), windows.y[block], self._won_down[:, block])
        return windows.y[: len(x)]

    def _take_largest(self, taps: Sequence[Array], out: Array, won: Mask) -> None:
        """Fill `out` with the largest of the taps; won[k - 1]: where tap k beat all before it."""
        tap = self._windows.spare[: out.size].reshape(out.shape)
        np.copyto(runs(out), runs(taps[0]))
        for other, mask in zip(taps[1:], won, strict=True):
            np.copyto(runs(tap), runs(other))
            np.greater(tap, out, out=mask)
            np.maximum(out, tap, out=out)

    def backward(self, d: Array) -> Array | None:
        """Return the gradient of the input, (N, H, W, M, C); `d` is used up."""
        windows = self._windows
        if not windows.input_gradient:
            return None
        for block in windows.blocks(len(d)):
            part, dx = d[block], self._x[block]
            wide = windows.wide[: len(part)]
            windows.clear(wide)
            self._hand_back(part, windows.taps(wide, DOWN), self._won_down[:, block])
            windows.clear(dx)
            self._hand_back(
                wide, windows.taps(dx[:, : windows.rows], ACROSS), self._won_across[:, block]
            )
        return self._x[: len(d)]

    def _hand_back(self, d: Array, taps: Sequence[Array], won: Mask) -> None:
        """Give each tap what is left of `d` where it won last; what no other won is the first's."""
        own = self._windows.spare[: d.size].reshape(d.shape)
        for tap, mask in zip(taps[:0:-1], won[::-1], strict=True):
            np.copyto(own, mask)  # and then times d, in 0.8 of the time of d times mask
            own *= d
            d -= own
            self._windows.put(tap, own)
        self._windows.put(taps[0], d)

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return the place of the largest value in its window, row by row: (N, H', W', M, C)."""
        n, windows = len(self._x), self._windows
        columns = windows.taps(_winner(self._won_across[:, :n]), DOWN)
        row = _winner(self._won_down[:, :n])
        place = np.zeros_like(row)
        for k, column in enumerate(columns):
            np.copyto(place, windows.size * k + column, where=row == k)
        return (place,)


def _winner(won: Mask) -> NDArray[np.intp]:
    """Return which tap won in the end: the last one that beat all before it."""
    winner = np.zeros(won.shape[1:], np.intp)
    for k, mask in enumerate(won, start=1):
        winner[mask] = k
    return winner
