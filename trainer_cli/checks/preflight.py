"""The whole recipe in order: every check, and what is not worth judging after a failure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from trainer_cli.checks import activations, gradient, initial_loss, overfit, regularization
from trainer_cli.checks.architecture import check_architecture
from trainer_cli.checks.baseline import check_baseline
from trainer_cli.checks.data import check_data
from trainer_cli.checks.independence import check_independence
from trainer_cli.checks.rate import check_rate
from trainer_cli.checks.settings import check_settings
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding, Status, verdict
from trainer_cli.training.grading import graded
from trainer_cli.training.threads import one_thread

# A check that takes long is not repeated with all seeds: no more are begun after this.
MOST_SECONDS = 5.0
# A pass whose number comes within this share of the threshold may be the luck of the draw. What
# draws change of a cost or of a size of activations is of this order.
NEAR = 0.2

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
    Step(name="data", rule="non-finite-values", check=check_data),
    Step(name="network", rule="output-units", check=check_architecture),
    Step(
        name="loss",
        rule="initial-loss",
        check=initial_loss.check_loss,
        needs=("data",),
        drawn=True,
    ),
    Step(
        name="reg",
        rule="regularization-loss",
        check=regularization.check_reg,
        needs=("loss",),
    ),
    Step(
        name="grad",
        rule="gradient-at-start",
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
        name="baseline",
        rule="input-independence",
        check=check_baseline,
        needs=("data", "loss"),
        drawn=True,
    ),
    Step(name="independence", rule="batch-independence", check=check_independence, needs=("loss",)),
    Step(
        name="overfit",
        rule="overfit",
        check=lambda experiment, dataset: [overfit.overfit(experiment, dataset)[0]],
        needs=("loss", "grad"),
        drawn=True,
    ),
    Step(
        name="rate",
        rule="learning-rate-too-high",
        check=check_rate,
        needs=("loss", "grad", "activations"),
        drawn=True,
    ),
    Step(name="settings", rule="schedule-ends-early", check=check_settings),
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
    steps: Sequence[Step] = (),
) -> Iterator[Checked]:
    """Yield the chosen checks in the recipe's order, each as soon as it is done.

    `steps` are the checks to choose from where they are not STEPS. What depends on a check that
    failed is skipped, unless `keep_going`. A verdict that hangs on random draws and is no pass, or
    only just one, is repeated with other seeds, until there are `seeds` of it or it has taken long.
    """
    failed: list[str] = []
    for step in steps or STEPS:
        if step.name not in chosen:
            continue
        begun = perf_counter()
        broken = [name for name in step.needs if name in failed]
        if broken and not keep_going:
            findings = [_skipped(step, broken)]
        else:
            with one_thread():  # short computations, and verdicts that hang on no other program
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
    if not step.drawn or seeds < 2 or not any(map(_in_doubt, findings)):
        return findings
    begun = perf_counter()
    others: list[list[Finding]] = []
    for k in range(1, seeds):
        if perf_counter() - begun > MOST_SECONDS:
            break
        other = experiment.reseeded(experiment.seed + k)
        others.append(graded(step.check(other, dataset), experiment.checks))
    return [_counted(each, others) if _in_doubt(each) else each for each in findings]


def _in_doubt(finding: Finding) -> bool:
    """Whether other seeds may say otherwise: of what is no pass, and of a pass by a close shave.

    Some rules hold `measured` against the threshold, others its distance from `expected`.
    """
    if finding.status != "pass":
        return finding.status != "skip"
    measured, threshold = finding.measured, finding.threshold
    if measured is None or threshold is None:
        return False
    held = [measured] if finding.expected is None else [measured, measured - finding.expected]
    return any(abs(abs(each) - threshold) <= NEAR * threshold for each in held)


def _counted(finding: Finding, others: Sequence[Sequence[Finding]]) -> Finding:
    """Return what most seeds say, with how many do; a failure that most do not is a warning."""
    if not others:
        return finding
    alike = [each for other in others for each in other if each.rule == finding.rule]
    bad = [each for each in (finding, *alike) if each.status in ("warn", "fail")]
    seeds = 1 + len(others)
    often = 2 * len(bad) > seeds
    if finding.status == "pass":
        said, same = (bad[0], len(bad)) if often else (finding, seeds - len(bad))
    else:
        status: Status = finding.status if often else "warn"
        said, same = replace(finding, status=status), len(bad)
    return replace(
        said,
        message=f"{said.message} ({same} of {seeds} seeds)",
        evidence={**said.evidence, "seeds": seeds, "seeds_agreeing": same},
    )
