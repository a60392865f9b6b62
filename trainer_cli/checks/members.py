"""Are networks that are trained side by side moved as each of them alone?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from trainer_cli.checks.moved import ROUNDINGS, Beginning
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import MemberIndependence, rule_of
from trainer_cli.training.diagnosis.names import passed, skipped
from trainer_cli.training.findings import Finding

MEMBERS = "member-independence"


def judge_members(
    experiment: Experiment, alone: Sequence[Beginning], together: Sequence[Beginning]
) -> Finding:
    """Compare the gradient and the updates of every member with what they are alone."""
    rule, worst, where = rule_of(experiment.checks, MemberIndependence), 0.0, ""
    for m, (one, other) in enumerate(zip(alone, together, strict=True), start=1):
        if not np.isfinite(one.norms).all():
            return skipped(MEMBERS, f"the gradient of member {m} is not finite")
        for what, apart in _apart(one, other, rule.tolerance):
            if apart > worst:
                worst, where = apart, what.format(f"member {m}")
    if worst <= rule.tolerance:
        message = "two networks trained side by side are moved as each of them alone"
        return passed(MEMBERS, message, worst, rule.tolerance)
    return Finding(
        rule=MEMBERS,
        status="fail",
        measured=worst,
        expected=0.0,
        threshold=rule.tolerance,
        message=f"two networks trained side by side are not moved as each of them alone: {where}",
        hint="look for state, rates or buffers that are not kept apart by member",
    )


def _apart(one: Beginning, other: Beginning, tolerance: float) -> Iterator[tuple[str, float]]:
    """Yield by what share of the largest one each gradient and update differs, and where."""
    for a, b in zip(one.parameters, other.parameters, strict=True):
        judged = one.certain(a) & one.certain(b)
        pairs = [
            (f"{what.format(k)} at {{}}", mine, theirs)
            for what, own, others in (
                ("the gradient of {{}} in update {}", a.gradients, b.gradients),
                ("the change of {{}} in update {}", a.changes, b.changes),
            )
            for k, (mine, theirs) in enumerate(zip(own, others, strict=True), start=1)
        ]
        for what, mine, theirs in pairs:
            largest = float(np.abs(mine[judged & np.isfinite(mine)]).max(initial=0.0))
            rounding = ROUNDINGS * np.abs(a.values) / tolerance
            off = np.abs(theirs - mine) / (largest + rounding + np.finfo(np.float64).tiny)
            off = np.where(np.isfinite(off), off, np.inf)
            off = np.where(judged & ~(np.isnan(mine) & np.isnan(theirs)), off, 0.0)
            at = int(np.argmax(off))
            said = f"{what} is {theirs[at]:.6g}, alone {mine[at]:.6g}"
            yield said.format("{}", a.place(at)), float(off[at])
