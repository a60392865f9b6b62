"""A stretch of weights under one penalty, and the arithmetic that penalties do with it."""

from collections.abc import Sequence

import numpy as np

from trainer_cli.nn.layers.columns import Columns
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Entry, Parameters, PerMember
from trainer_cli.nn.squares import Squares

# M members, F units of one array.


class Stretch:
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
        self._squares = Squares(entries, parameters.values)

    def sum_of_squares(self) -> PerMember:
        """Return Σ w²: of the one member, or of each, (M,)."""
        return self._squares.sums()

    def sum_of_magnitudes(self) -> PerMember:
        """Return Σ |w|: of the one member, or of each, (M,)."""
        np.abs(self.weights, self.scratch)
        if self._columns is None:
            return float(np.add.reduce(self.scratch))
        units = self._columns.sums(self._columns.view(self.scratch))  # (M·F,)
        members: PerMember = np.add.reduce(units.reshape(self._members, -1), axis=1)  # (M,)
        return members

    def add(self, values: Array, factor: PerMember) -> None:
        """Add factor · values, laid out as the weights, to their gradients."""
        if self._columns is None or isinstance(factor, float):
            np.multiply(values, factor, self.scratch)
        else:
            wide, row = self._columns.view, np.repeat(factor, self._units)  # (M·F,)
            self._columns.multiply(wide(values), row, wide(self.scratch))
        np.add(self.gradients, self.scratch, self.gradients)
