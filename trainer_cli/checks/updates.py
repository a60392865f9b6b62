"""Do updates go down the gradient, reach every parameter, and keep to the optimizer's formula?"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.checks.gradient_points import batch_size
from trainer_cli.checks.members import MEMBERS, judge_members
from trainer_cli.checks.moved import (
    RATES,
    SHARE,
    UPDATES,
    Batch,
    Beginning,
    begin,
    nudge,
    plain,
)
from trainer_cli.checks.update_formula import FORMULA, judge_formula
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.network import parameter_count
from trainer_cli.nn.streams import stream
from trainer_cli.training.diagnosis.names import passed, skipped
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.stack import assemble
from trainer_cli.training.threads import one_thread

DIRECTION, FROZEN = "update-direction", "frozen-parameters"
NAMES = (DIRECTION, FROZEN, FORMULA, MEMBERS)
# A network with more parameters is not trained beside a second one for this.
MOST_PARAMETERS = 1_000_000


def check_updates(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return four findings: direction, parameters left out, formula, and members side by side.

    In float64 and without noise, three updates are made from the initial parameters, which are put
    back after each of them. A second member, with another seed and rate, is trained beside it and
    alone.
    """
    begun = perf_counter()
    with one_thread(), np.errstate(all="ignore"):
        found = _found(experiment, dataset)
    seconds = (perf_counter() - begun) / len(found)
    return [replace(finding, seconds=seconds) for finding in found]


def _found(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    size = batch_size(experiment, dataset)
    small = parameter_count(experiment.network, dataset.shape) <= MOST_PARAMETERS
    members = [
        replace(plain(experiment, rate), seed=experiment.seed + m)
        for m, rate in enumerate(RATES if small else RATES[:1])
    ]
    stack = assemble(members, dataset, capacity=size, dtype=np.float64)
    nudge(stack, stream(experiment.seed, "check-updates"))
    batches = _batches(dataset, size)
    each_alone = [stack.keep([m]) for m in range(len(members))] if small else [stack]
    alone = [begin(each, batches)[0] for each in each_alone]
    first = alone[0]
    if not np.isfinite(first.norms).all():
        return [skipped(name, "the gradient is not finite") for name in NAMES]
    if not all(first.norms):
        return [skipped(name, "the gradient is zero") for name in NAMES]
    found: list[Finding] = []
    for name, judge in ((DIRECTION, _direction), (FROZEN, _frozen), (FORMULA, judge_formula)):
        bad = next((each.rule for each in found if each.status == "fail"), None)
        found.append(judge(experiment, first) if bad is None else skipped(name, f"see {bad}"))
    if not small:
        return [*found, skipped(MEMBERS, "two networks of this size would take long")]
    return [*found, judge_members(experiment, alone, begin(stack, batches))]


def _batches(dataset: Dataset, size: int) -> list[Batch]:
    """Return a batch for every update; one for all of them where there are few examples."""
    positions = dataset.train.evenly(UPDATES * size)
    few = len(positions) < UPDATES * size
    feed = Feed(dataset.train, size, dtype=np.float64)
    batches = []
    for k in range(UPDATES):
        x, labels = feed.fill(positions[:size] if few else positions[k::UPDATES])
        batches.append((x.copy(), labels.copy()))
    return batches


def _direction(experiment: Experiment, first: Beginning) -> Finding:
    """Judge the first update by what it does to the cost to first order, decay apart."""
    decay = SHARE * RATES[0] * experiment.optimizer.weight_decay
    slope = along = across = 0.0
    for each in first.parameters:
        change = each.changes[0] + (decay * each.values if each.decays else 0.0)
        slope += float(each.gradients[0] @ change)
        along += float(each.gradients[0] @ each.gradients[0])
        across += float(change @ change)
    if not np.isfinite(slope):
        return skipped(DIRECTION, "the first update is not finite")
    cosine = slope / float(np.sqrt(along * across)) if along and across else 0.0
    if cosine <= 0:
        message = "the first update goes down the gradient of its batch"
        return passed(DIRECTION, message, cosine, 0.0)
    return Finding(
        rule=DIRECTION,
        status="fail",
        measured=cosine,
        expected=-1.0,
        threshold=0.0,
        message=f"the first update raises the cost of its own batch: the cosine of its angle with "
        f"the gradient is {cosine:.2g}",
        hint=f"look at the sign in {experiment.optimizer.type}: w ← w - α·g",
    )


def _frozen(experiment: Experiment, first: Beginning) -> Finding:
    """Judge whether everything is moved that has a gradient."""
    learning = [each for each in first.parameters if first.reaching(each).any()]
    frozen = [each for each in learning if not any(np.any(change) for change in each.changes)]
    optimizer = experiment.optimizer.type
    if not frozen:
        message = f"all of the {counted(len(learning), 'parameter')} with a gradient are moved"
        return passed(FROZEN, message, 0.0, 0.0)
    if len(frozen) == len(learning):
        message = "no update moves any parameter, though all of them have a gradient"
        hint = f"look at what {optimizer} multiplies the gradient by, and at clip_norm"
    else:
        names = ", ".join(each.name for each in frozen)
        message = f"{names}: there is a gradient, but no update moves it"
        hint = f"look at which parameters {optimizer} is given"
    return Finding(
        rule=FROZEN,
        status="fail",
        measured=len(frozen) / len(learning),
        expected=0.0,
        threshold=0.0,
        message=message,
        hint=hint,
    )
