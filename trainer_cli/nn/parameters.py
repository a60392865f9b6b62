"""All parameters of a stack of members in one flat array, so that one call updates them all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array, ParameterShape

# M members, F features of one parameter, R = the product of its other axes.
PerMember = float | NDArray[np.float64]


def per_member(values: Sequence[float]) -> PerMember:
    """Return the one number that all members agree on, or else all of them, (M,)."""
    if all(v == values[0] for v in values):
        return values[0]
    return np.asarray(values, np.float64)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where one parameter lies: `name` such as "network[0].weights", `shape` with members."""

    name: str
    shape: tuple[int, ...]
    region: slice
    penalized: bool

    def view(self, flat: Array) -> Array:
        """Return the part of a flat array that belongs to this parameter, (..., M, F)."""
        return flat[self.region].reshape(self.shape)


class Parameters:
    """Values and gradients of M members: two flat arrays of one layout, penalized entries first.

    `penalized` is the region of both that regularization applies to.
    """

    def __init__(
        self, shapes: Sequence[tuple[str, ParameterShape]], members: int, dtype: np.dtype[Any]
    ) -> None:
        self.members = members
        self.entries: tuple[Entry, ...] = tuple(_lay_out(shapes, members))
        size = self.entries[-1].region.stop if self.entries else 0
        self.values: Array = aligned.zeros(size, dtype)
        self.gradients: Array = aligned.zeros(size, dtype)
        self.penalized = slice(0, sum(prod(e.shape) for e in self.entries if e.penalized))
        self._rows = {e.name: np.empty(e.shape[-2:], dtype) for e in self.entries}  # (M, F)

    def __getitem__(self, name: str) -> Array:
        """Return the values of one parameter, (..., M, F)."""
        return next(e for e in self.entries if e.name == name).view(self.values)

    def zeros(self) -> Array:
        """Return a flat array of this layout, for an optimizer's state."""
        return aligned.zeros(self.values.size, self.values.dtype)

    def multiply(self, flat: Array, factor: PerMember) -> None:
        """Multiply a flat array of this layout in place: by one number, or member by member."""
        if isinstance(factor, float):
            if factor != 1.0:
                flat *= factor
            return
        for entry in self.entries:
            if entry.region.start >= len(flat):  # `flat` may be the penalized region alone
                break
            row = self._rows[entry.name]
            row[:] = factor[:, None]
            part = flat[entry.region].reshape(-1, row.size)  # (R, M·F)
            part *= row.reshape(-1)

    def copy_members(self, source: Array, target: "Parameters", flat: Array, kept: Any) -> None:
        """Copy the members `kept` of the flat array `source` into `flat`, laid out as `target`."""
        for old, new in zip(self.entries, target.entries, strict=True):
            new.view(flat)[...] = old.view(source)[..., kept, :]


def _lay_out(shapes: Sequence[tuple[str, ParameterShape]], members: int) -> Iterator[Entry]:
    start = 0
    for name, shape in sorted(shapes, key=lambda pair: not pair[1].penalized):  # a stable sort
        with_members = (*shape.shape[:-1], members, shape.shape[-1])
        stop = start + prod(with_members)
        yield Entry(
            name=name,
            shape=with_members,
            region=slice(start, stop),
            penalized=shape.penalized,
        )
        start = stop
