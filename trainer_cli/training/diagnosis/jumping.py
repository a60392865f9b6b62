"""Rules learning-rate-too-high and noisy-cost, where a cost jumps up and down without exploding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer_cli.config.rules import LearningRateTooHigh, rule_of
from trainer_cli.training.diagnosis.calmer import calmer
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.names import HIGH, NOISY
from trainer_cli.training.diagnosis.probe import Trial
from trainer_cli.training.findings import Finding, counted, loss_text
from trainer_cli.training.history import Curve

# A rise of the loss on the same training examples from one epoch to the next is no noise of
# batches. In the first third only one of this share of what the loss can lose counts; behind it
# healthy runs rise by less than the rule says (spirals at a high rate: 2.1 %; overlapping classes:
# 2.8 %, which the trials below acquit).
MUCH = 0.1
# A loss is stuck above what a trial reaches if it is so much higher, or has twice as much left and
# at least LITTLE: less is left by every run that has learned.
HIGHER, TWICE, LITTLE = 0.1, 2.0, 0.03
# The trials are as long as the run, or so long.
MOST_UPDATES, FEWEST_UPDATES = 300, 50
LOWER = (1 / 3, 1e-1, 1 / 30, 1e-2, 1e-3)


def jumping(case: Case) -> Finding | None:
    """Return the finding on a cost that jumps, where a lower rate or a larger batch mends it.

    Both are tried, from the same start. With small batches the noise of the batches is to blame
    if the same rate does well with larger ones.
    """
    rises, updates = _rises(case), min(case.history.updates, MOST_UPDATES)
    if not len(rises) or rises.max() <= _most(case) or updates < FEWEST_UPDATES:
        return None
    calm, lower = (
        calmer(case.experiment, case.history.setting.examples),
        [case.rate * share for share in LOWER],
    )
    trials = case.trials(lower, updates)
    better = [trial for trial in trials if _does_better(case, trial)]
    if calm is not None:
        (same,) = case.trials([case.rate], updates, calm)
        if not case.stop() and _does_better(case, same):
            return _noisy(case, rises, calm.training.batch_size, same, better, updates)
    if case.stop() or not better:
        return None
    return _too_high(case, rises, _gentlest(better), updates)


def _gentlest(trials: Sequence[Trial]) -> Trial:
    """Return the one at the lowest rate: it is the furthest from jumping in a longer run."""
    return min(trials, key=lambda trial: trial.learning_rate)


def typical_loss(case: Case) -> float:
    """Return the mean loss over the second half of the epochs, or the last if that is higher."""
    losses = case.train_losses
    return max(float(np.mean(losses[len(losses) // 2 :])), case.end.train_loss)


def _rises(case: Case) -> Curve:
    """Return by how much the loss rose from epoch to epoch, in the first third only if by much."""
    steps = np.diff(case.train_losses)
    early = np.arange(len(steps)) < len(case.train_losses) // 3
    return steps[steps > np.where(early, MUCH * case.gainable, 0)]


def _most(case: Case) -> float:
    """Return by how much the loss may rise."""
    return rule_of(case.experiment.checks, LearningRateTooHigh).rise * case.gainable


def _does_better(case: Case, trial: Trial) -> bool:
    ours, theirs = case.left(typical_loss(case)), case.left(_reached(case, trial))
    return ours - theirs >= HIGHER or (ours >= LITTLE and ours >= TWICE * theirs)


def _reached(case: Case, trial: Trial) -> float:
    return min(case.history.start.loss, case.history.start.constant) - trial.decrease


def _jumps(case: Case, rises: Curve) -> str:
    return (
        f"the cost jumps up and down: the loss rose in {len(rises)} of "
        f"{counted(len(case.history.epochs), 'epoch')}, by up to {loss_text(float(rises.max()))}, "
        f"and stays around {loss_text(typical_loss(case))}"
    )


def _reaches(case: Case, trial: Trial, updates: int) -> str:
    return f"{counted(updates, 'update')} reach {loss_text(_reached(case, trial))}"


def _too_high(case: Case, rises: Curve, best: Trial, updates: int) -> Finding:
    return Finding(
        rule=HIGH,
        status="warn",
        measured=float(rises.max()),
        threshold=_most(case),
        message=f"{_jumps(case, rises)}; the learning rate {case.rate:g} is too high",
        hint=f"try optimizer.learning_rate={best.learning_rate:.2g}: from the same start, "
        f"{_reaches(case, best, updates)}",
        evidence={"learning_rate": case.rate, "typical_loss": typical_loss(case)},
    )


def _noisy(
    case: Case, rises: Curve, larger: int, same: Trial, better: Sequence[Trial], updates: int
) -> Finding:
    batch, or_lower = case.experiment.training.batch_size, ""
    if better:
        lower = _gentlest(better)
        or_lower = (
            f"; or optimizer.learning_rate={lower.learning_rate:.2g}: "
            f"{_reaches(case, lower, updates)}"
        )
    return Finding(
        rule=NOISY,
        status="warn",
        measured=float(rises.max()),
        threshold=_most(case),
        message=f"{_jumps(case, rises)}: batches of {batch} are too noisy for the learning rate "
        f"{case.rate:g}",
        hint=f"try training.batch_size={larger}: from the same start, "
        f"{_reaches(case, same, updates)}{or_lower}",
        evidence={"learning_rate": case.rate, "typical_loss": typical_loss(case)},
    )
