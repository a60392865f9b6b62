"""Arrays that another program has prepared.

N examples, F features, H W C image height, width and channels.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, doc
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.formats.npz_archive import NpzArchive
from trainer_cli.datasets.table import (
    Labels,
    Table,
    check_labels,
    check_lengths,
    inferred_classes,
)

NAMES = ("X", "y", "X_test", "y_test")


@dataclass(frozen=True, kw_only=True)
class Npz:
    """An .npz file with the arrays X and y, optionally X_test and y_test.

    X is (N, F), (N, H, W) or (N, H, W, C) and keeps its dtype; (N, H, W) becomes (N, H, W, 1).
    y is (N,), whole numbers 0 to C - 1; C is the largest label + 1 unless `classes` says
    otherwise. Arrays of Python objects are refused without being unpickled.
    """

    type: Literal["npz"] = "npz"
    path: Annotated[Path, doc("path of the .npz file, relative to the experiment file")]
    classes: Annotated[
        Annotated[int, Ge(2)] | None, doc("number of classes, largest label + 1 unless given")
    ] = None

    def classes_known(self) -> int | None:
        """Return `classes`."""
        return self.classes

    def shape_known(self) -> tuple[int, ...] | None:
        """Return None: only the file tells the shape of an example."""
        return None

    def size(self) -> int:
        """Return the bytes that read() will hold, from the headers of the arrays."""
        return NpzArchive(self.path, NAMES).size()

    def read(self) -> Table:
        """Return the arrays of the file; raises DataError for anything that does not fit."""
        archive = NpzArchive(self.path, NAMES)
        tested = _refuse_wrong_names(archive)
        for suffix in ("", "_test") if tested else ("",):
            _refuse_wrong_shapes(archive, f"X{suffix}", f"y{suffix}")
        arrays = archive.read()
        classes = self.classes or inferred_classes(arrays["y"], f"{archive.where}: y")
        return Table(
            inputs=_images(arrays["X"]),
            labels=_labels(arrays["y"], classes, f"{archive.where}: y"),
            classes=classes,
            where=f"{archive.where}: X",
            test_inputs=_images(arrays["X_test"]) if tested else None,
            test_labels=(
                _labels(arrays["y_test"], classes, f"{archive.where}: y_test") if tested else None
            ),
            test_where=f"{archive.where}: X_test",
        )


def _refuse_wrong_names(archive: NpzArchive) -> bool:
    """Return whether the file has a test set; raise DataError unless X and y are there."""
    found = archive.names
    wanted = ["X", "y"]
    if "X_test" in found or "y_test" in found:
        wanted += ["X_test", "y_test"]
    for name in wanted:
        if name not in found:
            near = get_close_matches(name, found, n=1)
            raise DataError(
                f"has no array {name!r}; it has {', '.join(map(repr, found)) or 'none'}",
                where=archive.where,
                hint=f"rename {near[0]!r} to {name!r}" if near else None,
            )
    return len(wanted) == 4


def _refuse_wrong_shapes(archive: NpzArchive, inputs: str, labels: str) -> None:
    shape = archive.shape(inputs)
    if not 2 <= len(shape) <= 4:
        raise DataError(
            f"array {inputs!r} has the shape {shape}, "
            "but it must be (N, F), (N, H, W) or (N, H, W, C)",
            where=archive.where,
        )
    if len(archive.shape(labels)) != 1:
        raise DataError(
            f"array {labels!r} has the shape {archive.shape(labels)}, but it must be (N,)",
            where=archive.where,
            hint="one label per example: a class number, not a row of zeros and a one",
        )
    if archive.dtype(labels).kind not in "iu":
        raise DataError(
            f"array {labels!r} has the dtype {archive.dtype(labels)}, but labels are whole numbers",
            where=archive.where,
            hint=f"save {labels}.astype('int64')",
        )
    check_lengths(shape[0], archive.shape(labels)[0], f"{archive.where}: {inputs}, {labels}")


def _images(array: NDArray[Any]) -> NDArray[Any]:
    """(N, H, W) -> (N, H, W, 1); other shapes stay."""
    return array[..., np.newaxis] if array.ndim == 3 else array


def _labels(array: NDArray[Any], classes: int, where: str) -> Labels:
    """Return the labels as intp, after the range is checked: a huge uint64 would wrap around."""
    check_labels(array, classes, where)
    return array.astype(np.intp)
