"""All parameters of a stack of members in one flat array, so that one call updates them all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.layers.place import Array, ParameterShape, Role

# M members, F features of one parameter, R = the product of its other axes.
PerMember = float | NDArray[np.float64]
ORDER: tuple[Role, ...] = ("weight", "other", "statistic")


def per_member(values: Sequence[float]) -> PerMember:
    """Return the one number that all members agree on, or else all of them, (M,)."""
    if all(v == values[0] for v in values):
        return float(values[0])
    return np.asarray(values, np.float64)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where one parameter lies: `name` such as "network[0].weights", `shape` with members."""

    name: str
    layer: int
    shape: tuple[int, ...]
    region: slice
    role: Role

    def view(self, flat: Array) -> Array:
        """Return the part of a flat array that belongs to this parameter, (..., M, F)."""
        return flat[self.region].reshape(self.shape)


class Parameters:
    """What M members learn and keep, in flat arrays of one layout: weights, others, statistics.

    values      what is learned; `penalized` is the region of the weights, which comes first
    gradients   laid out as `values`
    running     the statistics
    stored      `values` and `running` in a row: all that a trained network consists of
    entries     where each learned parameter lies, in any of the three
    statistics  where each statistic lies, in `stored`
    """

    def __init__(
        self, shapes: Sequence[tuple[int, ParameterShape]], members: int, dtype: np.dtype[Any]
    ) -> None:
        self.members = members
        laid_out = tuple(_lay_out(shapes, members))
        self.entries = tuple(entry for entry in laid_out if entry.role != "statistic")
        self.statistics = laid_out[len(self.entries) :]
        learned = _end(self.entries)
        self.stored: Array = aligned.zeros(_end(laid_out), dtype)
        self.values: Array = self.stored[:learned]
        self.running: Array = self.stored[learned:]
        self.gradients: Array = aligned.zeros(learned, dtype)
        self.penalized = slice(0, _end([e for e in self.entries if e.role == "weight"]))
        self._rows = {e.name: np.empty(e.shape[-2:], dtype) for e in self.entries}  # (M, F)

    @property
    def everything(self) -> tuple[Entry, ...]:
        """Where all lies that is learned or kept, in `stored`."""
        return self.entries + self.statistics

    def __getitem__(self, name: str) -> Array:
        """Return the values of one parameter or statistic, (..., M, F)."""
        return next(e for e in self.everything if e.name == name).view(self.stored)

    def zeros(self) -> Array:
        """Return a flat array laid out as `values`, for an optimizer's state."""
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

    def take_members(
        self, flat: Array, source: "Parameters", source_flat: Array, kept: Sequence[int]
    ) -> None:
        """Fill `flat`, laid out as here, with the members `kept` of `source_flat`, as `source`."""
        for own, old in zip(self.everything, source.everything, strict=True):
            if old.region.start >= len(source_flat):  # it may lack the statistics
                break
            own.view(flat)[...] = old.view(source_flat)[..., kept, :]


def _end(entries: Sequence[Entry]) -> int:
    return entries[-1].region.stop if entries else 0


def _lay_out(shapes: Sequence[tuple[int, ParameterShape]], members: int) -> Iterator[Entry]:
    start = 0
    for layer, shape in sorted(shapes, key=lambda pair: ORDER.index(pair[1].role)):  # stable
        with_members = (*shape.shape[:-1], members, shape.shape[-1])
        stop = start + prod(with_members)
        yield Entry(
            name=f"network[{layer}].{shape.name}",
            layer=layer,
            shape=with_members,
            region=slice(start, stop),
            role=shape.role,
        )
        start = stop
