"""Images cut into the tiles that Winograd's convolution works on, and put together again."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.layers.windows import runs

# N examples, H, W an image, C channels, F filters; G groups, see windows.py; b examples of a block
# with t x u tiles each.
TILE, REACH = 4, 6  # sides of a tile of the output, and of the input pixels that it depends on


class TileArrays:
    """Arrays for b examples: whole images, and tiles with the places within a tile first."""

    def __init__(self, tiles: tuple[int, ...], channels: int, filters: int, dtype: Any) -> None:
        """Take `tiles` as (G, b, t, u)."""
        groups, n, t, u = tiles
        reach = (groups, n, TILE * t + 2, TILE * u + 2, channels)
        self.x_images, self.dx_images = (aligned.zeros(reach, dtype) for _ in range(2))
        self.y_images = aligned.zeros((groups, n, TILE * t, TILE * u, filters), dtype)
        self.x = aligned.zeros((REACH, REACH, *tiles, channels), dtype)
        self.m = aligned.zeros((REACH, REACH, *tiles, filters), dtype)
        self.y = aligned.zeros((TILE, TILE, *tiles, filters), dtype)
        self._half = aligned.zeros(max(self.x.size, self.m.size), dtype)

    def both_ways(self, matrix: Array, tiles: Array, out: Array) -> None:
        """Fill `out` (R, R, ...) with matrix @ tile @ matrixᵀ, for every tile of (A, A, ...).

        Both ways are batches of thin products, which OpenBLAS computes without packing as long as
        each is small (with AVX-512: (4, 6) @ (6, 49152) takes twice as long as 6 times 8192).
        """
        r, a = matrix.shape
        half = self._half[: tiles.size // a * r].reshape(r, a, -1)
        np.matmul(matrix, tiles.reshape(a, a, -1).swapaxes(0, 1), out=half.swapaxes(0, 1))
        np.matmul(matrix, half, out=out.reshape(r, r, -1))


def by_point(tiles: Array) -> Array:
    """View tiles (6, 6, G, b, t, u, F) as a matrix for every point and group, (36, G, b·t·u, F)."""
    return tiles.reshape(REACH * REACH, tiles.shape[2], -1, tiles.shape[-1])


def cut(images: Array) -> Array:
    """View images (G, b, 4·t, 4·u, F) as tiles (4, 4, G, b, t, u, F)."""
    groups, n, height, width, filters = images.shape
    tiles = images.reshape(groups, n, height // TILE, TILE, width // TILE, TILE, filters)
    return tiles.transpose(3, 5, 0, 1, 2, 4, 6)


def join(tiles: Array, images: Array, whole: Array) -> None:
    """Fill images (G, b, H, W, F) with tiles, less what sticks out of them.

    `whole` has room for all of the tiles, and is used where some stick out.
    """
    height, width = images.shape[2:4]
    if whole.shape[2:4] == (height, width):
        np.copyto(runs(cut(images)), runs(tiles))
    else:
        np.copyto(runs(cut(whole)), runs(tiles))
        np.copyto(images, whole[:, :, :height, :width])


def split(images: Array, tiles: Array, whole: Array) -> None:
    """Fill tiles with images (G, b, H, W, F), and with 0 where they stick out: `join` reversed."""
    height, width = images.shape[2:4]
    if whole.shape[2:4] != (height, width):
        whole[:, :, height:] = 0
        whole[:, :, :, width:] = 0
        np.copyto(whole[:, :, :height, :width], images)
        images = whole
    np.copyto(runs(tiles), runs(cut(images)))


def reached(images: Array) -> Array:
    """View all 6 x 6 pixels that each tile depends on, of images (G, b, 4·t + 2, 4·u + 2, C).

    The tiles (6, 6, G, b, t, u, C) overlap by two pixels.
    """
    groups, n, height, width, channels = images.shape
    group, example, row, pixel, value = images.strides
    return as_strided(
        images,
        (REACH, REACH, groups, n, height // TILE, width // TILE, channels),
        (row, pixel, group, example, TILE * row, TILE * pixel, value),
    )


def add_up(tiles: Array, images: Array) -> None:
    """Fill images with overlapping tiles, added where they overlap: `reached` turned round."""
    *_, down, across, _ = tiles.shape
    images[:, :, TILE * down :] = 0
    images[:, :, :, TILE * across :] = 0
    places, own, beyond = reached(images), slice(TILE), slice(TILE, REACH)
    np.copyto(runs(places[own, own]), runs(tiles[own, own]))
    for rows, columns in ((own, beyond), (beyond, own), (beyond, beyond)):
        places[rows, columns] += tiles[rows, columns]
