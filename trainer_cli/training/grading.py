"""Weighs findings as an experiment wants it: its `checks:` section has the last word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from trainer_cli.config.rules import RULES, Rule
from trainer_cli.training.findings import Finding, Status

USUAL: Mapping[str, str] = {rule().type: rule().severity for rule in RULES}


def graded(findings: Sequence[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """Return the findings with the severities that `rules`, an experiment's, give them.

    Where a rule's findings usually warn, `fail` makes a warning a failure; where they usually fail,
    `warn` makes a failure a warning; `ignore` makes either a skip. Grading twice changes nothing.
    """
    severities: Mapping[str, str] = {rule.type: rule.severity for rule in rules}
    return [_graded(finding, severities.get(finding.rule)) for finding in findings]


def _graded(finding: Finding, severity: str | None) -> Finding:
    if severity is None or finding.status not in ("warn", "fail"):
        return finding
    if severity == "ignore":
        message = f"ignored, as checks.{finding.rule} says: {finding.message}"
        evidence = {**finding.evidence, "ignored": True}
        return replace(finding, status="skip", message=message, evidence=evidence)
    status: Status = finding.status
    if severity == "warn":
        status = "warn"
    elif USUAL.get(finding.rule) == "warn":
        status = "fail"
    return replace(finding, status=status)
