"""Convolution with 3 x 3 kernels in a quarter of the multiplications, by Winograd's F(4x4, 3x3).

Y = Aᵀ [(G W Gᵀ) · (Bᵀ X B)] A gives 4 x 4 pixels of the output from 6 x 6 of the input, where · is
taken value by value, and summed over the channels as a matrix product. In one dimension that is
the product of two polynomials through their values at 0, 1, -1, 2, -2 and infinity. The gradients
are the same steps transposed, in reverse.
Source: Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks", section 4.3.
"""

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array, Place
from trainer_cli.nn.layers.tiles import (
    REACH,
    TILE,
    TileArrays,
    add_up,
    by_point,
    join,
    reached,
    split,
)
from trainer_cli.nn.layers.windows import Span, as_images, by_group, runs

# N examples, M members, H, W an image, C channels, F filters; G groups of F' filters, see
# windows.py; P tiles of a block in each group.
B = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)  # Bᵀ of the paper
G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
A = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
POINTS = REACH * REACH
ONE = 7  # the point (1, 1): what is added to the product there reaches every pixel of the tile

# A block has about so many tiles: fewer make thin matrix products, more leave the cache.
BLOCK_TILES = 128


def pays(channels: int, filters: int, spans: Sequence[Span]) -> bool:
    """Return whether this way is faster than windows as rows, as measured for many shapes.

    It is where the products outweigh the transforms, so with many channels and filters, and
    where most of the tiles' pixels lie in the image.
    """
    tiles = _tiles(spans)
    used = prod(each.windows for each in spans) / (prod(tiles) * TILE * TILE)
    return min(channels, filters) >= 8 and used >= 0.5 and used**2 * channels * filters >= 400


def tile_values(spans: Sequence[Span]) -> int:
    """Return how many values the tiles of an image of one channel have."""
    return POINTS * prod(_tiles(spans))


def _tiles(spans: Sequence[Span]) -> tuple[int, ...]:
    return tuple(-(-each.windows // TILE) for each in spans)


class WinogradAtWork:
    """A 3 x 3 convolution of M members with stride 1 at work, tile by tile."""

    def __init__(self, filters: int, spans: tuple[Span, Span], place: Place) -> None:
        groups, capacity, dtype = place.input_members, place.capacity, place.dtype
        height, width, channels = place.input_shape
        down, across = spans
        self._b, self._g, self._a = (m.astype(dtype) for m in (B, np.kron(G, G), A))
        self._weights = place.values["weights"].reshape(9, -1)  # (9, C·M·F)
        self._weight_gradient = place.gradients["weights"].reshape(9, -1)
        self._biases = by_group(place.values["biases"], groups)  # (G, 1, F')
        self._bias_gradient = by_group(place.gradients["biases"], groups)
        self._groups, self._ends = groups, (channels, self._biases.shape[-1])

        # U = G W Gᵀ and its gradient, both also as (36, G, C, F'), and Uᵀ.
        self._flat_u, self._flat_du = np.zeros((2, POINTS, self._weights.shape[1]), dtype)
        self._u, self._du = (
            flat.reshape(POINTS, channels, groups, -1).swapaxes(1, 2)
            for flat in (self._flat_u, self._flat_du)
        )
        self._du_block = np.zeros(self._u.shape, dtype)
        self._u_turned = np.zeros((POINTS, groups, *reversed(self._ends)), dtype)

        self._tiles = t, u = _tiles(spans)
        self._inside = (..., _inside(down, height), _inside(across, width), slice(None))
        self._examples = b = min(capacity, max(1, BLOCK_TILES // (t * u)))
        self._blocks: dict[int, TileArrays] = {}
        # V = B x Bᵀ of every block, for backward.
        self._v = aligned.zeros((-(-capacity // b), POINTS * groups * b * t * u * channels), dtype)
        self._y = place.buffer((down.windows, across.windows, filters), place.members)
        self._dx = place.buffer(place.input_shape, groups) if place.input_gradient else None

    def _blocks_of(self, n: int) -> Iterator[tuple[slice, TileArrays, Array]]:
        """Yield the examples of every block, its arrays, and its V (6, 6, G, b, t, u, C)."""
        for k, first in enumerate(range(0, n, self._examples)):
            b = min(self._examples, n - first)
            block = self._blocks.get(b)
            if block is None:
                shape = (self._groups, b, *self._tiles)
                block = self._blocks[b] = TileArrays(shape, *self._ends, self._v.dtype)
            yield slice(first, first + b), block, self._v[k, : block.x.size].reshape(block.x.shape)

    def forward(self, x: Array, training: bool) -> Array:
        """Return the convolution of x with W, plus b: (N, H', W', M, F)."""
        n = len(x)
        np.matmul(self._g, self._weights, out=self._flat_u)
        images, y = as_images(x, self._groups), as_images(self._y[:n], self._groups)
        for examples, block, v in self._blocks_of(n):
            np.copyto(block.x_images[self._inside], images[:, examples])
            np.copyto(runs(block.x), runs(reached(block.x_images)))
            block.both_ways(self._b, block.x, v)
            m = by_point(block.m)  # (36, G, P, F')
            np.matmul(by_point(v), self._u, out=m)
            m[ONE] += self._biases
            block.both_ways(self._a, block.m, block.y)
            join(block.y, y[:, examples], block.y_images)
        return self._y[:n]

    def backward(self, d: Array) -> Array | None:
        """Fill dW and db; return dx (N, H, W, M, C)."""
        n, dy = len(d), as_images(d, self._groups)
        dx = None if self._dx is None else self._dx[:n]
        self._flat_du.fill(0)
        self._bias_gradient.fill(0)
        np.copyto(self._u_turned, self._u.swapaxes(-1, -2))
        for examples, block, v in self._blocks_of(n):
            split(dy[:, examples], block.y, block.y_images)
            block.both_ways(self._a.T, block.y, block.m)
            m = by_point(block.m)  # (36, G, P, F')
            self._bias_gradient += np.add.reduce(m[ONE], axis=-2, keepdims=True)
            np.matmul(by_point(v).swapaxes(-1, -2), m, out=self._du_block)
            self._du += self._du_block
            if dx is not None:
                np.matmul(m, self._u_turned, out=by_point(block.x))
                block.both_ways(self._b.T, block.x, block.x)
                add_up(block.x, block.dx_images)
                images = as_images(dx[examples], self._groups)
                np.copyto(images, block.dx_images[self._inside])
        np.matmul(self._g.T, self._flat_du, out=self._weight_gradient)
        return dx

    def sides(self) -> tuple[Array, ...]:
        """Return nothing: the layer is linear."""
        return ()


def _inside(span: Span, size: int) -> slice:
    return slice(span.before, span.before + size)
