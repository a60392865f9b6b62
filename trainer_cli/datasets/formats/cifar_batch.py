"""Checks that a batch file of CIFAR-10 holds what it should, once it is read as plain data.

N images of 3 planes of 32 × 32 bytes, 3,072 in a row.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.formats.pickle_names import Array, RefusedError
from trainer_cli.datasets.formats.plain_pickle import read_plain_pickle
from trainer_cli.datasets.table import Labels, check_lengths

CLASSES = 10
ROW = 3 * 32 * 32


@dataclass(frozen=True)
class Batch:
    """Images (N, 3072) uint8, plane after plane, and labels (N,) from 0 to 9."""

    images: NDArray[np.uint8]
    labels: Labels


def decode_batch(data: bytes, where: str) -> Batch:
    """Return the batch in the bytes of its file; raises DataError, naming `where`."""
    fields = _fields(data, where)
    images = _field(fields, "data", where)
    labels = _field(fields, "labels", where)
    values = images.values if isinstance(images, Array) else None
    if values is None:
        raise DataError("its 'data' is not an array of unsigned bytes", where=where)
    if values.ndim != 2 or values.shape[1] != ROW:
        raise DataError(
            f"its 'data' has the shape {values.shape}, but it must be (N, {ROW})", where=where
        )
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise DataError("its 'labels' are not a list of whole numbers", where=where)
    check_lengths(len(values), len(labels), where, "image")
    # Compared as Python numbers first: one beyond 64 bits fits no array.
    small = np.array([min(max(label, -1), CLASSES) for label in labels], np.intp)
    for row in np.flatnonzero((small < 0) | (small >= CLASSES))[:1]:
        raise DataError(
            f"label {labels[row]} of example {row} is outside 0..{CLASSES - 1}", where=where
        )
    return Batch(values, small)


def decode_names(data: bytes, where: str) -> tuple[str, ...]:
    """Return the names of the 10 classes in the bytes of `batches.meta`."""
    names = _field(_fields(data, where), "label_names", where)
    if not (
        isinstance(names, list)
        and len(names) == CLASSES
        and all(isinstance(name, bytes | str) for name in names)
    ):
        raise DataError(f"its 'label_names' are not {CLASSES} names", where=where)
    return tuple(
        name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
        for name in names
    )


def _fields(data: bytes, where: str) -> dict[Any, Any]:
    try:
        fields = read_plain_pickle(data)
    except RefusedError as error:
        raise DataError(str(error), where=where) from None
    if not isinstance(fields, dict):
        raise DataError(
            f"holds a {type(fields).__name__}, but CIFAR-10 files hold a dict", where=where
        )
    return fields


def _field(fields: dict[Any, Any], name: str, where: str) -> Any:
    """Return the entry that Python 2 calls b"name" and Python 3 "name"."""
    for key in (name.encode(), name):
        if key in fields:
            return fields[key]
    if name == "labels" and b"fine_labels" in fields:
        raise DataError("is of CIFAR-100, which the source cifar10 does not read", where=where)
    raise DataError(f"has no entry {name!r}", where=where)
