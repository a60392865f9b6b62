"""The whole recipe in order: every check, and what is not worth judging after a failure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from trainer_cli.checks import activations, gradient, initial_loss, overfit, regularization
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding, verdict
from trainer_cli.training.grading import graded

Check = Callable[[Experiment, Dataset], Sequence[Finding]]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One check of the recipe.

    name   what --only and --skip call it
    rule   the rule that a skip of the whole check is told by
    needs  the checks whose failure leaves this one nothing to say
    drawn  whether its verdict hangs on random draws, and is worth repeating with other seeds
    """

    name: str
    rule: str
    check: Check
    needs: tuple[str, ...] = ()
    drawn: bool = False


STEPS = (
    Step(name="loss", rule="initial-loss", check=initial_loss.check_loss, drawn=True),
    Step(
        name="reg",
        rule="regularization",
        check=regularization.check_reg,
        needs=("loss",),
    ),
    Step(
        name="grad",
        rule="gradient",
        check=gradient.check_grad,
        needs=("loss",),
    ),
    Step(
        name="activations",
        rule="vanishing-activations",
        check=lambda experiment, dataset: (
            activations.check_activations(experiment, dataset).findings
        ),
        drawn=True,
    ),
    Step(
        name="overfit",
        rule="overfit",
        check=lambda experiment, dataset: [overfit.overfit(experiment, dataset)[0]],
        needs=("loss", "grad"),
        drawn=True,
    ),
)
NAMES = tuple(step.name for step in STEPS)


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
) -> Iterator[Checked]:
    """Yield the chosen checks in the recipe's order, each as soon as it is done.

    What depends on a check that failed is skipped, unless `keep_going`. A verdict that hangs on
    random draws and is no pass is repeated with other seeds, until there are `seeds` of it.
    """
    failed: list[str] = []
    for step in STEPS:
        if step.name not in chosen:
            continue
        begun = perf_counter()
        broken = [name for name in step.needs if name in failed]
        if broken and not keep_going:
            findings = [_skipped(step, broken)]
        else:
            findings = _judged(step, experiment, dataset, seeds)
        if verdict(findings) == "fail":
            failed.append(step.name)
        yield Checked(name=step.name, findings=findings, seconds=perf_counter() - begun)


def _skipped(step: Step, broken: Sequence[str]) -> Finding:
    return Finding(
        rule=step.rule,
        status="skip",
        message=f"{step.name} not checked: {' and '.join(broken)} failed, and it depends on that",
        hint="mend that first; --keep-going checks it all the same",
    )


def _judged(step: Step, experiment: Experiment, dataset: Dataset, seeds: int) -> list[Finding]:
    findings = graded(step.check(experiment, dataset), experiment.checks)
    if not step.drawn or seeds < 2 or verdict(findings) == "pass":
        return findings
    split = replace(experiment.data.split, seed=experiment.data_seed)
    data = replace(experiment.data, split=split)
    others = [
        graded(
            step.check(replace(experiment, seed=experiment.seed + k, data=data), dataset),
            experiment.checks,
        )
        for k in range(1, seeds)
    ]
    return [_counted(finding, others) for finding in findings]


def _counted(finding: Finding, others: Sequence[Sequence[Finding]]) -> Finding:
    """Return a finding with how many seeds agree; a failure that most do not is a warning."""
    if finding.status not in ("warn", "fail"):
        return finding
    same = 1 + sum(
        any(each.rule == finding.rule and each.status in ("warn", "fail") for each in other)
        for other in others
    )
    all_of_them = 1 + len(others)
    often = 2 * same > all_of_them
    return replace(
        finding,
        status=finding.status if often else "warn",
        message=f"{finding.message} ({same} of {all_of_them} seeds)",
        evidence={**finding.evidence, "seeds": all_of_them, "seeds_agreeing": same},
    )
