"""Finds the label among the columns of a CSV file."""

from dataclasses import dataclass
from difflib import get_close_matches

from trainer_cli.datasets.errors import DataError


@dataclass(frozen=True)
class Columns:
    """Names of all columns and the index of the label's."""

    names: tuple[str, ...]
    label: int

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns that are features."""
        return self.names[: self.label] + self.names[self.label + 1 :]


def read_columns(first: list[str], label: str | int, header: bool, where: str) -> Columns:
    """Return the columns that the first row of a table names, or counts without a header.

    Raises DataError for a name given twice, a single column and a label column not there.
    """
    names = [name.strip() for name in first] if header else [str(i) for i in range(len(first))]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise DataError(f"has two columns named {name!r}", where=f"{where}:1")
    if len(names) < 2:
        raise DataError(
            "has a single column, but a label and at least one feature are needed",
            where=f"{where}:1",
            hint="set delimiter if the cells are not separated by what it says",
        )
    if isinstance(label, str):
        return Columns(tuple(names), _column_named(label, names, where))
    if not -len(names) <= label < len(names):
        raise DataError(
            f"has {len(names)} columns, so there is no column {label}",
            where=where,
            key=("data", "label"),
        )
    return Columns(tuple(names), label % len(names))


def _column_named(label: str, names: list[str], where: str) -> int:
    if label in names:
        return names.index(label)
    near = get_close_matches(label, names, n=1)
    shown = ", ".join(map(repr, names[:8])) + (", ..." if len(names) > 8 else "")
    raise DataError(
        f"has no column {label!r}; it has {shown}",
        where=where,
        key=("data", "label"),
        hint=f"did you mean {near[0]!r}?" if near else None,
    )
