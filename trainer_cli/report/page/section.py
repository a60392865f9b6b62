"""A section of a page: its heading, what stands below it, and the files that go with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.picture import Picture

# Writes a file into a folder and returns its name.
Save = Callable[[Path], str]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One section; `files` are written beside the page."""

    name: str
    title: str
    body: Markup
    files: Sequence[Save] = ()

    def element(self, prefix: str, level: int = 2) -> Markup:
        """Return the section as a part of a page where no other has this prefix and name."""
        heading = tag(f"h{level}", self.title)
        return tag("section", heading, self.body, id=f"{prefix}{self.name}")


def grid(pictures: Sequence[Picture], prefix: str, class_: str = "grid") -> Markup:
    """Return pictures side by side, as many in a row as fit."""
    return tag("div", joined(each.element(prefix) for each in pictures), class_=class_)


def left_out(what: str, missing: Missing) -> Markup:
    """Return the line that stands where something cannot be shown."""
    return tag("p", f"No {what}: {missing.why}.", class_="missing")


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], names: int = 1, class_: str | None = None
) -> Markup:
    """Return a table whose first `names` columns hold names, the others numbers."""
    top = joined(
        tag("th", cell, scope="col", class_=_kind(k, names)) for k, cell in enumerate(head)
    )
    body = joined(
        tag("tr", joined(tag("td", cell, class_=_kind(k, names)) for k, cell in enumerate(row)))
        for row in rows
    )
    whole = tag("table", tag("thead", tag("tr", top)), tag("tbody", body), class_=class_)
    return tag("div", whole, class_="wide")


def folded(summary: str, *content: Markup) -> Markup:
    """Return content behind a line that opens it."""
    return tag("details", tag("summary", summary), *content)


def _kind(column: int, names: int) -> str | None:
    return None if column < names else "n"
