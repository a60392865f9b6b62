"""The report of the whole recipe: what is not a pass in full, then a line for each check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trainer_cli.checks.preflight import Checked
from trainer_cli.report.report import Report
from trainer_cli.training.findings import Finding, counted, verdict


def check_report(checked: Sequence[Checked], imported: str | None = None) -> Report:
    """Return the report of checks in the recipe's order.

    `imported` is the user's own Python that was run, if any was.
    """
    findings = [finding for each in checked for finding in each.findings]
    return Report(
        findings=findings,
        results={
            **({} if imported is None else {"imported": imported}),
            "checks": [
                {
                    "check": each.name,
                    "verdict": _status(each.findings),
                    "rules": [finding.rule for finding in each.findings],
                    "seconds": each.seconds,
                }
                for each in checked
            ],
        },
        table=list(_table(checked)),
        lines=[] if imported is None else [f"imported: {imported}, and no other file but by it"],
        told=[finding for finding in findings if finding.status in ("warn", "fail")],
    )


def _status(findings: Sequence[Finding]) -> str:
    skipped = findings and all(finding.status == "skip" for finding in findings)
    return "skip" if skipped else verdict(findings)


def _table(checked: Sequence[Checked]) -> Iterator[str]:
    """Yield a line for each check: its verdict, what it rests on, how long it took."""
    width = max(len(each.name) for each in checked) if checked else 0
    for each in checked:
        status = _status(each.findings)
        yield (
            f"{each.name:<{width}}  {status:<4}  {_told(status, each.findings)}"
            f"  {each.seconds:.2f} s"
        )


def _told(status: str, findings: Sequence[Finding]) -> str:
    if status == "skip":
        return findings[0].message
    if status != "pass":
        return ", ".join(f.rule for f in findings if f.status in ("warn", "fail"))
    skips = sum(finding.status == "skip" for finding in findings)
    judged = counted(len(findings) - skips, "rule") + (f", {skips} not judged" if skips else "")
    judged += "".join(f"; {f.rule} ignored" for f in findings if f.evidence.get("ignored"))
    close = [f"; only just {each.rule}: {_seeds(each)}" for each in findings if _seeds(each)]
    return judged + "".join(close)


def _seeds(finding: Finding) -> str:
    """Return how many seeds agree, of a verdict that was repeated."""
    seeds = finding.evidence.get("seeds")
    return "" if seeds is None else f"{finding.evidence['seeds_agreeing']} of {seeds} seeds"
