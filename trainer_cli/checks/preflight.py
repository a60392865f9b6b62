"""The whole recipe in order: every check, and what is not worth judging after a failure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from trainer_cli.checks.recipe import NAMES, STEPS, Step
from trainer_cli.checks.suspicions import borne_out
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding
from trainer_cli.training.grading import graded
from trainer_cli.training.threads import one_thread

# A check that takes long is not repeated with all seeds: no more are begun after this.
MOST_SECONDS = 5.0
# A pass whose number comes within this share of the threshold may be the luck of the draw. What
# draws change of a cost or of a size of activations is of this order.
NEAR = 0.2

# Most of what is wrong with data leaves the other checks something to say.
BREAKING = {"data": {"non-finite-values"}}


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What came of one check: its findings, and how long they took."""

    name: str
    findings: Sequence[Finding]
    seconds: float


def check_all(
    experiment: Experiment,
    dataset: Dataset,
    *,
    chosen: Collection[str] = NAMES,
    keep_going: bool = False,
    seeds: int = 5,
    steps: Sequence[Step] = (),
) -> list[Checked]:
    """Run the chosen checks in the recipe's order.

    `steps` are the checks to choose from where they are not STEPS. What depends on a check that
    failed is skipped, unless `keep_going`. A verdict that hangs on random draws and is no pass, or
    only just one, is repeated with other seeds, until there are `seeds` of it or it has taken long.
    A warning that a later failure bears out fails with it.
    """
    ran: list[Checked] = []
    lost: dict[str, list[str]] = {}  # what failed or was left out, and by whose failure
    for step in steps or STEPS:
        if step.name not in chosen:
            continue
        begun = perf_counter()
        broken = list(dict.fromkeys(root for name in step.needs for root in lost.get(name, ())))
        if broken and not keep_going:
            findings = _skipped(step, broken)
            lost[step.name] = broken
        else:
            with one_thread():  # short computations, and verdicts that hang on no other program
                findings = _judged(step, experiment, dataset, seeds)
            if _is_broken(step.name, findings):
                lost[step.name] = [step.name]
        ran.append(Checked(name=step.name, findings=findings, seconds=perf_counter() - begun))
    joined = borne_out([each.findings for each in ran])
    return [
        replace(each, findings=graded(findings, experiment.checks))
        for each, findings in zip(ran, joined, strict=True)
    ]


def _is_broken(name: str, findings: Sequence[Finding]) -> bool:
    """Whether a check failed by something that leaves those that need it nothing to say."""
    fails = {finding.rule for finding in findings if finding.status == "fail"}
    return bool(fails & BREAKING[name] if name in BREAKING else fails)


def _skipped(step: Step, broken: Sequence[str]) -> list[Finding]:
    message = f"not checked: {' and '.join(broken)} failed, and it depends on that"
    hint = "mend that first; --keep-going checks it all the same"
    return [Finding(rule=rule, status="skip", message=message, hint=hint) for rule in step.rules]


def _judged(step: Step, experiment: Experiment, dataset: Dataset, seeds: int) -> list[Finding]:
    begun = perf_counter()
    findings = graded(step.check(experiment, dataset), experiment.checks)
    doubts = [each.rule for each in findings if _in_doubt(each, tuned=step.tuned)]
    if not step.drawn or seeds < 2 or not doubts:
        return findings
    others: list[list[Finding]] = []
    for k in range(1, seeds):
        if perf_counter() - begun > MOST_SECONDS:
            break
        other = experiment.reseeded(experiment.seed + k)
        others.append(graded(step.check(other, dataset), experiment.checks))
    return [_counted(each, others) if each.rule in doubts else each for each in findings]


def _in_doubt(finding: Finding, *, tuned: bool) -> bool:
    """Whether other seeds may say otherwise: of what is no pass, and of a pass by a close shave.

    A rule that expects a number holds the distance from it against the threshold.
    """
    if finding.status != "pass":
        return finding.status != "skip"
    measured, threshold = finding.measured, finding.threshold
    if tuned or measured is None or threshold is None:
        return False
    held = abs(measured - (finding.expected or 0.0))
    return abs(held - threshold) <= NEAR * threshold


def _counted(finding: Finding, others: Sequence[Sequence[Finding]]) -> Finding:
    """Return what most seeds say, with how many do; a failure that is not theirs is a warning."""
    if not others:
        return finding
    alike = [each for other in others for each in other if each.rule == finding.rule]
    bad = [each for each in (finding, *alike) if each.status in ("warn", "fail")]
    good = [each for each in (finding, *alike) if each.status == "pass"]
    seeds = 1 + len(others)
    if 2 * len(bad) > seeds:
        said, same = bad[0], len(bad)
    elif finding.status == "fail":
        said, same = replace(finding, status="warn"), len(bad)
    else:  # a rule that speaks only where something is wrong has no word of its own for the rest
        rare = replace(finding, status="pass", message=f"not with most seeds: {finding.message}")
        said, same = good[0] if good else rare, seeds - len(bad)
    return replace(
        said,
        message=f"{said.message} ({same} of {seeds} seeds)",
        evidence={**said.evidence, "seeds": seeds, "seeds_agreeing": same},
    )
