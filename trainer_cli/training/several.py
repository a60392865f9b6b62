"""What is said of several members at once: of each rule the worst finding, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from trainer_cli.training.findings import Finding

GRAVITY = ("pass", "skip", "warn", "fail")


def worst_of(findings: Sequence[Sequence[Finding]], noun: str = "member") -> list[Finding]:
    """Return one finding for each rule: that of the first member which it judges worst.

    Where there are several members, a finding that is no pass says of how many it is, and of whom;
    `noun` is what a member is called.
    """
    if len(findings) == 1:
        return list(findings[0])
    rules = list(dict.fromkeys(finding.rule for own in findings for finding in own))
    return [_worst(rule, findings, noun) for rule in rules]


def _worst(rule: str, findings: Sequence[Sequence[Finding]], noun: str) -> Finding:
    of_rule = [
        (member, finding)
        for member, own in enumerate(findings)
        for finding in own
        if finding.rule == rule
    ]
    member, worst = max(of_rule, key=lambda pair: (GRAVITY.index(pair[1].status), -pair[0]))
    if worst.status == "pass":
        return worst
    alike = [other for other, finding in of_rule if finding.status == worst.status]
    many = f", and of {len(alike)} of {len(findings)} {noun}s" if len(alike) > 1 else ""
    return replace(
        worst,
        message=f"{noun} {member}{many}: {worst.message}",
        evidence={**worst.evidence, "members": alike},
    )
