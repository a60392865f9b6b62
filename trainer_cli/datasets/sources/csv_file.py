"""Tables of numbers as spreadsheets and databases export them.

N rows, F feature columns.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, doc

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.formats.csv_table import CsvTable, csv_size, read_csv
from trainer_cli.datasets.table import Labels, Table, below_zero, inferred_classes


@dataclass(frozen=True, kw_only=True)
class Csv:
    """A CSV file in UTF-8 with one example per line: numbers, and a label in one column.

    Features become (N, F) float64, as written: a column such as a time stamp keeps the digits that
    its mean is later subtracted from. Labels are whole numbers 0 to C - 1, C the largest + 1 unless
    `classes` says otherwise; or names, which become classes in alphabetical order. Empty lines are
    skipped, as spreadsheets leave them at the end.
    """

    type: Literal["csv"] = "csv"
    path: Annotated[Path, doc("path of the CSV file, relative to the experiment file")]
    label: Annotated[
        str | int, doc("label column, by name or by index: 0 is the first, -1 the last")
    ]
    header: Annotated[bool, doc("whether the first line holds the names of the columns")] = True
    delimiter: Annotated[str, doc("character between two cells")] = ","
    classes: Annotated[
        Annotated[int, Ge(2)] | None, doc("number of classes, found in the labels unless given")
    ] = None

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            raise ValueError(
                "delimiter must be one character, neither a quote nor a line break, "
                f"got {self.delimiter!r}"
            )
        if isinstance(self.label, str) and not self.header:
            raise ValueError(
                f"label {self.label!r} is the name of a column, but header is false; "
                "give its index instead"
            )

    def classes_known(self) -> int | None:
        """Return `classes`."""
        return self.classes

    def shape_known(self) -> tuple[int, ...] | None:
        """Return None: only the file tells the shape of an example."""
        return None

    def size(self) -> int:
        """Estimate the bytes that read() will hold from the first lines and the file's length."""
        return csv_size(self.path, self.delimiter)

    def read(self) -> Table:
        """Read the file; raises DataError that names the line and the column."""
        table = read_csv(self.path, self.label, header=self.header, delimiter=self.delimiter)
        numbers = table.label_numbers()
        if numbers is None:
            labels, names = _by_name(table, self.classes)
            classes = len(names)
        else:
            classes = self.classes or inferred_classes(numbers, str(self.path))
            labels, names = _in_range(numbers, classes, table), None
        return Table(
            inputs=table.features,
            labels=labels,
            classes=classes,
            class_names=names,
            feature_names=table.feature_names if self.header else None,
            where=str(self.path),
        )


def _by_name(table: CsvTable, classes: int | None) -> tuple[Labels, tuple[str, ...]]:
    """Return labels in the alphabetical order of their names, and the names."""
    names = tuple(sorted(table.label_texts))
    if classes is not None and classes != len(names):
        raise DataError(
            f"has {len(names)} classes in column {table.label_name!r}, but classes is {classes}",
            where=table.where,
            key=("data", "classes"),
        )
    if len(names) > max(2, len(table.codes) // 2):
        raise DataError(
            f"has {len(names):,} different labels in column {table.label_name!r} "
            f"for {len(table.codes):,} examples, so it cannot hold classes",
            where=table.where,
            key=("data", "label"),
        )
    place = {name: number for number, name in enumerate(names)}
    new_codes = np.array([place[text] for text in table.label_texts], np.intp)
    return new_codes[table.codes], names


def _in_range(numbers: Labels, classes: int, table: CsvTable) -> Labels:
    wrong = np.flatnonzero((numbers < 0) | (numbers >= classes))
    if wrong.size:
        row = int(wrong[0])
        raise DataError(
            f"label {numbers[row]} is outside 0..{classes - 1}",
            where=f"{table.where}:{table.lines[row]}",
            hint=below_zero(int(numbers[row])) or "labels are the whole numbers 0..C-1, or names",
        )
    return numbers
