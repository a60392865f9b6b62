"""Tables are cut off at the edge of a terminal, and whole in a file."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from trainer_cli.report.report import Report
from trainer_cli.report.text_report import print_report

TABLE = ["name   numbers", "first  " + "1234567890" * 5]


@pytest.mark.parametrize(
    ("terminal", "last"), [(True, "first  1234567890123456789012…"), (False, TABLE[1])]
)
def test_a_table_is_not_wrapped(terminal, last):
    text = StringIO()
    console = Console(file=text, width=30, force_terminal=terminal, no_color=True)
    print_report(console, "command", "file", Report(findings=(), table=TABLE), quiet=False)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    assert lines[-2:] == [TABLE[0], last]
