"""Reads examples whose classes are wanted, in the shape that a network was trained for.

N examples, F features, H W C image height, width and channels.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError, require_regular, unreadable
from trainer_cli.datasets.formats.csv_inputs import CsvForm, read_csv_inputs
from trainer_cli.datasets.formats.npz_archive import NpzArchive
from trainer_cli.datasets.sources import Csv, Source
from trainer_cli.datasets.table import refuse_non_finite

NAME = "X"
NUMBERS = "biuf"


@dataclass(frozen=True, kw_only=True)
class Unlabeled:
    """What an example looks like before preprocessing, and where the training data came from.

    shape  (F,) or (H, W, C)
    """

    shape: tuple[int, ...]
    feature_names: tuple[str, ...] | None
    source: Source

    def read(self, path: Path) -> NDArray[Any]:
        """Return the examples of a file, flat: (N, F).

        `.npz`  the array X, (N, *shape); `.npy` a single such array; (N, H, W) if C is 1
        `.csv`  a row for each example, its F values in the order in which they are stored

        Raises DataError for another kind of file, another shape, and values that are not finite
        in float32.
        """
        readers = {".npz": self._read_npz, ".npy": self._read_npy, ".csv": self._read_csv}
        read = readers.get(path.suffix.lower())
        if read is None:
            raise DataError(
                "is none of the files that predict reads",
                where=str(path),
                hint=f"give arrays of the shape {self._wanted()} as .npy, or as {NAME} in an "
                ".npz file, or a .csv file with a row for each example",
            )
        return read(path)

    def _read_npz(self, path: Path) -> NDArray[Any]:
        archive = NpzArchive(path, (NAME,))
        if NAME not in archive.names:
            found = ", ".join(map(repr, archive.names)) or "none"
            raise DataError(f"has no array {NAME!r}; it has {found}", where=archive.where)
        where = f"{archive.where}: {NAME}"
        self._refuse_wrong(archive.shape(NAME), where)
        return _sound(archive.read()[NAME], where)

    def _read_npy(self, path: Path) -> NDArray[Any]:
        require_regular(path)
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except OSError as error:
            raise unreadable(path, error) from None
        except (ValueError, EOFError) as error:
            cause = str(error).splitlines()[0]
            raise DataError(
                f"is no array of numbers, or damaged: {cause}", where=str(path)
            ) from None
        if not isinstance(array, np.ndarray) or array.dtype.kind not in NUMBERS:
            raise DataError("is no array of numbers", where=str(path))
        self._refuse_wrong(array.shape, str(path))
        native = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        return _sound(native, str(path))

    def _read_csv(self, path: Path) -> NDArray[Any]:
        features = int(np.prod(self.shape))
        form = CsvForm(features=features, names=self.feature_names)
        if isinstance(self.source, Csv):
            form = CsvForm(
                features=features,
                names=self.feature_names,
                label=self.source.label,
                header=self.source.header,
                delimiter=self.source.delimiter,
            )
        return _sound(read_csv_inputs(path, form), str(path))

    def _refuse_wrong(self, found: tuple[int, ...], where: str) -> None:
        accepted = {self.shape} | ({self.shape[:2]} if self.shape[2:] == (1,) else set())
        if found[1:] not in accepted:
            one = found in accepted
            raise DataError(
                f"has the shape {found}, but the network takes {self._wanted()}",
                where=where,
                hint="a single example needs an axis in front: x[None]" if one else None,
            )
        if found[0] == 0:
            raise DataError("has no examples", where=where)

    def _wanted(self) -> str:
        return f"(N, {', '.join(map(str, self.shape))})"


def _sound(inputs: NDArray[Any], where: str) -> NDArray[Any]:
    """(N, ...) -> (N, F), found to hold finite values alone."""
    flat = inputs.reshape(len(inputs), -1)
    if flat.dtype.kind == "f":
        refuse_non_finite(flat, where, "example")
    return flat
