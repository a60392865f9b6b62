"""Sums of squares of each member's values, without the digits that one long sum would lose."""

from collections.abc import Sequence

import numpy as np

from trainer_cli.nn.layers.columns import Columns
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Entry, PerMember

# M members.
# A product of float32 vectors this long is exact to about 1e-7, or 1e-5 where all values are equal;
# longer ones lose digits.
BLOCK = 2**16


class Squares:
    """Σ v² of each member, over neighbouring parameters in a flat array."""

    def __init__(self, entries: Sequence[Entry], flat: Array) -> None:
        alone = entries[0].shape[-2] == 1
        region = slice(entries[0].region.start, entries[-1].region.stop)
        starts = range(region.start, region.stop, BLOCK) if alone else ()
        self._blocks = [flat[start : min(start + BLOCK, region.stop)] for start in starts]
        self._arrays = [] if alone else [_OfMembers(entry, flat) for entry in entries]

    def sums(self) -> PerMember:
        """Return Σ v²: of the one member, or of each, (M,)."""
        total: PerMember = 0.0
        for block in self._blocks:
            total += float(np.dot(block, block))
        for array in self._arrays:
            total = total + array.sums()
        return total


class _OfMembers:
    """One parameter of M > 1 members."""

    def __init__(self, entry: Entry, flat: Array) -> None:
        view = entry.view(flat)
        self._members = view.shape[-2]
        self._columns = Columns(view)
        self._wide = self._columns.view(view)

    def sums(self) -> PerMember:
        units = self._columns.sums_of_products(self._wide, self._wide)  # (M·F,)
        members: PerMember = np.add.reduce(units.reshape(self._members, -1), axis=1)  # (M,)
        return members
