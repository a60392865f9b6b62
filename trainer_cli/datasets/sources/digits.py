"""The built-in data, so that every command works in an empty folder."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer_cli.datasets.formats.npz_archive import NpzArchive
from trainer_cli.datasets.shipped import shipped
from trainer_cli.datasets.table import Table

CLASSES = 10


@dataclass(frozen=True, kw_only=True)
class Digits:
    """1,797 handwritten digits of 8 × 8 pixels with values 0 to 16; no test set of its own.

    Source: E. Alpaydin and C. Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI
    Machine Learning Repository, DOI 10.24432/C50P49.
    """

    type: Literal["digits"] = "digits"

    def classes_known(self) -> int | None:
        """Return 10."""
        return CLASSES

    def shape_known(self) -> tuple[int, ...] | None:
        """Return the shape of one example, which follows from the settings alone."""
        return (8, 8, 1)

    def size(self) -> int:
        """Return the bytes that read() will hold."""
        return NpzArchive(shipped("digits.npz"), ("X", "y")).size()

    def read(self) -> Table:
        """Return images (1797, 8, 8, 1) uint8."""
        path = shipped("digits.npz")
        arrays = NpzArchive(path, ("X", "y")).read()
        return Table(
            inputs=arrays["X"],
            labels=arrays["y"].astype(np.intp),
            classes=CLASSES,
            class_names=tuple(str(digit) for digit in range(CLASSES)),
            where=str(path),
        )
