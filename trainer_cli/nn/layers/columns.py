"""Sums over the rows of a tall, narrow matrix, and rows laid over it, at full speed."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array

Row = NDArray[np.float64]  # (L,)

# K rows, L columns (a member's features after another's); W rows side by side make a wide one.
# A row of this many values stays in the first cache beside what is read. With rows of 32, a pass
# takes 15 times as long as over two arrays of one shape.
WIDTH = 2048
# NumPy works through buffers, of 8,192 values unless told otherwise. A row laid over an array is
# copied into one as often as it fits, again and again, for a third of the time of a pass; into
# buffers that are shorter than the row it is not.
SHORT_BUFFER = 16


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

    def multiply(self, wide: Array, values: NDArray[np.floating], out: Array) -> None:
        """Write `wide` times one value for each column, (L,), to `out`."""
        self._lay(np.multiply, wide, values, out)

    def add(self, wide: Array, values: NDArray[np.floating], out: Array) -> None:
        """Write `wide` plus one value for each column, (L,), to `out`."""
        self._lay(np.add, wide, values, out)

    def _lay(self, combine: np.ufunc, wide: Array, values: NDArray[Any], out: Array) -> None:
        usual = np.setbufsize(SHORT_BUFFER)
        try:
            combine(wide, self.row(values), out)
        finally:
            np.setbufsize(usual)

    def sums(self, wide: Array) -> Row:
        """Return the sum of every column, (L,), over all rows or some of them."""
        np.matmul(self._ones[:, : len(wide)], wide, self._wide)
        return self._total()

    def sums_of_products(self, a: Array, b: Array) -> Row:
        """Return Σ a·b of every column, (L,)."""
        np.einsum("ij,ij->j", a, b, out=self._wide[0])
        return self._total()

    def _total(self) -> Row:
        np.copyto(self._doubles, self._rows)
        total: Row = np.add.reduce(self._doubles, axis=0)
        return total


class ColumnsOfBatches:
    """The columns of batches of any size, made when a size first comes."""

    def __init__(self) -> None:
        self._made: dict[int, Columns] = {}

    def of(self, batch: Array) -> Columns:
        """Return those for batches of as many examples, (N, ..., M, F)."""
        columns = self._made.get(len(batch))
        if columns is None:
            columns = self._made[len(batch)] = Columns(batch)
        return columns
