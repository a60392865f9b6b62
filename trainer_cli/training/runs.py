"""The run folder: what a training run leaves on disk, each file whole or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from errno import ENOTDIR
from hashlib import blake2b
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, TextIO

import numpy as np
from filelock import FileLock, Timeout

from trainer_cli.training.networks import Networks

LOCK = ".lock"


class RunError(Exception):
    """A run folder that cannot be written or gone on with; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def default_folder(command: str, experiment: str, now: datetime) -> Path:
    """Return runs/<command>-<file>-<time>, with a number behind it where that is taken."""
    return not_taken(Path("runs") / f"{command}-{experiment}-{now:%Y%m%d-%H%M%S}")


def not_taken(plain: Path) -> Path:
    """Return a path that is not there: this one, or with -2, -3, ... behind it."""
    path, number = plain, 1
    while path.exists():
        number += 1
        path = plain.with_name(f"{plain.name}-{number}")
    return path


def jsonable(value: Any) -> Any:
    """Return `value` with whatever JSON cannot hold replaced: NaN and infinities become null."""
    if isinstance(value, Mapping):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


class RunFolder:
    """A folder that holds one run, for as long as this process works on it.

    A second process is refused meanwhile; the system takes the lock back from one that was killed.
    """

    def __init__(self, folder: Path) -> None:
        """Take a folder that is there: `create` makes one. Raises RunError where it is taken."""
        self.folder = folder
        self._lock = FileLock(folder / LOCK)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            message = f"{folder} is being written by another process"
            raise RunError(message, "wait for it, or end it") from None

    @classmethod
    def create(cls, folder: Path, files: Mapping[str, str | bytes]) -> RunFolder:
        """Make the folder with its first files: it is there with all of them or not at all.

        Raises RunError if the folder is there and OSError if it cannot be made.
        """
        if os.path.lexists(folder):
            message = f"{folder} exists already, and a run is never overwritten"
            raise RunError(message, "choose another --run")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            begun = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        except FileExistsError:
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(folder)) from None
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(folder)) from None
        try:
            begun.chmod(0o777 & ~_umask())
            for name, content in files.items():
                write_whole(
                    begun / name, content if isinstance(content, bytes) else content.encode()
                )
            begun.rename(folder)
        except BaseException:
            rmtree(begun, ignore_errors=True)
            raise
        return cls(folder)

    def journal(self, name: str, length: int | None = None) -> Journal:
        """Return the journal `name` of the run, cut to its first `length` bytes if given."""
        return Journal(self.folder / name, length)

    def write(self, name: str, text: str) -> None:
        """Write a file of text; under its name there is never a part of it."""
        write_whole(self.folder / name, text.encode())

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file; under its name there is never a part of it."""
        write_whole(self.folder / name, content)

    def save_networks(self, name: str, networks: Networks) -> None:
        """Write networks as `<name>.safetensors`; the folder of a name is made."""
        path = self.folder / f"{name}.safetensors"
        path.parent.mkdir(exist_ok=True)
        write_whole(path, networks.content())

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write `summary.json`."""
        text = json.dumps(jsonable(summary), indent=2, allow_nan=False)
        self.write("summary.json", text + "\n")

    def close(self) -> None:
        """Let others have the folder."""
        with suppress(OSError):  # where an open file cannot be removed, it stays
            (self.folder / LOCK).unlink()
        self._lock.release()


class Journal:
    """A file of one JSON object a line that is only ever added to.

    When it is opened, a last line that was cut short is taken off, and with `length` whatever comes
    after so many bytes.
    """

    def __init__(self, path: Path, length: int | None = None) -> None:
        self.path = path
        content = path.read_bytes()[:length] if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        self._digest = blake2b(whole, digest_size=16)
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._file.truncate(len(whole))

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield what it holds; raises RunError for a line that is no JSON object."""
        return json_lines(self.path, "begin a new run")

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one line; it is handed to the system at once."""
        self.write(json.dumps(jsonable(record), allow_nan=False) + "\n")

    def write(self, lines: str) -> None:
        """Add whole lines; they are handed to the system at once."""
        try:
            self._file.write(lines)
            self._file.flush()
            self._digest.update(lines.encode())
        except OSError as error:  # a full disk does not say which file it was
            raise OSError(error.errno, error.strerror, str(self.path)) from None

    def sync(self) -> tuple[int, str]:
        """Wait until all lines are on the disk; return their length in bytes and their digest."""
        os.fsync(self._file.fileno())
        return os.fstat(self._file.fileno()).st_size, self._digest.hexdigest()

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None


def digest_of(path: Path, length: int) -> str | None:
    """Return the digest of a journal's first `length` bytes, None where there are fewer."""
    if not path.exists():
        return None
    content = path.read_bytes()[:length]
    return blake2b(content, digest_size=16).hexdigest() if len(content) == length else None


def json_lines(path: Path, hint: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects that a file holds, one a line; RunError for a line that is none.

    A last line without an end may not be all there yet, and is left out.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            if not isinstance(record, dict):
                raise RunError(f"line {number} of {path} is damaged", hint)
            yield record


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that under its name there is never a part of it."""
    temporary = path.with_name(path.name + ".part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:  # a full disk does not say which file it was
        temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
