"""The one exception of this room, so that bad data is told from a fault of the program."""

from pathlib import Path

Key = tuple[str | int, ...]


class DataError(Exception):
    """Data or a data setting that cannot be used; `str()` is one sentence, "where: message".

    `where` is the file to blame, with line or row where that helps ("people.csv:17"); `key` is the
    key of the experiment file to blame ("data", "split", "train"); `hint` says what to do.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        key: Key | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message if where is None else f"{where}: {message}")
        self.message = message
        self.where = where
        self.key = key
        self.hint = hint


def unreadable(path: Path, error: OSError) -> DataError:
    """Return the DataError for a file that the operating system does not let us read."""
    if isinstance(error, FileNotFoundError):
        return DataError("no such file", where=str(path), key=("data", "path"))
    reason = (error.strerror or str(error)).lower()
    return DataError(f"cannot be read: {reason}", where=str(path), key=("data", "path"))


def require_regular(path: Path) -> None:
    """Raise DataError for a device or a pipe, which may never end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise DataError("is not a regular file", where=str(path), key=("data", "path"))
