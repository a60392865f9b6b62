"""Sums over the rows of a tall, narrow matrix, and rows laid over it, at full speed."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array

Row = NDArray[np.float64]  # (L,)

# K rows, L columns (a member's features after another's); W rows side by side make a wide one.
# A row of this many values is in the first cache. With rows of 32, a pass takes 15 times as long
# as over two arrays of one shape, with 1,024 still 1.6 times, from 5,000 on the same.
WIDTH = 8192


class Columns:
    """Arrays (N, ..., M, F) as matrices (K, L), for computing column by column.

    Several rows side by side, (K/W, W·L), are the same memory and faster to work on.
    """

    def __init__(self, example: Array) -> None:
        columns = prod(example.shape[-2:])
        self.count = example.size // columns  # K
        most = max(1, min(WIDTH // columns, self.count // 2))  # a product with one row is slow
        beside = max(w for w in range(1, most + 1) if self.count % w == 0)  # W
        self._shape = (self.count // beside, beside * columns)
        self._ones = np.ones((1, self._shape[0]), example.dtype)
        self._wide = aligned.zeros((1, self._shape[1]), example.dtype)
        self._rows = self._wide.reshape(beside, columns)
        self._doubles = np.empty((beside, columns))

    def view(self, array: Array) -> Array:
        """Return an array (N, ..., M, F) as (K/W, W·L), the form that all else here takes."""
        return array.reshape(self._shape)

    def row(self, values: NDArray[np.floating]) -> Array:
        """Return one value for each column, (L,), as (1, W·L); it holds until the next call."""
        self._rows[...] = values
        return self._wide

    def sums(self, wide: Array) -> Row:
        """Return the sum of every column, (L,)."""
        np.matmul(self._ones, wide, self._wide)
        return self._total()

    def sums_of_products(self, a: Array, b: Array) -> Row:
        """Return Σ a·b of every column, (L,)."""
        np.einsum("ij,ij->j", a, b, out=self._wide[0])
        return self._total()

    def _total(self) -> Row:
        np.copyto(self._doubles, self._rows)
        total: Row = np.add.reduce(self._doubles, axis=0)
        return total
