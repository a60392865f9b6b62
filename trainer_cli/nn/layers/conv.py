"""The convolutional layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, doc

from trainer_cli.nn import aligned
from trainer_cli.nn.initializers import Fans, He, Initializer, Xavier, Zeros
from trainer_cli.nn.layers.biases import BiasInit
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape, UnfitError, Working
from trainer_cli.nn.layers.weighted import OwnL1, OwnL2, OwnMaxNorm
from trainer_cli.nn.layers.windows import Span, WindowRows, as_images, as_rows, by_group, span
from trainer_cli.nn.layers.winograd import WinogradAtWork, pays, tile_values

# N examples, M members, H, W an image, C channels, K the kernel's side, S the stride, F filters.
# G groups of F' filters: G·F' = M·F, see windows.py.


@dataclass(frozen=True, kw_only=True)
class Conv:
    """y[i, j] = Σ W[a, b] x[S·i + a, S·j + b] + b, over the window a, b < K and all channels.

    Shapes: x (N, H, W, M, C), with zeros around it; W (K, K, C, M, F); b (M, F);
    y (N, H', W', M, F), H' = ⌈H/S⌉ with padding "same" and ⌊(H + 2P - K)/S⌋ + 1 with P zeros.
    Gradients: dW[a, b] = Σ x[S·i + a, S·j + b] dy[i, j], db = Σ dy;
    dx = the convolution of dy, S - 1 zeros between its pixels, with the kernel turned by 180°.
    Source: CS231n, "Convolutional Neural Networks", section Convolutional Layer.
    """

    type: Literal["conv"] = "conv"
    filters: Annotated[int, Ge(1), doc("number of filters, the channels of the output")]
    kernel: Annotated[int, Ge(1), doc("side K of the square window that a filter sees")] = 3
    stride: Annotated[int, Ge(1), doc("step S from one window to the next")] = 1
    padding: Annotated[
        Literal["same", "valid"] | Annotated[int, Ge(0)],
        doc("width of the border of zeros: same, valid (none) or a number"),
    ] = "same"
    init: Annotated[
        Initializer | None,
        doc("rule by which the weights start, unless given the one that fits what follows"),
    ] = None
    bias_init: BiasInit = Zeros()  # noqa: RUF009
    l1: OwnL1 = None
    l2: OwnL2 = None
    max_norm: OwnMaxNorm = None

    keeps_shared: ClassVar[bool] = False
    follower_init: ClassVar[Initializer] = Xavier()

    def spans(self, input_shape: Shape) -> tuple[Span, Span]:
        """Return where the windows lie down and across; raises UnfitError where none fits."""
        if len(input_shape) != 3:
            raise UnfitError(
                f"takes images (height, width, channels), got examples of shape {input_shape}",
                hint="convolution needs image data, and stands before flatten and dense layers",
            )
        height, width, _ = input_shape
        down = span(height, self.kernel, self.stride, self.padding)
        across = span(width, self.kernel, self.stride, self.padding)
        if min(down.windows, across.windows) < 1:
            size = f"{height + down.before + down.after} x {width + across.before + across.after}"
            raise UnfitError(
                f"must be at most the side of its padded image, {size}, got {self.kernel}",
                setting="kernel",
                hint="padding: same fits every kernel",
            )
        return down, across

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (H', W', F)."""
        down, across = self.spans(input_shape)
        return (down.windows, across.windows, self.filters)

    def parameters(self, input_shape: Shape) -> tuple[ParameterShape, ...]:
        """Return the shapes of the weights (K, K, C, F) and biases (F,)."""
        shape = (self.kernel, self.kernel, input_shape[-1], self.filters)
        return (
            ParameterShape(name="weights", shape=shape, role="weight"),
            ParameterShape(name="biases", shape=(self.filters,), role="other"),
        )

    def initialize(
        self, values: Mapping[str, Array], rng: np.random.Generator, follower: Initializer
    ) -> None:
        """Fill one member's weights (K, K, C, F) and its biases (F,)."""
        weights = values["weights"]
        window = self.kernel * self.kernel
        fans = Fans(
            fan_in=window * weights.shape[2],
            fan_out=window * self.filters,
            rectified=isinstance(follower, He),
        )
        weights[:] = (self.init or follower).draw(rng, weights.shape, fans)
        values["biases"][:] = self.bias_init.draw(rng, (self.filters,), fans)

    def goes_by_tiles(self, input_shape: Shape) -> bool:
        """Return whether Winograd's way is the faster one."""
        spans = self.spans(input_shape)
        return (self.kernel, self.stride) == (3, 1) and pays(input_shape[-1], self.filters, spans)

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps for one example: y, dx, and what they come from.

        That is x and dy with zeros around them, or the tiles of x.
        """
        (height, width, channels), (down, across) = input_shape, self.spans(input_shape)
        results = prod(input_shape) + prod(self.output_shape(input_shape))
        if self.goes_by_tiles(input_shape):
            return results + tile_values((down, across)) * channels
        tall, wide = down.before + height + down.after, across.before + width + across.after
        around = self.kernel - 1
        return results + tall * wide * channels + (tall + around) * (wide + around) * self.filters

    @staticmethod
    def bind(stack: Sequence["Conv"], place: Place) -> Working:
        """Return the layer at work, by the faster of two ways to the same values."""
        first, spans = stack[0], stack[0].spans(place.input_shape)
        if any(
            (each.stride, each.spans(place.input_shape)) != (first.stride, spans) for each in stack
        ):
            raise ValueError("the members of a stack have the same stride and padding")
        if first.goes_by_tiles(place.input_shape):
            return WinogradAtWork(first.filters, spans, place)
        return ConvAtWork(first, spans, place)


class ConvAtWork:
    """A convolution of M members at work: every window a row of a matrix, times the weights."""

    def __init__(self, settings: Conv, spans: tuple[Span, Span], place: Place) -> None:
        kernel, stride, groups = settings.kernel, settings.stride, place.input_members
        (height, width, channels), (down, across) = place.input_shape, spans
        self._groups = groups
        self._weights = by_group(place.values["weights"], groups)  # (G, K·K·C, F')
        self._biases = by_group(place.values["biases"], groups)  # (G, 1, F')
        self._weight_gradient = by_group(place.gradients["weights"], groups)
        self._bias_gradient = by_group(place.gradients["biases"], groups)
        filters = self._weights.shape[-1]  # F'
        # Weights with the biases below them, and their gradients, of one block and in all.
        stacked = (groups, kernel * kernel * channels + 1, filters)
        self._stacked, self._part, self._sum = np.zeros((3, *stacked), place.dtype)

        # x with zeros around it.
        tall, wide = (s.before + n + s.after for s, n in zip(spans, (height, width), strict=True))
        padded = aligned.zeros((groups, place.capacity, tall, wide, channels), place.dtype)
        self._inner = padded[:, :, down.before :, across.before :][:, :, :height, :width]
        counts = (down.windows, across.windows)
        self._x_rows = WindowRows(padded, kernel, stride, counts, filters)
        self._parts = np.zeros((groups, self._x_rows.matrices, *stacked[1:]), place.dtype)
        self._y = place.buffer((*counts, settings.filters), place.members)

        self._dx = place.buffer(place.input_shape, groups) if place.input_gradient else None
        if self._dx is None:
            return
        # dy with S - 1 zeros between its pixels and K - 1 around them, and the kernel turned.
        space = (tall + kernel - 1, wide + kernel - 1)
        spread = aligned.zeros((groups, place.capacity, *space, filters), place.dtype)
        self._spread = spread[:, :, kernel - 1 :: stride, kernel - 1 :: stride]
        self._spread = self._spread[:, :, : down.windows, : across.windows]
        self._turned = self._weights.reshape(groups, kernel, kernel, channels, filters)
        self._turned = self._turned[:, ::-1, ::-1].swapaxes(-1, -2)  # (G, K, K, F', C)
        self._kernel = np.zeros(self._turned.shape, place.dtype)
        seen = spread[:, :, down.before :, across.before :]
        self._d_rows = WindowRows(seen, kernel, 1, (height, width), channels)

    def forward(self, x: Array, training: bool) -> Array:
        """Return the convolution of x with W, plus b: (N, H', W', M, F)."""
        n = len(x)
        np.copyto(self._inner[:, :n], as_images(x, self._groups))
        self._stacked[:, :-1], self._stacked[:, -1:] = self._weights, self._biases
        y = as_images(self._y[:n], self._groups)
        for block, rows in self._x_rows.blocks(n):
            np.matmul(rows, self._stacked[:, None], out=as_rows(y, block))
        return self._y[:n]

    def backward(self, d: Array) -> Array | None:
        """Fill dW and db; return dx (N, H, W, M, C)."""
        n, dy = len(d), as_images(d, self._groups)
        self._sum.fill(0)
        for block, rows in self._x_rows.blocks(n):
            parts = self._parts[:, : rows.shape[1]]
            np.matmul(rows.swapaxes(-1, -2), as_rows(dy, block), out=parts)
            self._sum += np.add.reduce(parts, axis=1, out=self._part)
        self._weight_gradient[:], self._bias_gradient[:] = self._sum[:, :-1], self._sum[:, -1:]
        if self._dx is None:
            return None
        np.copyto(self._spread[:, :n], dy)
        np.copyto(self._kernel, self._turned)
        kernel = self._kernel.reshape(len(self._kernel), 1, -1, self._kernel.shape[-1])
        dx = as_images(self._dx[:n], self._groups)
        for block, rows in self._d_rows.blocks(n):
            np.matmul(rows[..., :-1], kernel, out=as_rows(dx, block))
        return self._dx[:n]

    def sides(self) -> tuple[Array, ...]:
        """Return nothing: the layer is linear."""
        return ()
