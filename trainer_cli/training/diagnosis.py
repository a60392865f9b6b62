"""What a training run says about its learning rate, in words and with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.divergence import ABORT_RATIO
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.outcome import Outcome
from trainer_cli.training.probe import UPDATES, Trial, best_of, higher_rates, lower_rates, probe

HIGH, LOW = "learning-rate-too-high", "learning-rate-too-low"

# A run that takes less than 1 % off its original cost has not begun to learn. The lecture's
# example of a rate that is too low, 1e-6 for ten epochs, takes off less than 0.1 %.
BARELY_MOVED = 0.01
# To tell a low rate from other causes of a flat curve, the same start is trained for a moment at
# higher rates; the rate is to blame if one of them takes off at least 3 times as much.
PROBE_GAIN = 3.0
# Accuracy has risen if it is this many times what guessing gives.
RISEN = 1.25
# Scores are almost equal if their loss is within this share of that of equal scores.
ALMOST_EQUAL = 0.01


def diagnose(experiment: Experiment, dataset: Dataset, outcome: Outcome) -> list[Finding]:
    """Return the findings on a run: is its learning rate too high, is it too low.

    A run that exploded or barely moved is probed further: 100 updates of the same start at
    other rates, side by side.
    """
    high = too_high(experiment, outcome)
    if high.status == "fail":
        trials = probe(experiment, dataset, lower_rates(experiment.optimizer.learning_rate))
        high = replace(
            high,
            hint=_hint_after_explosion(experiment, trials),
            evidence={**high.evidence, "probe": _records(trials)},
        )
        return [high, _skip("the cost exploded")]
    if not outcome.epochs:
        return [high, _skip("no epoch was completed")]
    low = _moved_enough(outcome)
    if low is None:
        trials = probe(experiment, dataset, higher_rates(experiment.optimizer.learning_rate))
        low = _judge_flat(experiment, trials, outcome)
    return [high, low]


def too_high(experiment: Experiment, outcome: Outcome) -> Finding:
    """Judge whether the cost left all bounds: the lecture's sign of too high a learning rate."""
    limit = f"{ABORT_RATIO:g} times the original {outcome.original_cost:.4g}"
    if outcome.stopped != "diverged":
        worst = max((e.cost for e in outcome.epochs), default=outcome.last_cost)
        return Finding(
            rule=HIGH,
            status="pass",
            measured=worst / outcome.original_cost,
            threshold=ABORT_RATIO,
            message=f"the cost stayed within {limit}",
        )
    rate, epoch = experiment.optimizer.learning_rate, len(outcome.epochs) + 1
    return Finding(
        rule=HIGH,
        status="fail",
        measured=outcome.last_cost / outcome.original_cost,
        threshold=ABORT_RATIO,
        message=(
            f"the cost {_what_became(outcome.last_cost)} in epoch {epoch}, after "
            f"{counted(outcome.updates, 'update')}, and the limit is {limit}: "
            f"the learning rate {rate:g} is too high"
        ),
        hint=f"try optimizer.learning_rate={rate / 10:.2g}",
        evidence={
            "learning_rate": rate,
            "epoch": epoch,
            "updates": outcome.updates,
            "original_cost": outcome.original_cost,
            "last_cost": outcome.last_cost,
        },
    )


def _what_became(cost: float) -> str:
    if np.isnan(cost):
        return "became NaN"
    return "became infinite" if np.isinf(cost) else f"reached {cost:.4g}"


def _hint_after_explosion(experiment: Experiment, trials: Sequence[Trial]) -> str:
    rate, l2 = experiment.optimizer.learning_rate, experiment.regularization.l2
    best = best_of(trials)
    if l2 > rate and rate * l2 > 2:  # |1 - α λ| > 1: the penalty alone drives the weights apart
        return (
            f"learning rate times l2 is {rate * l2:.3g}, and above 2 the penalty alone throws "
            f"the weights further with every update: lower regularization.l2"
        )
    if best.decrease > 0:
        return f"try optimizer.learning_rate={best.learning_rate:.2g}: {_gain(best)}"
    return (
        f"no rate from {trials[0].learning_rate:.2g} to {trials[-1].learning_rate:.2g} lowers the "
        f"cost: look at the scale of the inputs and of the initial weights (nntrain check-loss)"
    )


def _moved_enough(outcome: Outcome) -> Finding | None:
    """Return a pass if the cost has moved, else None."""
    last, moved = outcome.epochs[-1], _share(outcome)
    if moved < BARELY_MOVED:
        return None
    return Finding(
        rule=LOW,
        status="pass",
        measured=moved,
        threshold=BARELY_MOVED,
        message=(
            f"the cost fell from {outcome.original_cost:.4g} to {last.cost:.4g} "
            f"in {counted(outcome.updates, 'update')}"
        ),
    )


def _judge_flat(experiment: Experiment, trials: Sequence[Trial], outcome: Outcome) -> Finding:
    """Judge a cost that has barely moved: a higher rate moves it, or something else is wrong."""
    rate, last = experiment.optimizer.learning_rate, outcome.epochs[-1]
    best, present = best_of(trials), trials[0]
    flat = (
        f"the cost has barely moved: {outcome.original_cost:.6g} to {last.cost:.6g} "
        f"in {counted(outcome.updates, 'update')}"
    )
    if best is not present and best.decrease > PROBE_GAIN * max(present.decrease, 0.0):
        rule = LOW
        remark = _accuracy_remark(experiment, outcome)
        message = f"{flat}; the learning rate {rate:g} is too low{remark}"
        hint = (
            f"try optimizer.learning_rate={best.learning_rate:.2g}: {_gain(best)}, "
            f"at the present rate by {max(present.decrease, 0.0):.2g}"
        )
    else:
        rule = "plateau"
        message = (
            f"{flat}, and no rate from {rate:.3g} to {trials[-1].learning_rate:.3g} does clearly "
            f"better: the learning rate is not the cause"
        )
        hint = "look for dead units, weights that start equal, labels that do not fit the inputs"
    return Finding(
        rule=rule,
        status="warn",
        measured=_share(outcome),
        threshold=BARELY_MOVED,
        message=message,
        hint=hint,
        evidence={
            "learning_rate": rate,
            "original_cost": outcome.original_cost,
            "last_cost": last.cost,
            "train_accuracy": last.train_accuracy,
            "probe": _records(trials),
        },
    )


def _accuracy_remark(experiment: Experiment, outcome: Outcome) -> str:
    """Say, where it happened, why accuracy rises while the cost stays: the lecture's puzzle."""
    accuracy, chance = outcome.epochs[-1].train_accuracy, 1 / outcome.classes
    equal_scores = experiment.loss.at_zero_scores(outcome.classes)
    far = abs(outcome.original_cost - equal_scores) > ALMOST_EQUAL * equal_scores
    if far or accuracy < RISEN * chance:
        return ""
    return (
        f" (accuracy is {accuracy:.1%} nevertheless: the scores are still almost equal, but a "
        f"small shift the right way is enough to change which is the largest)"
    )


def _share(outcome: Outcome) -> float:
    """Return the share of the original cost that the last epoch's cost is below it."""
    return (outcome.original_cost - outcome.epochs[-1].cost) / outcome.original_cost


def _gain(trial: Trial) -> str:
    return f"from the same start, {UPDATES} updates at it lower the cost by {trial.decrease:.2g}"


def _records(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    return [
        {
            "learning_rate": trial.learning_rate,
            "cost_decrease": trial.decrease if np.isfinite(trial.decrease) else None,
        }
        for trial in trials
    ]


def _skip(why: str) -> Finding:
    return Finding(rule=LOW, status="skip", message=f"not judged: {why}")
