"""Turns a CSV file into numbers and label codes, and knows the line of everything it refuses.

N rows, F feature columns.
"""

import csv
import math
import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError, require_regular, unreadable
from trainer_cli.datasets.formats.csv_columns import Columns, read_columns
from trainer_cli.datasets.table import Labels

if TYPE_CHECKING:
    from _csv import Reader

T = TypeVar("T")

DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+(e[-+]?\d+)?", re.IGNORECASE)
SAMPLE_BYTES = 1 << 16  # enough lines to judge how long one is


@dataclass(frozen=True, kw_only=True)
class CsvTable:
    """What a CSV file holds.

    features       (N, F) float64; feature_names those of their columns
    codes          (N,), the place of each row's label in label_texts
    label_texts    the different labels, in the order of their first appearance
    lines          line of the file that each row ends on
    """

    features: NDArray[np.float64]
    feature_names: tuple[str, ...]
    codes: Labels
    label_texts: tuple[str, ...]
    label_name: str
    lines: "array[int]"  # a string because Python 3.11 cannot subscript it
    where: str

    def label_numbers(self) -> Labels | None:
        """Return the labels as whole numbers, or None when at least one is a name.

        Raises DataError for a label that is a number but not a whole one.
        """
        try:
            values = [int(text) for text in self.label_texts]
        except ValueError:
            for code, text in enumerate(self.label_texts):
                self._refuse_fraction(code, text)
            return None
        limit = np.iinfo(np.intp).max
        return np.array([max(-limit, min(value, limit)) for value in values], np.intp)[self.codes]

    def _refuse_fraction(self, code: int, text: str) -> None:
        try:
            float(text)
            int(text)
        except ValueError as error:
            if "int()" not in str(error):
                return
            row = int(np.argmax(self.codes == code))
            raise DataError(
                f"label {text!r} is a number, but not a whole one",
                where=f"{self.where}:{self.lines[row]}",
                hint="labels are the whole numbers 0..C-1, or names",
            ) from None


def csv_size(path: Path, delimiter: str) -> int:
    """Estimate the bytes of all values as float64 from how many the first lines have."""
    try:
        require_regular(path)
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
        cells = sample.count(delimiter.encode()) + sample.count(b"\n") + 1
        return 8 * cells * path.stat().st_size // max(1, len(sample))
    except OSError as error:
        raise unreadable(path, error) from None


def read_csv(path: Path, label: str | int, *, header: bool, delimiter: str) -> CsvTable:
    """Read the whole file; `label` is the name or the index of the label column.

    Raises DataError for a file that is missing, empty, not UTF-8 or not CSV; for a row of another
    length than the first; for a cell that is not a finite number; for an empty label; for a
    column named twice and a label column that does not exist.
    """
    return read_with(
        lambda reader: _read_rows(reader, path, label, header), path, delimiter=delimiter
    )


def read_with(take: "Callable[[Reader], T]", path: Path, *, delimiter: str) -> T:
    """Return what `take` makes of the rows of a file.

    Raises DataError for a file that is missing, not UTF-8 or not CSV.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            try:
                return take(reader)
            except csv.Error as error:
                raise DataError(
                    f"is not CSV: {error}", where=f"{path}:{max(1, reader.line_num)}"
                ) from None
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    except OSError as error:
        raise unreadable(path, error) from None


def _not_utf8(path: Path) -> DataError:
    """Find the line: the decoder works on blocks and does not know it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return DataError(
                    f"byte 0x{line[error.start]:02x} is not UTF-8 text",
                    where=f"{path}:{number}",
                    hint="save the file with the encoding UTF-8",
                )
    return DataError("is not UTF-8 text", where=str(path))


def _read_rows(reader: "Reader", path: Path, label: str | int, header: bool) -> CsvTable:
    rows = (cells for cells in reader if cells)
    first = next(rows, None)
    if first is None:
        raise DataError("is empty", where=str(path))
    columns = read_columns(first, label, header, str(path))
    values, codes, lines = array("d"), array("q"), array("q")
    texts: dict[str, int] = {}
    for cells in rows if header else chain([first], rows):
        where = f"{path}:{reader.line_num}"
        text = _take_label(cells, columns, where)
        values.extend(numbers_in(cells, columns.feature_names, where))
        codes.append(texts.setdefault(text, len(texts)))
        lines.append(reader.line_num)
    if not lines:
        raise DataError("has a header but no rows", where=str(path))
    return CsvTable(
        features=np.frombuffer(values, np.float64).reshape(len(lines), -1),
        feature_names=columns.feature_names,
        codes=np.frombuffer(codes, np.int64).astype(np.intp, copy=False),
        label_texts=tuple(texts),
        label_name=columns.names[columns.label],
        lines=lines,
        where=str(path),
    )


def _take_label(cells: list[str], columns: Columns, where: str) -> str:
    """Remove the label from a row, leaving the features."""
    if len(cells) != len(columns.names):
        raise DataError(
            f"row has {len(cells)} cells, but the table has {len(columns.names)} columns",
            where=where,
        )
    text = cells.pop(columns.label).strip()
    if not text:
        raise DataError(
            f"column {columns.names[columns.label]!r}: the label is missing", where=where
        )
    return text


def numbers_in(cells: Sequence[str], names: Sequence[str], where: str) -> list[float]:
    """Return the numbers in the cells of the columns `names`; DataError for one that is none."""
    try:
        values = [float(cell) for cell in cells]
        # A sum is finite unless a value is not or several are enormous; "1_000" is Python's alone.
        if math.isfinite(sum(values)) and "_" not in "".join(cells):
            return values
    except ValueError:
        pass
    for name, cell in zip(names, cells, strict=True):
        _refuse_non_number(name, cell, where)
    return values


def _refuse_non_number(name: str, cell: str, where: str) -> None:
    shown = f"column {name!r}: "
    if not cell.strip():
        raise DataError(f"{shown}the value is missing", where=where)
    try:
        value = float(cell.replace("_", "?"))
    except ValueError:
        decimal = DECIMAL_COMMA.fullmatch(cell.strip())
        raise DataError(
            f"{shown}{cell!r} is not a number",
            where=where,
            hint=f"write a decimal point: {cell.strip().replace(',', '.')}"
            if decimal
            else "features must be numbers; give each category a column of 0 and 1",
        ) from None
    if not math.isfinite(value):
        raise DataError(f"{shown}{cell!r} is not a finite number", where=where)
