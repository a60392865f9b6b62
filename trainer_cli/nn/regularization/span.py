"""A stretch of weights under one penalty, and the arithmetic that penalties do with it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.columns import Columns
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Entry, Parameters, PerMember

# M members, F units of one array.
# A product of float32 vectors this long is exact to about 1e-7; longer ones lose digits.
BLOCK = 2**16


class Span:
    """The weights of neighbouring arrays; of one array where there are M > 1 members.

    `scratch` is as long as the weights; nothing in it holds beyond the next call.
    """

    def __init__(self, entries: Sequence[Entry], parameters: Parameters, scratch: Array) -> None:
        region = slice(entries[0].region.start, entries[-1].region.stop)
        self._members, self._units = entries[0].shape[-2:]  # M, F
        self.weights = parameters.values[region]
        self.gradients = parameters.gradients[region]
        self.scratch = scratch[: self.weights.size]
        self._columns = Columns(entries[0].view(parameters.values)) if self._members > 1 else None
        starts = range(0, len(self.weights), BLOCK)
        self._blocks = [self.weights[start : start + BLOCK] for start in starts]

    def sum_of_squares(self) -> float | NDArray[np.float64]:
        """Return Σ w²: of the one member, or of each, (M,)."""
        if self._columns is None:
            total = 0.0
            for block in self._blocks:
                total += float(np.dot(block, block))
            return total
        np.multiply(self.weights, self.weights, self.scratch)
        return self._sums_of_scratch(self._columns)

    def sum_of_magnitudes(self) -> float | NDArray[np.float64]:
        """Return Σ |w|: of the one member, or of each, (M,)."""
        np.abs(self.weights, self.scratch)
        if self._columns is None:
            return float(np.add.reduce(self.scratch))
        return self._sums_of_scratch(self._columns)

    def _sums_of_scratch(self, columns: Columns) -> NDArray[np.float64]:
        units = columns.sums(columns.view(self.scratch)).reshape(self._members, -1)  # (M, F)
        members: NDArray[np.float64] = np.add.reduce(units, axis=1)
        return members

    def add(self, values: Array, factor: PerMember) -> None:
        """Add factor · values, laid out as the weights, to their gradients."""
        if self._columns is None or isinstance(factor, float):
            np.multiply(values, factor, self.scratch)
        else:
            wide, row = self._columns.view, np.repeat(factor, self._units)  # (M·F,)
            np.multiply(wide(values), self._columns.row(row), wide(self.scratch))
        np.add(self.gradients, self.scratch, self.gradients)
