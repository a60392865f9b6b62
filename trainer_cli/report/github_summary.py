"""A report as Markdown, for the page that GitHub shows of a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trainer_cli.report.report import Report
from trainer_cli.training.findings import verdict

# What has a meaning in a table of GitHub's Markdown: emphasis, code, links, tags, formulas, cells.
MEANINGFUL = re.compile(r"[\\`*_{}\[\]<>|~$#&@]")


def summary(command: str, config: str, report: Report) -> str:
    """Return a heading with the verdict, and a row for each finding."""
    rows = [(each.rule, each.status, each.message, each.hint or "") for each in report.findings]
    head = f"nntrain {command}: {verdict(report.findings)}"
    return _section(head, config, ("rule", "status", "message", "hint"), rows)


def errors_summary(command: str, config: str, errors: Iterable[Mapping[str, Any]]) -> str:
    """Return the same for a command that could not start: a row for each problem."""
    rows = [
        (
            ":".join(str(each[part]) for part in ("file", "line", "column") if each[part]),
            each["key"] or "",
            each["message"],
            each["hint"] or "",
        )
        for each in errors
    ]
    head = f"nntrain {command}: could not start"
    return _section(head, config, ("place", "key", "message", "hint"), rows)


def _section(head: str, config: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    table = [columns, ["---"] * len(columns), *[[_cell(cell) for cell in row] for row in rows]]
    lines = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([f"### {_cell(head)}", "", _cell(config), "", *lines, "", ""])


def _cell(text: str) -> str:
    """Return a text that stands in one cell as it is."""
    escaped = MEANINGFUL.sub(lambda found: f"\\{found[0]}", text)
    return "<br>".join(escaped.splitlines())
