"""Reads a CSV file of examples whose classes are wanted: features, and maybe a label to ignore.

N rows, F feature columns.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.formats.csv_table import numbers_in, read_with

if TYPE_CHECKING:
    from _csv import Reader


@dataclass(frozen=True, kw_only=True)
class CsvForm:
    """What the columns of the file should be.

    features   F
    names      those of the features, where they are known
    label      the label column of the training data, by name or index; None if there was none
    header     whether the first row holds names; None to find it out: it holds no numbers
    """

    features: int
    names: tuple[str, ...] | None = None
    label: str | int | None = None
    header: bool | None = None
    delimiter: str = ","


def read_csv_inputs(path: Path, form: CsvForm) -> NDArray[np.float64]:
    """Return the features of every row, (N, F), in the order of the training data.

    Columns are found by their names where both files have some, else by their place. Raises
    DataError, with the line, for columns that are missing or too many and cells that are no
    finite numbers.
    """
    return read_with(lambda reader: _read(reader, path, form), path, delimiter=form.delimiter)


def _read(reader: "Reader", path: Path, form: CsvForm) -> NDArray[np.float64]:
    rows = (cells for cells in reader if cells)
    first = next(rows, None)
    if first is None:
        raise DataError("is empty", where=str(path))
    header = not _all_numbers(first) if form.header is None else form.header
    titles = [cell.strip() for cell in first] if header else [str(i) for i in range(len(first))]
    wanted = _wanted(titles, form, f"{path}:1", header=header)
    names = [titles[i] for i in wanted]
    values, count = array("d"), 0
    for cells in rows if header else chain([first], rows):
        where = f"{path}:{reader.line_num}"
        if len(cells) != len(titles):
            raise DataError(
                f"row has {len(cells)} cells, but the table has {len(titles)} columns", where=where
            )
        values.extend(numbers_in([cells[i] for i in wanted], names, where))
        count += 1
    if not count:
        raise DataError("has a header but no rows", where=str(path))
    return np.frombuffer(values, np.float64).reshape(count, -1)


def _all_numbers(cells: Sequence[str]) -> bool:
    try:
        return all(np.isfinite(float(cell)) for cell in cells)
    except ValueError:
        return False


def _wanted(titles: Sequence[str], form: CsvForm, where: str, *, header: bool) -> list[int]:
    """Return the columns that are features, in the order of the training data."""
    for i, title in enumerate(titles):
        if title in titles[:i]:
            raise DataError(f"has two columns named {title!r}", where=where)
    if header and form.names is not None:
        return _by_name(titles, form.names, form.label, where)
    if len(titles) == form.features:
        return list(range(len(titles)))
    label = titles.index(form.label) if form.label in titles else form.label
    if len(titles) == form.features + 1 and isinstance(label, int):
        return [i for i in range(len(titles)) if i != label % len(titles)]
    raise DataError(
        f"has {len(titles)} columns, but the network takes {form.features} features", where=where
    )


def _by_name(
    titles: Sequence[str], names: Sequence[str], label: str | int | None, where: str
) -> list[int]:
    missing = [name for name in names if name not in titles]
    if missing:
        raise DataError(
            f"has no column {missing[0]!r}, which the network was trained with", where=where
        )
    labels = {titles[label % len(titles)]} if isinstance(label, int) else {label}
    unknown = [title for title in titles if title not in names and title not in labels]
    if unknown:
        raise DataError(
            f"has a column {unknown[0]!r}, which the network was not trained with", where=where
        )
    return [titles.index(name) for name in names]
