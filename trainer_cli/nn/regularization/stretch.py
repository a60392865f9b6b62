"""A stretch of weights under one penalty, and the arithmetic that penalties do with it."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from trainer_cli.nn.layers.columns import Columns
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Entry, Parameters, Part, PerMember
from trainer_cli.nn.squares import Squares

# M members, F units of one array.
# So many weights are worked on at a time: what is made of them is still in the cache when it is
# added to their gradients, and takes hardly any memory.
BLOCK = 2**17


class _Block(NamedTuple):
    """Some of the weights, their gradients, and scratch of the same shape."""

    weights: Array
    gradients: Array
    scratch: Array


class Stretch:
    """The weights of neighbouring arrays; of one array where there are M > 1 members.

    `scratch` has at least `scratch_size` values; nothing in it holds beyond the next call.
    """

    def __init__(
        self, entries: Sequence[Entry], parameters: Parameters | Part, scratch: Array
    ) -> None:
        region = slice(entries[0].region.start, entries[-1].region.stop)
        weights, gradients = parameters.values[region], parameters.gradients[region]
        self._members, self._units = entries[0].shape[-2:]  # M, F
        self._columns = Columns(entries[0].view(parameters.values)) if self._members > 1 else None
        if self._columns is not None:
            weights, gradients = self._columns.view(weights), self._columns.view(gradients)
        self._blocks = list(_blocks(weights, gradients, scratch))
        self._squares = Squares(entries, parameters.values)

    def sum_of_squares(self) -> PerMember:
        """Return Σ w²: of the one member, or of each, (M,)."""
        return self._squares.sums()

    def sum_of_magnitudes(self) -> PerMember:
        """Return Σ |w|: of the one member, or of each, (M,)."""
        total: PerMember = 0.0
        for block in self._blocks:
            np.abs(block.weights, block.scratch)
            if self._columns is None:
                total += float(np.add.reduce(block.scratch))
            else:
                units = self._columns.sums(block.scratch)  # (M·F,)
                total = total + np.add.reduce(units.reshape(self._members, -1), axis=1)  # (M,)
        return total

    def add_weights(self, factor: PerMember) -> None:
        """Add factor · w to the gradients."""
        by_unit = self._by_unit(factor)
        for block in self._blocks:
            self._add(block.weights, by_unit, block)

    def add_signs(self, factor: PerMember) -> None:
        """Add factor · sign(w) to the gradients."""
        by_unit = self._by_unit(factor)
        for block in self._blocks:
            np.sign(block.weights, block.scratch)
            self._add(block.scratch, by_unit, block)

    def _by_unit(self, factor: PerMember) -> PerMember:
        """Return the factor of all, or that of each member for every one of its units, (M·F,)."""
        alone = self._columns is None or isinstance(factor, float)
        return factor if alone else np.repeat(factor, self._units)

    def _add(self, values: Array, factor: PerMember, block: _Block) -> None:
        if self._columns is None or isinstance(factor, float):
            np.multiply(values, factor, block.scratch)
        else:
            self._columns.multiply(values, factor, block.scratch)
        np.add(block.gradients, block.scratch, block.gradients)


def scratch_size(entries: Sequence[Entry]) -> int:
    """Return the number of values of scratch that a stretch of these arrays needs."""
    row = prod(entries[0].shape[-2:])  # M·F
    return min(sum(prod(entry.shape) for entry in entries), max(BLOCK, row))


def _blocks(weights: Array, gradients: Array, scratch: Array) -> Iterator[_Block]:
    """Yield a vector, or a matrix in whole rows, in parts of up to `BLOCK` values."""
    count = max(1, BLOCK // weights[0].size)
    for start in range(0, len(weights), count):
        part = weights[start : start + count]
        room = scratch[: part.size].reshape(part.shape)
        yield _Block(part, gradients[start : start + count], room)
