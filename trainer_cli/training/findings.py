"""What a check or a training run says: findings with evidence, and the verdict they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["pass", "warn", "fail", "skip"]
Verdict = Literal["pass", "warn", "fail"]

# Losses are written with four decimals up to here.
LONG = 1000.0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One judgement: a stable rule name, a status, and what it rests on.

    `measured` was compared with `expected` under `threshold`; the three are None where no single
    number says it. `message` names the subject and the evidence, `hint` what to do (None for a
    pass). `seconds` is the time the judgement took.
    """

    rule: str
    status: Status
    measured: float | None = None
    expected: float | None = None
    threshold: float | None = None
    message: str
    hint: str | None = None
    seconds: float = 0.0
    evidence: Mapping[str, Any] = field(default_factory=dict)


def verdict(findings: Sequence[Finding]) -> Verdict:
    """Return the worst status: a skip counts as a warning where nothing else was judged."""
    statuses = {finding.status for finding in findings}
    if "fail" in statuses:
        return "fail"
    if "warn" in statuses or statuses == {"skip"}:
        return "warn"
    return "pass"


def loss_text(loss: float) -> str:
    """Return a loss for a message: 2.3026, 123.4568, 1234.57."""
    return f"{loss:.4f}" if abs(loss) < LONG else f"{loss:.6g}"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: 1 update, 4,900 updates."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
