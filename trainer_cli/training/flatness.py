"""Why a loss has barely moved: the rate is too low, or too high, or it is something else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.outcome import Outcome
from trainer_cli.training.probe import UPDATES, Trial, best_of

HIGH, LOW = "learning-rate-too-high", "learning-rate-too-low"

# A run that takes less than 1 % off the loss it began with has not begun to learn. The lecture's
# example of a rate that is too low, 1e-6 for ten epochs, takes off less than 0.1 %.
BARELY_MOVED = 0.01
# The rate is to blame if another takes off at least 3 times as much from the same start: far
# below the 10 that a rate wrong by one power of ten costs, far above what chance does.
PROBE_GAIN = 3.0
# Accuracy has risen if it did by three standard errors of 2,000 examples.
RISEN = 0.03
# Scores are almost equal if their loss is within this share of that of equal scores.
ALMOST_EQUAL = 0.01


def movement(experiment: Experiment, outcome: Outcome) -> float:
    """Return the share that training took off the loss, penalty apart; negative if it rose.

    A start above the loss of equal scores counts as that: to come down to it is no learning.
    """
    begin = _begin(experiment, outcome)
    return (begin - outcome.epochs[-1].train_loss) / begin


def judge_flat(
    experiment: Experiment, outcome: Outcome, trials: Sequence[Trial], not_exploded: Finding
) -> list[Finding]:
    """Return the findings on a run that barely moved, from `trials` at other rates."""
    rate = experiment.optimizer.learning_rate
    best = best_of(trials)
    present = next(trial for trial in trials if trial.learning_rate == rate)
    worth = BARELY_MOVED * _begin(experiment, outcome)
    if outcome.updates < UPDATES and present.decrease >= worth:
        few = f"not judged: too few updates to tell, {outcome.updates}; {gain_text(present)}"
        return [not_exploded, Finding(rule=LOW, status="skip", message=few)]
    flat = _flat_text(experiment, outcome)
    if best.decrease >= worth and best.decrease > PROBE_GAIN * max(present.decrease, 0.0):
        high = best.learning_rate < rate
        remark = "" if high else _accuracy_remark(experiment, outcome)
        finding = _finding(
            HIGH if high else LOW,
            experiment,
            outcome,
            trials,
            f"{flat}; the learning rate {rate:g} is too {'high' if high else 'low'}{remark}",
            f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}, "
            f"at the present rate by {max(present.decrease, 0.0):.2g}",
        )
        return [finding] if high else [not_exploded, finding]
    tried = [trial.learning_rate for trial in trials]
    plateau = _finding(
        "plateau",
        experiment,
        outcome,
        trials,
        f"{flat}, and no rate from {min(tried):.2g} to {max(tried):.2g} does clearly better "
        f"in {UPDATES} updates: the learning rate is not the cause",
        "look for dead units, weights that start equal, too strong a penalty, "
        "or labels that do not follow from the inputs",
    )
    return [not_exploded, plateau]


def gain_text(trial: Trial) -> str:
    """Return what a trial achieved, in words."""
    return f"from the same start, {UPDATES} updates at it lower the loss by {trial.decrease:.2g}"


def _begin(experiment: Experiment, outcome: Outcome) -> float:
    return min(outcome.start.loss, experiment.loss.at_zero_scores(outcome.classes))


def _flat_text(experiment: Experiment, outcome: Outcome) -> str:
    begin, end = outcome.start.loss, outcome.epochs[-1].train_loss
    moved = "has barely moved"
    if end > (1 + BARELY_MOVED) * begin:
        moved = "has risen"
    elif end < (1 - BARELY_MOVED) * begin:
        equal_scores = experiment.loss.at_zero_scores(outcome.classes)
        moved = f"has only come down to that of equal scores, {equal_scores:.4g}"
    return f"the loss {moved}: {begin:.6g} to {end:.6g} in {counted(outcome.updates, 'update')}"


def _finding(
    rule: str,
    experiment: Experiment,
    outcome: Outcome,
    trials: Sequence[Trial],
    message: str,
    hint: str,
) -> Finding:
    return Finding(
        rule=rule,
        status="warn",
        measured=movement(experiment, outcome),
        threshold=BARELY_MOVED,
        message=message,
        hint=hint,
        evidence={
            "learning_rate": experiment.optimizer.learning_rate,
            "original_loss": outcome.start.loss,
            "last_loss": outcome.epochs[-1].train_loss,
            "original_accuracy": outcome.start.accuracy,
            "last_accuracy": outcome.epochs[-1].train_accuracy,
            "probe": [
                {
                    "learning_rate": trial.learning_rate,
                    "loss_decrease": trial.decrease if np.isfinite(trial.decrease) else None,
                }
                for trial in trials
            ],
        },
    )


def _accuracy_remark(experiment: Experiment, outcome: Outcome) -> str:
    """Say, where it happened, why accuracy rises while the loss stays: the lecture's puzzle."""
    before, after = outcome.start.accuracy, outcome.epochs[-1].train_accuracy
    equal_scores = experiment.loss.at_zero_scores(outcome.classes)
    if after - before < RISEN or abs(outcome.start.loss / equal_scores - 1) > ALMOST_EQUAL:
        return ""
    return (
        f" (accuracy rose from {before:.1%} to {after:.1%} meanwhile: the scores are still almost "
        f"equal, but a small shift the right way is enough to change which is the largest)"
    )
