"""Reads the arrays of an .npz file, with nothing unpickled and no header believed."""

import zipfile
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError, unreadable

Header = tuple[tuple[int, ...], bool, np.dtype[Any]]  # shape, columns first, dtype


class NpzArchive:
    """The numeric arrays called `wanted` in an .npz file; others may hold anything but objects.

    Opening reads the headers only: an array whose header claims another size than its member of
    the archive has, or whose dtype is not a plain number, is refused before its memory is
    reserved. Every problem is a DataError that names the file and the array.
    """

    def __init__(self, path: Path, wanted: Sequence[str]) -> None:
        self.path = path
        self.where = str(path)
        self._wanted = wanted
        self._headers: dict[str, Header] = {}
        self._others: list[str] = []
        self._refuse_unless_zip()
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    self._admit(archive, member)
        except DataError:
            raise
        except Exception as error:  # a damaged archive raises nearly anything
            raise self._damaged(error) from None

    @property
    def names(self) -> list[str]:
        """Names of all arrays, the wanted ones first."""
        return [*self._headers, *self._others]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of array `name`."""
        return self._headers[name][0]

    def dtype(self, name: str) -> np.dtype[Any]:
        """Return the dtype of array `name`."""
        return self._headers[name][2]

    def size(self) -> int:
        """Return the bytes of the wanted arrays; twice for one stored columns first."""
        return sum(
            prod(shape) * dtype.itemsize * (2 if columns_first else 1)
            for shape, columns_first, dtype in self._headers.values()
        )

    def read(self) -> dict[str, NDArray[Any]]:
        """Return the wanted arrays, rows first, in the machine's byte order."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                return {name: self._read_one(archive, name) for name in self._headers}
        except MemoryError:
            raise DataError(
                f"needs {self.size():,} bytes, more than this machine can give", where=self.where
            ) from None
        except Exception as error:
            raise self._damaged(error) from None

    def _read_one(self, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
        with archive.open(f"{name}.npy") as member:
            array = np.ascontiguousarray(npy.read_array(cast(BinaryIO, member), allow_pickle=False))
            member.read()  # at the end of a member its checksum is compared
        return array.astype(array.dtype.newbyteorder("="), copy=False)

    def _refuse_unless_zip(self) -> None:
        if not self.path.is_file():
            problem = "is a folder, not an .npz file" if self.path.is_dir() else "no such file"
            raise DataError(problem, where=self.where, key=("data", "path"))
        if zipfile.is_zipfile(self.path):
            return
        try:
            with self.path.open("rb") as file:
                start = file.read(6)
        except OSError as error:  # is_zipfile says no to a file that it may not open
            raise unreadable(self.path, error) from None
        if start == npy.MAGIC_PREFIX:
            raise DataError(
                "is a single array (.npy), not an .npz archive",
                where=self.where,
                key=("data", "path"),
                hint="write both arrays into one file with numpy.savez(path, X=X, y=y)",
            )
        raise DataError(
            "is not an .npz archive, or was cut short", where=self.where, key=("data", "path")
        )

    def _admit(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        if not member.filename.endswith(".npy"):
            return
        name = member.filename.removesuffix(".npy")
        with archive.open(member) as file:
            version = npy.read_magic(cast(BinaryIO, file))
            read_header = (
                npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            )
            shape, columns_first, dtype = read_header(cast(BinaryIO, file))
            found = member.file_size - file.tell()
        self._refuse_objects(name, dtype)
        if name not in self._wanted:
            self._others.append(name)
            return
        self._refuse_non_numeric(name, dtype)
        claimed = prod(shape) * dtype.itemsize
        if any(length < 0 for length in shape) or claimed != found:
            raise DataError(
                f"array {name!r} claims the shape {shape} of {dtype}, {claimed:,} bytes, "
                f"but {found:,} bytes are stored",
                where=self.where,
            )
        self._headers[name] = (shape, columns_first, dtype)

    def _refuse_objects(self, name: str, dtype: np.dtype[Any]) -> None:
        if dtype.hasobject:
            raise DataError(
                f"array {name!r} holds Python objects, which are not read because unpickling "
                "them can run code",
                where=self.where,
                hint="save it with a numeric dtype, such as X.astype('float32')",
            )

    def _refuse_non_numeric(self, name: str, dtype: np.dtype[Any]) -> None:
        if dtype.kind not in "biuf":
            raise DataError(
                f"array {name!r} has the dtype {dtype}, but only numbers can be used",
                where=self.where,
            )

    def _damaged(self, error: Exception) -> DataError:
        cause = (str(error) or type(error).__name__).splitlines()[0]
        if isinstance(error, SyntaxError | ValueError | TypeError):  # NumPy's parser of headers
            cause = "the header of an array cannot be read"
        return DataError(f"is damaged: {cause}", where=self.where)
