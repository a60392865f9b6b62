"""Is the learning rate one to train with? The first hundred updates and some trials tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.checks.normalization import settling
from trainer_cli.checks.rate_held_back import (
    at_this_rate,
    clipped,
    fall_of,
    held_back,
    stands_still,
)
from trainer_cli.checks.rate_reach import BEGUN, Probe, too_slow, tried_around
from trainer_cli.checks.rate_run import UPDATES, beginning
from trainer_cli.checks.rate_unstable import UNSTABLE, unstable
from trainer_cli.checks.settings import schedule_ends_early, steps_per_epoch
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import TooFewUpdates, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.explosion import hint_after_explosion, judge_explosion
from trainer_cli.training.diagnosis.flat import PROBE_GAIN, judge_flat
from trainer_cli.training.diagnosis.flatness import least_progress
from trainer_cli.training.diagnosis.gains import fall_text
from trainer_cli.training.diagnosis.names import (
    HIGH,
    INITIAL_LOSS,
    LOW,
    NOISY,
    PLATEAU,
    RATIO,
    passed,
    skipped,
)
from trainer_cli.training.diagnosis.probe import Trial, best_of, rates_around
from trainer_cli.training.diagnosis.update_ratio import ratios_of_weights, update_ratio
from trainer_cli.training.findings import Finding, counted, loss_text
from trainer_cli.training.threads import one_thread

NAMES = (HIGH, LOW, UNSTABLE, RATIO)
# A loss that begins so many times above chance is the initialization's fault.
TWICE = 2.0


def check_rate(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return four findings: too high, too low, unstable, and the size of the updates.

    A fifth is there where another setting keeps the loss from falling.

    The first 100 updates of the training are done as it will do them. Where they do not settle it,
    others from the same start at other rates do: a run of T updates at a low rate comes about as
    far as 100 at T / 100 times the rate.
    Source: CS231n, "Babysitting the learning process", and "Neural Networks Part 3".
    """
    begun = perf_counter()
    # Averages that lag behind are no matter of the rate.
    experiment = settling(experiment, steps_per_epoch(experiment, dataset))
    with one_thread(), np.errstate(all="ignore"):
        probe = Probe(
            Case(
                experiment=experiment,
                history=beginning(experiment, dataset),
                read=lambda: dataset,
                stop=lambda: False,
            )
        )
        found = {finding.rule: finding for finding in _judge(probe, dataset)}
    why = _why_not(found)
    everything = [found.get(name, skipped(name, why)) for name in NAMES]
    everything += [found[PLATEAU]] if PLATEAU in found else []
    seconds = (perf_counter() - begun) / len(everything)
    return [replace(finding, seconds=seconds) for finding in everything]


def _judge(probe: Probe, dataset: Dataset) -> list[Finding]:
    case = probe.case
    high = judge_explosion(case.experiment, case.history)
    if high.rule == INITIAL_LOSS:
        return [skipped(HIGH, high.message)]
    if high.status == "fail":
        lower = [each for each in rates_around(case.rate) if each < case.rate]
        trials = case.trials(lower, UPDATES)
        exploded = high.message.partition(": the learning rate")[0]
        other = at_this_rate(case, trials, f"{exploded}, and at no lower rate does it fall far")
        if other is not None:
            return [other]
        hint = hint_after_explosion(case.experiment, dataset, case.history, trials, case.stop)
        return [replace(high, hint=hint)]
    if not case.gainable > 0:
        return [high]
    found = [high, *_of_the_curve(probe, dataset, high)]
    moves = any(each.rule == LOW and each.status == "pass" for each in found)
    return [*found, _update_ratio(case)] if moves else found


def _of_the_curve(probe: Probe, dataset: Dataset, high: Finding) -> list[Finding]:
    case = probe.case
    jumps = unstable(case)
    if jumps is not None:
        return [jumps]
    calm = passed(UNSTABLE, "the loss does not jump where it would fall at a lower rate")
    if probe.reach >= probe.enough:
        return [calm, _moves(probe)]
    start = case.history.start
    if start.loss > TWICE * start.constant and case.end.train_loss > start.constant:
        why = f"the loss begins at {start.loss:.4g}, far above what chance gives (initial-loss)"
        return [calm, skipped(LOW, why)]
    tried = tried_around(probe, dataset)
    own = next(trial for trial in tried if trial.learning_rate == case.rate)
    ending = schedule_ends_early(case.experiment, case.history.setting.steps_per_epoch)
    if ending.status != "pass" and own.decrease >= probe.enough:
        gain = f"without it {UPDATES} updates {fall_text(own)}"
        why = f"the schedule ends too early (schedule-ends-early); {gain}"
        return [calm, skipped(LOW, why)]
    few = rule_of(case.experiment.checks, TooFewUpdates).fewest
    if probe.planned < few and own.start - own.end >= BEGUN * case.gainable:
        why = f"training ends too soon (too-few-updates): {UPDATES} updates {fall_text(own)}"
        return [calm, skipped(LOW, why)]
    if probe.reach < least_progress(case.experiment) * case.gainable:
        return [calm, *_flat(case, dataset, tried, high)]
    slow = too_slow(probe, tried)
    return [calm, (slow and clipped(case, tried)) or slow or _moves(probe)]


def _moves(probe: Probe) -> Finding:
    case = probe.case
    start, end = case.history.start.loss, case.end.train_loss
    return passed(
        LOW,
        f"the loss goes from {loss_text(start)} to {loss_text(end)} in the first "
        f"{counted(case.history.updates, 'update')}",
        case.learned,
        least_progress(case.experiment),
    )


def _flat(case: Case, dataset: Dataset, tried: Sequence[Trial], high: Finding) -> list[Finding]:
    """Return what a whole run that goes on so would be told, if the rate is to blame."""
    present = next(trial for trial in tried if trial.learning_rate == case.rate).decrease
    worth = max(least_progress(case.experiment) * case.gainable, PROBE_GAIN * present)
    if best_of(tried).decrease <= worth:
        low, high_rate = (each(trial.learning_rate for trial in tried) for each in (min, max))
        why = f"no rate from {low:.2g} to {high_rate:.2g} does clearly better in {UPDATES} updates"
        held = held_back(case, dataset, tried, f"{fall_of(case)}, and {why}")
        stuck = None if held else stands_still(case, why)
        return [
            held
            or stuck
            or skipped(LOW, f"the loss does not fall, and {why}: the rate is not to blame")
        ]
    found = judge_flat(case.experiment, dataset, case.history, tried, high, case.stop)[-1]
    other = at_this_rate(case, tried, fall_of(case)) if found.rule in (HIGH, LOW) else None
    if other is not None:
        return [other]
    if found.rule == NOISY:
        return [replace(found, rule=UNSTABLE)]
    if found.rule in (HIGH, LOW):
        return [(found.rule == LOW and clipped(case, tried)) or found]
    if found.rule == PLATEAU and found.status == "warn":
        held = held_back(case, dataset, tried, found.message)
        if held is not None:
            return [held]
    said = replace(skipped(LOW, f"the rate is not what matters: {found.message}"), hint=found.hint)
    return [said]


def _update_ratio(case: Case) -> Finding:
    """Return the judgement of update-ratio, a warning only if it holds for every look."""
    found, ratios = update_ratio(case), ratios_of_weights(case)
    if found.status != "warn" or found.measured is None or found.threshold is None:
        return found
    if found.measured > found.threshold:
        always = any(min(each) > found.threshold for each in ratios.values())
    else:
        always = any(max(each) < found.threshold for each in ratios.values())
    if always:
        return found
    seen = "an update moves weights by an unusual share of their size at times, and not throughout"
    return passed(RATIO, seen, found.measured, found.threshold)


def _why_not(found: dict[str, Finding]) -> str:
    """Return why the rules that found nothing have not judged."""
    if HIGH in found and found[HIGH].status == "fail":
        return "the cost exploded"
    if HIGH in found and found[HIGH].status == "skip":
        return "the cost was broken before the first update"
    if LOW in found and found[LOW].status == "skip":
        return "the loss does not fall, and the rate is not to blame"
    wrong = [rule for rule, finding in found.items() if finding.status == "warn"]
    if wrong:
        return f"explained by {wrong[0]}"
    return "all training examples that were measured have the same label"
