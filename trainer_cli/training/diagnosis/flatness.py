"""How far a loss has come down, of what there is to gain: what counts as having learned."""

from __future__ import annotations

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import Plateau, rule_of
from trainer_cli.training.diagnosis.names import LOW
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.history import History, Start

# Accuracy has risen if it did by three standard errors of 2,000 examples.
RISEN = 0.03
# Scores are almost equal if their loss is within this share of that of equal scores.
ALMOST_EQUAL = 0.01
# A penalty is worth a word if it is so much of the cost.
NOTABLE = 0.1


def gainable(start: Start) -> float:
    """Return how much training can take off the loss, penalty apart.

    A start above the loss of the best constant scores counts as that: to come down to it, to what
    class frequencies alone give, is no learning. Smoothed labels keep the loss above a floor.
    """
    return min(start.loss, start.constant) - start.floor


def least_progress(experiment: Experiment) -> float:
    """Return the share of what there is to gain from which on a run has begun to learn."""
    return rule_of(experiment.checks, Plateau).progress


def movement(history: History) -> float:
    """Return the share that training took off what it could take off; negative if it rose."""
    return learned(history.start, history.epochs[-1].train_loss)


def learned(start: Start, loss: float) -> float:
    """Return the share of what can be taken off the loss that is off where it is `loss`."""
    return (min(start.loss, start.constant) - loss) / gainable(start)


def moved_enough(history: History, enough: float) -> Finding:
    """Return the pass of a run whose loss has fallen."""
    return Finding(
        rule=LOW,
        status="pass",
        measured=movement(history),
        threshold=enough,
        message=(
            f"the loss went from {history.start.loss:.4g} to {history.epochs[-1].train_loss:.4g} "
            f"in {counted(history.updates, 'update')}"
        ),
    )


def chance_text(experiment: Experiment, history: History) -> str:
    """Say what a network gives that knows nothing about its inputs."""
    constant = history.start.constant
    equal_scores = experiment.loss.at_zero_scores(history.setting.classes)
    if abs(constant / equal_scores - 1) <= ALMOST_EQUAL:
        return f"that of equal scores, {equal_scores:.4g}"
    return f"what the class frequencies alone give, {constant:.4g}"


def accuracy_remark(experiment: Experiment, history: History) -> str:
    """Say, where it happened, why accuracy rises while the loss stays: the lecture's puzzle."""
    before, after = history.start.accuracy, history.epochs[-1].train_accuracy
    equal_scores = experiment.loss.at_zero_scores(history.setting.classes)
    losses = np.array([history.start.loss, history.epochs[-1].train_loss])
    if after - before < RISEN or (abs(losses / equal_scores - 1) > ALMOST_EQUAL).any():
        return ""
    return (
        f" (accuracy rose from {before:.1%} to {after:.1%} meanwhile: the scores are still almost "
        f"equal, but a small shift the right way is enough to change which is the largest)"
    )


def penalty_share(history: History) -> float:
    """Return which share of the cost the penalty is over all updates."""
    return float(np.mean(history.penalties) / np.mean(history.costs)) if history.updates else 0.0
