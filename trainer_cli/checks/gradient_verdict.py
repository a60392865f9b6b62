"""What the comparisons of gradients and differences add up to: a finding, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from trainer_cli.checks.cranked import is_weight
from trainer_cli.checks.culprit import everywhere
from trainer_cli.checks.slopes import Subject
from trainer_cli.checks.surfaces import NoGradientError
from trainer_cli.checks.sweeps import Looked
from trainer_cli.training.findings import Finding, Status, counted

# Parameters that a message names before it only counts.
NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One of the judgements: `when` the gradient `of` what was looked at, and how.

    A relative error up to `fine` passes, and one up to `wrong` warns; `remark` is added to what a
    pass says.
    """

    rule: str
    when: str
    of: str = "the gradient"
    sides: int
    examples: int
    fine: float
    wrong: float
    remark: str = ""

    def status(self, error: float) -> Status:
        """Return what a relative error amounts to."""
        return "pass" if error <= self.fine else "warn" if error <= self.wrong else "fail"


def judge(phase: Phase, every: Sequence[Looked], hint: str | None, begun: float) -> Finding:
    """Return the finding about all parameters; `hint` belongs to a gradient that is wrong."""
    if not any(each.seen for each in every):
        return unjudged(phase, f"all coordinates are left out, {_left_out(every)}", begun)
    error = max(each.error for each in every)
    status = phase.status(error)
    if status == "pass" and not any(each.seen for each in every if is_weight(each.subject.name)):
        return unjudged(phase, f"no weight shows a slope; left out: {_left_out(every)}", begun)
    return Finding(
        rule=phase.rule,
        status=status,
        measured=error,
        expected=0.0,
        threshold=phase.fine,
        message=_agreement(phase, every, error)
        if status == "pass"
        else _disagreement(phase, every, status),
        hint=None if status == "pass" else hint,
        seconds=perf_counter() - begun,
        evidence={
            "sides": phase.sides,
            "examples": phase.examples,
            "parameters": [_row(phase, each) for each in every],
        },
    )


def unjudged(phase: Phase, why: str, begun: float) -> Finding:
    """Return a skip that says why."""
    return Finding(
        rule=phase.rule,
        status="skip",
        message=f"{phase.when} {phase.of} cannot be judged: {why}",
        hint="give the weights a sound init and check again (nntrain check-loss)",
        seconds=perf_counter() - begun,
    )


def without_gradient(phase: Phase, layer: str, missing: NoGradientError) -> Finding:
    """Return that a layer, named like "network[2] (relu)", hands down nothing to be checked."""
    what = "no gradient" if missing.given is None else f"a gradient of the shape {missing.given}"
    return Finding(
        rule=phase.rule,
        status="fail",
        message=(
            f"{phase.when} {layer} hands down {what} of its input, which has the shape "
            f"{missing.shape}"
        ),
        hint="backward returns the gradient of what forward was given, in the same shape",
    )


def _left_out(every: Sequence[Looked]) -> str:
    kinks, hidden = (sum(each.counts[key] for each in every) for key in ("kinks", "hidden"))
    parts = [f"{kinks:,} at kinks"] * (kinks > 0)
    parts += [f"{hidden:,} zero or lost in rounding"] * (hidden > 0)
    return " and ".join(parts)


def _agreement(phase: Phase, every: Sequence[Looked], error: float) -> str:
    seen = sum(len(each.seen) for each in every)
    left = _left_out(every)
    blank = [each.subject.name for each in every if not each.seen]
    return (
        f"{phase.when} {phase.of} agrees with differences of {counted(phase.sides, 'side')} at "
        f"{counted(seen, 'coordinate')} (largest relative error {error:.1e})"
        + (f"; left out: {left}" if left else "")
        + (f"; nothing to see in {_listed(blank)}" if blank else "")
        + phase.remark
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _disagreement(phase: Phase, every: Sequence[Looked], status: Status) -> str:
    # A fault spoils what lies below it, so the wrong gradient nearest the scores tells most.
    nearest = max(
        (each for each in every if phase.status(each.error) == status),
        key=lambda each: each.subject.first,
    )
    position = nearest.worst
    assert position is not None, "an error has its place"
    comparison = nearest.seen[position]
    at = tuple(_index(nearest.subject, position))
    factor = everywhere(nearest, {"examples": phase.examples} if phase.examples > 1 else None)
    return (
        f"{phase.when} {phase.of} of {nearest.subject.name} "
        f"{'is' if status == 'fail' else 'may be'} wrong: at {at} backward gives "
        f"{comparison.backward:.6g}, differences give {comparison.differences:.6g} "
        f"(relative error {comparison.error:.1e})" + (f"; it is {factor}" if factor else "")
    )


def _index(subject: Subject, position: int) -> list[int]:
    """Return the index of a coordinate, without the member axis."""
    index = [int(i) for i in np.unravel_index(position, subject.shape)]
    return [*index[:-2], index[-1]]


def _row(phase: Phase, looked: Looked) -> dict[str, Any]:
    position = looked.worst
    worst = None if position is None else looked.seen[position]
    return {
        "parameter": looked.subject.name,
        "status": "skip" if worst is None else phase.status(worst.error),
        "error": None if worst is None else worst.error,
        "at": None if position is None else _index(looked.subject, position),
        "backward": None if worst is None else worst.backward,
        "differences": None if worst is None else worst.differences,
        "checked": len(looked.seen),
        "kinks": looked.counts["kinks"],
        "zero": looked.counts["hidden"],
    }
