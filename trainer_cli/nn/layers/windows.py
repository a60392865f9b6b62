"""The windows that a convolution sees, as rows of matrices, and where they lie in an image."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array

# N examples, H, W an image, C channels, K the kernel's side, B matrices of R rows.
# G groups: the M members that have inputs of their own; 1 where the input is shared, and then the
# filters of all members stand side by side, F' = M·F. G·F' = M·F either way.
Padding = Literal["same", "valid"] | int
Block = tuple[slice, slice, int]  # examples, rows of windows, matrices B

# A block takes no more values than this, so that they are still in the second-level cache when
# the product reads them: 24 ms for a step of 64 images of 16 x 16 x 32 and 64 filters, forward and
# backward; 33 ms with the rows of the whole batch at once.
BLOCK_VALUES = 1 << 18
# With AVX-512, OpenBLAS takes two thirds of the time for tall products of at most a million
# multiplications, whose operands it does not pack first. Small ones are not worth a call each.
SMALL_PRODUCTS = range(10**5, 10**6 + 1)


@dataclass(frozen=True)
class Span:
    """Where windows lie along one axis: zeros before and after the image, number of windows."""

    before: int
    after: int
    windows: int


def span(size: int, kernel: int, stride: int, padding: Padding) -> Span:
    """Return where windows lie along an axis of `size` pixels.

    "same": ceil(size / stride) windows, with as many zeros as they need, the smaller half before
    (as TensorFlow does; with stride 1 as PyTorch does). "valid": no zeros. A number: so many zeros
    on both sides. No window at all, `windows` < 1, is for the caller to refuse.
    """
    if padding == "same":
        windows = -(-size // stride)
        zeros = max((windows - 1) * stride + kernel - size, 0)
        return Span(zeros // 2, zeros - zeros // 2, windows)
    zeros = 0 if padding == "valid" else padding
    return Span(zeros, zeros, (size + 2 * zeros - kernel) // stride + 1)


def by_group(array: Array, groups: int) -> Array:
    """View parameters (..., M, F) as matrices (G, A, F'), A the product of the axes before M."""
    *_, members, features = array.shape
    return array.reshape(-1, groups, members * features // groups).swapaxes(0, 1)


def as_images(array: Array, groups: int) -> Array:
    """View activations (N, H, W, M, F) as images of groups, (G, N, H, W, F')."""
    *space, members, features = array.shape
    return np.moveaxis(array.reshape(*space, groups, members * features // groups), 3, 0)


def as_rows(images: Array, block: Block) -> Array:
    """View a block of images (G, N, H, W, F) as matrices (G, B, R, F), each pixel a row."""
    examples, rows, count = block
    part = images[:, examples, rows]
    return part.reshape(len(part), count, -1, part.shape[-1])


def runs(array: NDArray[Any]) -> NDArray[Any]:
    """View the values along the last axis, which lie in a row, as one value of as many bytes.

    NumPy copies such a value at once: 1.8 times as fast as 9 numbers, 1.3 times as fast as 96. To
    compute with strided runs it takes 20 ns for each; copied side by side first, runs of 32 numbers
    take half as long.
    """
    return array.view(f"V{array.shape[-1] * array.itemsize}")[..., 0]


class WindowRows:
    """The windows of images as rows of matrices, block by block, in a buffer made once.

    A block is one matrix, or one for each image where the products are faster that way.

    A row holds K·K·C values and a last one that is always 1, so that weights with the biases
    below them give a product that needs no biases added, and have their gradients in one product.
    """

    def __init__(
        self, images: Array, kernel: int, stride: int, counts: tuple[int, int], columns: int
    ) -> None:
        """Take the windows of `images` (G, N, H, W, C), `counts` of them down and across.

        `columns` has the matrix that they are multiplied by.
        """
        height, width = counts
        groups, capacity, _, _, channels = images.shape
        group, example, row, pixel, value = images.strides
        windows = as_strided(
            images,
            (groups, capacity, height, width, kernel, kernel * channels),
            (group, example, stride * row, stride * pixel, row, value),
            writeable=False,
        )
        self._windows = runs(windows)  # (G, N, H', W', K)
        values = kernel * kernel * channels + 1
        fitting = max(1, BLOCK_VALUES // (groups * width * values))  # rows of windows
        self._examples = min(capacity, max(1, fitting // height))
        self._rows = min(height, fitting)
        rows = self._examples * self._rows * width
        self._buffer = aligned.zeros((groups, rows, values), images.dtype)
        self._buffer[..., -1] = 1
        tall, size = height * width >= columns, height * width * values * columns
        self._apart = tall and size in SMALL_PRODUCTS
        self.matrices = self._examples if self._apart else 1  # of a block, the largest B

    def blocks(self, n: int) -> Iterator[tuple[Block, Array]]:
        """Yield blocks that cover n examples, each with its rows (G, B, R, K·K·C + 1)."""
        height = self._windows.shape[2]
        for first in range(0, n, self._examples):
            examples = slice(first, min(first + self._examples, n))
            count = examples.stop - first if self._apart else 1
            for top in range(0, height, self._rows):
                block = examples, slice(top, min(top + self._rows, height)), count
                windows = self._windows[:, block[0], block[1]]
                rows = self._buffer[:, : prod(windows.shape[1:4])]
                places = rows[..., :-1].reshape(*windows.shape, -1)  # (G, N, H', W', K, K·C)
                np.copyto(runs(places), windows)
                yield block, rows.reshape(len(rows), count, -1, rows.shape[-1])
