"""What a command has to say, before it is text or JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainer_cli.training.findings import Finding


@dataclass(frozen=True, kw_only=True)
class Report:
    """The findings of one command and its own results.

    `results` are the further keys of the JSON document; `table` and, below it, `lines` say the same
    as text, under the findings. A narrow terminal cuts a table off instead of wrapping it. `text`,
    where it is given, is the whole text report. `exit_code` is set where the findings do not decide
    it: after a signal. Of the rules in `background` the text says in one line that they have
    nothing to say; with `told` it has these findings and no others. `cases`, a name for each
    finding, are what JUnit calls them where many are of one rule.
    """

    findings: Sequence[Finding]
    results: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[str] = ()
    table: Sequence[str] = ()
    text: str | None = None
    exit_code: int | None = None
    background: Collection[str] = ()
    told: Sequence[Finding] | None = None
    cases: Sequence[str] | None = None
