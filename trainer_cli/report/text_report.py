"""A report as text: a line for each finding, wrapped on a terminal, whole in a file or pipe."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from trainer_cli.report.report import Report
from trainer_cli.training.findings import Finding, counted, verdict

STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red", "skip": "cyan"}
INDENT = 6
OTHERS = "other signs of trouble"


def print_report(
    console: Console, command: str, config: str, report: Report, *, quiet: bool
) -> None:
    """Write a report to `console`; `quiet` leaves only what is not a pass."""
    if report.text is not None:
        console.file.write(report.text)
        return
    shown = [f for f in _told(report) if not (quiet and f.status == "pass")]
    if not quiet:
        _put(console, Text.assemble(("nntrain ", "dim"), (command, "bold"), (f"  {config}", "dim")))
    for finding in shown:
        _print_finding(console, finding)
    if quiet:
        return
    for line in report.table:
        if console.is_terminal:
            console.print(Text(line), no_wrap=True, overflow="ellipsis")
        else:
            _put(console, Text(line))
    for line in report.lines:
        _put(console, Text(line))
    if report.findings:
        _put(console, _summary(report))


def _told(report: Report) -> list[Finding]:
    """Return the findings as a text tells them: those without trouble of the background as one."""
    if report.told is not None:
        return list(report.told)
    quiet = [
        f for f in report.findings if f.rule in report.background and f.status in ("pass", "skip")
    ]
    passes = sum(f.status == "pass" for f in quiet)
    told = [f for f in report.findings if f not in quiet]
    if not quiet:
        return told
    skips = len(quiet) - passes
    if not passes:
        what = f"not judged ({counted(skips, 'rule')})"
        return [*told, Finding(rule=OTHERS, status="skip", message=what)]
    judged = counted(passes, "rule") + (f", {skips} not judged" if skips else "")
    return [*told, Finding(rule=OTHERS, status="pass", message=f"none ({judged})")]


def _print_finding(console: Console, finding: Finding) -> None:
    style = STYLES[finding.status]
    lines = [Text.assemble((finding.rule, "bold"), ": ", finding.message)]
    if finding.hint:
        lines.append(Text.assemble(("hint: ", "bold"), finding.hint))
    for i, line in enumerate(lines):
        label = finding.status if i == 0 else ""
        if console.is_terminal:
            # The label stands in the margin that the wrapped lines leave free.
            wrapped = line.wrap(console, max(20, console.width - INDENT))
            for k, piece in enumerate(wrapped):
                first = label if k == 0 else ""
                console.print(Text.assemble((first.ljust(INDENT), style), piece))
        else:
            _put(console, Text.assemble((label.ljust(INDENT), style), line))


def _summary(report: Report) -> Text:
    counts = {s: sum(f.status == s for f in report.findings) for s in STYLES}
    told = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    outcome = verdict(report.findings)
    return Text.assemble(("verdict: ", "bold"), (outcome, STYLES[outcome]), f"  ({told})")


def _put(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=not console.is_terminal)
