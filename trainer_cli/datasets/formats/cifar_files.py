"""Finds CIFAR-10's files, in their folder or straight in the published archive."""

import gzip
import os
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from trainer_cli.datasets.errors import DataError, unreadable

TRAINING = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = ("test_batch",)
META = "batches.meta"
FOLDER = "cifar-10-batches-py"
GZIP_MAGIC = b"\x1f\x8b"
GZIP_LEAST = 18  # bytes of header and trailer


class CifarFiles:
    """The batch files of CIFAR-10 by name.

    An archive is read once, from front to end, and never unpacked: only regular members with one
    of the seven names are looked at, so that paths inside it have no meaning. Its files are held
    until they are fetched.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: dict[str, bytes] | None = None
        if path.is_dir():
            try:
                found = [entry.name for entry in path.iterdir() if entry.is_file()]
            except OSError as error:
                raise unreadable(path, error) from None
            self._refuse_missing(found)
        elif not path.is_file():
            raise DataError("no such folder or file", where=str(path), key=("data", "path"))

    def where(self, name: str) -> str:
        """Return how messages call the file `name`."""
        return str(self.path / name) if self.path.is_dir() else f"{self.path}: {name}"

    def size(self) -> int:
        """Return the bytes of all batches; of an archive, what its last bytes say it unpacks to."""
        if self.path.is_dir():
            return sum((self.path / name).stat().st_size for name in TRAINING + TEST)
        try:
            return self._archive_size()
        except OSError as error:
            raise unreadable(self.path, error) from None

    def _archive_size(self) -> int:
        with self.path.open("rb") as file:
            size = self.path.stat().st_size
            if file.read(2) != GZIP_MAGIC or size < GZIP_LEAST:
                return size
            file.seek(-4, os.SEEK_END)
            return int.from_bytes(file.read(4), "little")

    def sizes(self, names: Sequence[str]) -> list[int]:
        """Return the bytes of each file."""
        if self.path.is_dir():
            return [(self.path / name).stat().st_size for name in names]
        held = self._archive()
        return [len(held[name]) for name in names]

    def fetch(self, name: str) -> bytes | None:
        """Return the bytes of a file and let go of them; None for a `batches.meta` not there."""
        try:
            if not self.path.is_dir():
                return self._archive().pop(name, None)
            if name == META and not (self.path / name).exists():
                return None
            return (self.path / name).read_bytes()
        except OSError as error:
            raise unreadable(self.path / name, error) from None

    def _archive(self) -> dict[str, bytes]:
        if self._held is None:
            try:
                self._held = self._read_archive()
            except (tarfile.TarError, EOFError, ValueError, zlib.error, gzip.BadGzipFile) as error:
                cause = str(error).lower() or type(error).__name__
                raise DataError(
                    f"is not a whole .tar.gz: {cause}",
                    where=str(self.path),
                    key=("data", "path"),
                    hint=f"the source cifar10 reads the folder {FOLDER} or its .tar.gz",
                ) from None
            except OSError as error:
                raise unreadable(self.path, error) from None
            self._refuse_missing(self._held)
        return self._held

    def _read_archive(self) -> dict[str, bytes]:
        held: dict[str, bytes] = {}
        left = max(self._archive_size(), self.path.stat().st_size)
        wanted = {*TRAINING, *TEST, META}
        with self.path.open("rb") as file:
            zipped = file.read(2) == GZIP_MAGIC
        with tarfile.open(self.path, "r|gz" if zipped else "r|") as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                if name not in wanted or not member.isreg():
                    continue
                if name in held:
                    raise DataError(f"has two files named {name}", where=str(self.path))
                left -= member.size
                if left < 0:
                    raise DataError(
                        f"{name} is larger than the archive says it is in all",
                        where=str(self.path),
                    )
                file_in_archive = archive.extractfile(member)
                assert file_in_archive is not None  # regular members always have one
                held[name] = file_in_archive.read()
        return held

    def _refuse_missing(self, found: Sequence[str] | dict[str, bytes]) -> None:
        missing = [name for name in TRAINING + TEST if name not in found]
        if not missing:
            return
        inner = self.path / FOLDER
        raise DataError(
            f"has no file {missing[0]}"
            + (f" (nor {', '.join(missing[1:])})" if missing[1:] else ""),
            where=str(self.path),
            key=("data", "path"),
            hint=f"did you mean {inner}?" if inner.is_dir() else None,
        )
