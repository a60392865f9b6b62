"""What max and average pooling share: windows without zeros around, and nothing to learn."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers.place import Array, Place, Shape, UnfitError
from trainer_cli.nn.layers.unlearned import Unlearned
from trainer_cli.nn.layers.windows import BLOCK_VALUES, runs, span

# N examples, M members, H, W an image, C channels, K the window's side, S the stride.
DOWN, ACROSS = 1, 2  # the axes H and W


class Pooling(Unlearned):
    """The part of a layer's settings that is the same for max and average pooling."""

    size: int
    stride: int | None

    keeps_shared: ClassVar[bool] = True
    follower_init: ClassVar[Initializer | None] = None

    @property
    def step(self) -> int:
        """Pixels from one window to the next."""
        return self.size if self.stride is None else self.stride

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (H', W', C), H' = ⌊(H - K)/S⌋ + 1; raises UnfitError where no window fits."""
        if len(input_shape) != 3:
            raise UnfitError(
                f"takes images (height, width, channels), got examples of shape {input_shape}",
                hint="pooling needs image data, and stands before flatten and dense layers",
            )
        height, width, channels = input_shape
        if self.size > min(height, width):
            raise UnfitError(
                f"must be at most the side of the image, {height} x {width}, got {self.size}",
                setting="size",
                hint="every pooling layer makes the image smaller; use fewer, or a smaller size",
            )
        down, across = (span(n, self.size, self.step, "valid").windows for n in (height, width))
        return (down, across, channels)


class PoolingWindows:
    """Where the windows of a pooling layer lie, and the buffers that both kinds need.

    A window is pooled across first and then down: K + K steps instead of K·K. `wide` holds what
    is pooled across, (b, H", W', M, C) of a block of b examples; H" are the rows that windows see.
    """

    def __init__(self, stack: Sequence[Pooling], place: Place) -> None:
        """Raise ValueError where members differ."""
        if len({(each.size, each.step) for each in stack}) > 1:
            raise ValueError("the members of a stack have the same size and stride")
        self.size, self.step = stack[0].size, stack[0].step
        height, width, channels = place.input_shape
        *self.counts, _ = down, across, _ = stack[0].output_shape(place.input_shape)
        self.rows, columns = ((n - 1) * self.step + self.size for n in (down, across))
        # Windows side by side that cover the image: every value is in exactly one of them.
        self._tiling = self.step == self.size and (self.rows, columns) == (height, width)
        members = place.input_members
        self.y = place.buffer((down, across, channels), members)
        self.input_gradient = place.input_gradient
        values = height * width * members * channels
        self._examples = min(place.capacity, max(1, BLOCK_VALUES // values))
        shape = (self._examples, self.rows, across, members, channels)
        self.wide = aligned.zeros(shape, place.dtype)
        self.spare = aligned.zeros(self.wide.size, place.dtype)

    def blocks(self, n: int) -> Iterator[slice]:
        """Yield slices that cover n examples, few enough at a time for the cache."""
        for first in range(0, n, self._examples):
            yield slice(first, min(first + self._examples, n))

    def taps(self, x: NDArray[Any], axis: int) -> list[NDArray[Any]]:
        """View, for every place in a window along an axis, the values that all windows have there.

        x (b, H", W, M, C) gives K views (b, H", W', M, C) for the axis ACROSS; (b, H", W', M, C)
        gives K views (b, H', W', M, C) for the axis DOWN.
        """
        before = (slice(None),) * axis
        length = (self.counts[axis - 1] - 1) * self.step + 1
        return [x[(*before, slice(k, k + length, self.step))] for k in range(self.size)]

    def clear(self, whole: Array) -> None:
        """Set to 0 what `put` does not fill, or adds to."""
        if not self._tiling:
            whole.fill(0)

    def put(self, tap: Array, d: Array) -> None:
        """Hand gradients to one tap; windows that overlap add up theirs."""
        if self.step < self.size:
            tap += d
        else:
            np.copyto(runs(tap), runs(d))
