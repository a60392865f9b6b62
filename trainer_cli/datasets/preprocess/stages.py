"""The three working forms that every preprocessing step is reduced to once it is fitted.

B rows of a batch, F features before and K after.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.nn import aligned

Vector = NDArray[np.float64]


# Constants repeated for some rows meet a batch in a few long loops instead of one per row. Up to
# this size they stay in the second-level cache beside the batch.
MOST_REPEATED_BYTES = 64 << 10


class _Casts:
    """Copies of one array in the dtypes that batches are computed in, made when first asked for."""

    def __init__(self, exact: NDArray[np.float64]) -> None:
        self._exact = exact
        self._copies: dict[np.dtype[Any], NDArray[Any]] = {}
        self._repeated: dict[tuple[int, np.dtype[Any]], NDArray[Any]] = {}

    def to(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        copy = self._copies.get(dtype)
        if copy is None:
            copy = self._copies[dtype] = self._exact.astype(dtype)
        return copy

    def rows(self, count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return a vector (F,) repeated, (R·F,), for the largest R within bounds that divides B."""
        repeated = self._repeated.get((count, dtype))
        if repeated is None:
            vector = self.to(dtype)
            most = max(1, MOST_REPEATED_BYTES // vector.nbytes)
            times = max(r for r in range(1, min(most, count) + 1) if count % r == 0)
            tiled = np.tile(vector, 1 if vector.size == 1 else times)
            repeated = aligned.zeros(tiled.size, dtype)
            repeated[:] = tiled
            self._repeated[count, dtype] = repeated
        return repeated


class Scratch:
    """Memory for results in between, one array per dtype that grows to the largest batch."""

    def __init__(self) -> None:
        self._arrays: dict[np.dtype[Any], NDArray[Any]] = {}

    def take(self, rows: int, width: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return an array (rows, width) whose values are arbitrary."""
        array = self._arrays.get(dtype)
        if array is None or len(array) < rows:
            array = self._arrays[dtype] = np.empty((rows, width), dtype)
        return array[:rows]


@dataclass(frozen=True)
class Affine:
    """y = (x − shift) · factor for every feature; None leaves an operation out.

    shift, factor  (F,), or (1,) for one number for all
    """

    shift: Vector | None
    factor: Vector | None
    _shifts: _Casts | None = field(init=False, repr=False, compare=False, default=None)
    _factors: _Casts | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        for name, exact in (("_shifts", self.shift), ("_factors", self.factor)):
            if exact is not None:
                object.__setattr__(self, name, _Casts(exact))

    def width(self, features: int) -> int:
        """Return K, here F."""
        return features

    def then(self, other: "Affine") -> "Affine":
        """Return the one step that does this one and then `other`.

        ((x − s) f − t) g = (x − (s + t / f)) · f g
        """
        shift = _combined(self.shift, _divided(other.shift, self.factor), np.add)
        return Affine(shift, _combined(self.factor, other.factor, np.multiply))

    def apply(self, rows: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the result of rows (B, F) into out (B, F), which may be `rows` itself.

        The arithmetic is float32 where that holds every stored value exactly, and float64 for
        float64 and wide integers: a large mean is taken off before digits are dropped.
        """
        dtype = np.result_type(rows.dtype, out.dtype)
        if rows.dtype != out.dtype == dtype:
            np.copyto(out, rows)  # 10 % faster than a ufunc that converts on its way
            rows = out
        if self._shifts is not None:
            shift = self._shifts.rows(len(rows), dtype)
            _by(np.subtract, rows, shift, out)
            rows = out
        if self._factors is not None:
            dtype = np.result_type(rows.dtype, out.dtype)
            factor = self._factors.rows(len(rows), dtype)
            _by(np.multiply, rows, factor, out)


class Projection:
    """y = (x − center) W onto K directions: W is (F, K), center (F,)."""

    def __init__(self, center: Vector, directions: NDArray[np.float64]) -> None:
        self.center = center
        self.directions = directions
        self._centering = Affine(center, None)
        self._directions = _Casts(directions)
        self._scratch = Scratch()

    def width(self, features: int) -> int:
        """Return K."""
        return int(self.directions.shape[1])

    def apply(self, rows: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the projection of rows (B, F) into out (B, K)."""
        centered = self._scratch.take(len(rows), rows.shape[1], out.dtype)
        self._centering.apply(rows, centered)
        np.matmul(centered, self._directions.to(out.dtype), out=out)


class OwnMean:
    """y = x − m, where m is the mean of the row's own values."""

    def __init__(self) -> None:
        self._means = Scratch()

    def width(self, features: int) -> int:
        """Return K, here F."""
        return features

    def apply(self, rows: NDArray[Any], out: NDArray[Any]) -> None:
        """Write rows (B, F), each less its mean, into out (B, F); the arithmetic is Affine's."""
        dtype = np.result_type(rows.dtype, out.dtype)
        if rows.dtype != out.dtype == dtype:
            np.copyto(out, rows)
            rows = out
        means = self._means.take(len(rows), 1, dtype)
        np.mean(rows, axis=1, dtype=dtype, out=means, keepdims=True)
        np.subtract(rows, means, out=out, casting="same_kind")


Stage = Affine | OwnMean | Projection


def refuse_overflow(stage: Stage, dtype: DTypeLike = np.float32) -> None:
    """Raise DataError when a constant of the stage is infinite as float32, or a factor is 0.

    A feature whose values differ by less than float32 can tell from 0 leads here.
    """
    if isinstance(stage, OwnMean):
        return  # has no constants
    constants = (
        [stage.shift, stage.factor]
        if isinstance(stage, Affine)
        else [stage.center, stage.directions]
    )
    limits = np.finfo(dtype)
    if isinstance(stage, Affine) and stage.factor is not None:
        constants.append(1 / np.maximum(np.abs(stage.factor), float(limits.tiny) / 4))
    limit = float(limits.max)
    for constant in constants:
        if constant is None:
            continue
        wrong = np.flatnonzero(~(np.abs(constant) <= limit).reshape(len(constant), -1).all(axis=1))
        if wrong.size:
            raise DataError(
                f"feature {wrong[0]} is spread so little or lies so far out "
                "that the step cannot be computed in float32"
            )


def _by(ufunc: np.ufunc, rows: NDArray[Any], constants: NDArray[Any], out: NDArray[Any]) -> None:
    """Write ufunc(rows, constants) into out (B, F); constants are (1,), (F,) or (R·F,)."""
    if constants.size > rows.shape[1] and out.flags.c_contiguous:
        # (B, F) -> (B/R, R·F), for `out` a view
        rows, out = rows.reshape(-1, constants.size), out.reshape(-1, constants.size)
    else:
        constants = constants[: rows.shape[1]]
    ufunc(rows, constants, out=out, casting="same_kind")


def _combined(a: Vector | None, b: Vector | None, ufunc: np.ufunc) -> Vector | None:
    if a is None or b is None:
        return b if a is None else a
    result: Vector = ufunc(a, b)
    return result


def _divided(shift: Vector | None, factor: Vector | None) -> Vector | None:
    return shift if shift is None or factor is None else shift / factor
