"""Puts the rules together: which apply to a run, in which order, and what explains what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis.case import Case, NoDataError
from trainer_cli.training.diagnosis.causes import causes_first
from trainer_cli.training.diagnosis.dead_units import dead_units
from trainer_cli.training.diagnosis.explosion import hint_after_explosion, judge_explosion
from trainer_cli.training.diagnosis.far_start import far_start
from trainer_cli.training.diagnosis.flat import judge_flat
from trainer_cli.training.diagnosis.flatness import gainable, least_progress, moved_enough
from trainer_cli.training.diagnosis.gradients import exploding_gradient, vanishing_gradient
from trainer_cli.training.diagnosis.identical_units import identical_units
from trainer_cli.training.diagnosis.jumping import jumping
from trainer_cli.training.diagnosis.live import live
from trainer_cli.training.diagnosis.names import (
    HIGH,
    INITIAL_LOSS,
    LOW,
    PLATEAU,
    RULES,
    SLOW,
    UNDER,
    passed,
    skipped,
)
from trainer_cli.training.diagnosis.probe import probe, rates_around
from trainer_cli.training.diagnosis.saturated_units import saturated_units
from trainer_cli.training.diagnosis.slow_start import slow_start
from trainer_cli.training.diagnosis.too_low import too_low
from trainer_cli.training.diagnosis.underfitting import underfitting
from trainer_cli.training.diagnosis.update_ratio import update_ratio
from trainer_cli.training.diagnosis.validation import overfitting, worse_than_chance
from trainer_cli.training.findings import Finding
from trainer_cli.training.history import History

# Less of the loss of equal scores than this is rounding: there is nothing to gain.
NOTHING = 1e-9
INTERRUPTED = "training was interrupted"

Rule = Callable[[Case], Finding]
LAYERS: tuple[Rule, ...] = (
    saturated_units,
    identical_units,
    dead_units,
    vanishing_gradient,
    update_ratio,
)


def diagnose(
    experiment: Experiment,
    dataset: Dataset,
    history: History,
    stop: Callable[[], bool] = lambda: False,
) -> list[Finding]:
    """Return the findings on a run, one of every rule, what is wrong first.

    A run that looks wrong is tried out further, from the same start: some hundred updates at other
    rates, side by side; `stop` cuts that short.
    """
    return diagnose_from(experiment, lambda: dataset, history, stop)


def diagnose_from(
    experiment: Experiment,
    read: Callable[[], Dataset],
    history: History,
    stop: Callable[[], bool] = lambda: False,
) -> list[Finding]:
    """Return the same; the data are read where a rule needs them, or are missing: NoDataError."""
    begun = perf_counter()
    case = Case(experiment=experiment, history=history, read=read, stop=stop)
    with np.errstate(all="ignore"):
        findings = _complete(_judge(case), history)
    seconds = perf_counter() - begun
    return [replace(finding, seconds=seconds / len(findings)) for finding in findings]


def _judge(case: Case) -> list[Finding]:
    experiment, history = case.experiment, case.history
    high = judge_explosion(experiment, history)
    if high.rule == INITIAL_LOSS:
        return [high]
    if high.status == "fail":
        return causes_first([_with_hint(case, high), exploding_gradient(case)])
    if history.stopped in (None, "interrupted") or not history.epochs:
        return [high, *_so_far(case)]
    if gainable(history.start) <= NOTHING * experiment.loss.at_zero_scores(history.setting.classes):
        return [high]
    seen = [
        *(rule(case) for rule in LAYERS),
        exploding_gradient(case),
        worse_than_chance(case),
        overfitting(case),
    ]
    found = causes_first([*_of_the_curve(case, high), *seen])
    # Where the gradient explains it, initial-loss, which is not always judged, is not listed.
    return [each for each in found if (each.rule, each.status) != (INITIAL_LOSS, "skip")]


def _with_hint(case: Case, high: Finding) -> Finding:
    lower = [each for each in rates_around(case.rate) if each < case.rate]
    try:
        trials = probe(case.experiment, case.read(), lower, case.stop)
        hint = hint_after_explosion(case.experiment, case.read(), case.history, trials, case.stop)
    except NoDataError:
        return high
    return high if case.stop() else replace(high, hint=hint)


def _so_far(case: Case) -> Iterable[Finding]:
    return live(case.experiment, case.history) if case.history.epochs else []


def _of_the_curve(case: Case, high: Finding) -> list[Finding]:
    """Return the findings of the rules that go by the loss alone."""
    if not case.learned >= least_progress(case.experiment):
        return _flat(case, high)
    found = [high]
    for rule, name in ((jumping, HIGH), (too_low, LOW)):
        try:
            wrong = rule(case)
        except NoDataError as error:
            found.append(skipped(name, f"needs the data, and {error.why}"))
            continue
        if wrong is not None:
            found.append(wrong)
        elif case.stop():  # which may have cut its trials short
            found.append(skipped(name, INTERRUPTED))
    for judge, name in ((slow_start, SLOW), (underfitting, UNDER)):
        try:
            found.append(judge(case))
        except NoDataError as error:
            found.append(skipped(name, f"needs the data, and {error.why}"))
    if LOW not in {each.rule for each in found}:
        found.append(moved_enough(case.history, least_progress(case.experiment)))
    return found


def _flat(case: Case, high: Finding) -> list[Finding]:
    try:
        dataset = case.read()
    except NoDataError as error:
        why = f"the loss has barely moved; to tell why needs the data, and {error.why}"
        return [high, skipped(LOW, why), skipped(PLATEAU, why)]
    trials = probe(case.experiment, dataset, rates_around(case.rate), case.stop)
    found = judge_flat(case.experiment, dataset, case.history, trials, high, case.stop)
    if case.stop():
        return [high, *(skipped(rule, INTERRUPTED) for rule in (LOW, PLATEAU, SLOW, UNDER))]
    far = far_start(case)
    if far is not None and all(each.rule != HIGH or each.status == "pass" for each in found):
        found = [*found, far]
    return [*found, *(skipped(rule, "the loss has barely moved") for rule in (SLOW, UNDER))]


def _complete(found: Sequence[Finding], history: History) -> list[Finding]:
    """Return them with a finding for every rule: the last one of a rule counts."""
    by_rule = {finding.rule: finding for finding in found}
    why = _why_not(by_rule, history)
    others = {
        rule: skipped(rule, why) if why else passed(rule, "no sign of it")
        for rule in RULES
        if rule not in by_rule
    }
    everything = [*by_rule.values(), *(others[rule] for rule in RULES if rule in others)]
    order = {rule: place for place, rule in enumerate((INITIAL_LOSS, *RULES))}
    return sorted(
        everything,
        key=lambda finding: (finding.status not in ("warn", "fail"), order[finding.rule]),
    )


def _why_not(found: dict[str, Finding], history: History) -> str:
    """Return why the rules that found nothing have not judged, "" if they have."""
    if INITIAL_LOSS in found and found[INITIAL_LOSS].status == "fail":
        return "the cost was broken before the first update"
    if history.stopped == "diverged":
        return "the cost exploded"
    if history.stopped == "interrupted":
        return INTERRUPTED
    if history.stopped is None or not history.epochs:
        return "training has not ended"
    if len(found) == 1:
        return "all training examples that were measured have the same label"
    return ""
