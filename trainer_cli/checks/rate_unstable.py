"""Does the loss jump up and down in the first hundred updates, where a lower rate lets it fall?"""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from trainer_cli.config.rules import LearningRateUnstable, rule_of
from trainer_cli.training.diagnosis.calmer import calmer
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.flat import MOST_OF_BEST
from trainer_cli.training.diagnosis.gains import fall_text
from trainer_cli.training.diagnosis.probe import Trial, best_of
from trainer_cli.training.findings import Finding, counted, loss_text
from trainer_cli.training.history import Curve

UNSTABLE = "learning-rate-unstable"
# Lower rates are tried where the loss has not come down by half, and went up again by so much of
# what there is to gain.
HALF, RISEN = 0.5, 0.1
LOWER = (0.3, 0.1, 0.03)
# A mean of the loss over so many updates in a row.
WINDOW = 10
# A last batch of fewer examples than this share of the others is another kind of batch.
FEW = 0.05


def unstable(case: Case) -> Finding | None:
    """Return the finding on a loss that jumps, where a lower rate is far ahead of it."""
    rule, losses = rule_of(case.experiment.checks, LearningRateUnstable), case.history.losses
    second = losses[len(losses) // 2 :]
    typical = max(float(second.mean()), case.end.train_loss)
    if case.left(typical) < HALF or _largest_rise(losses) < RISEN * case.gainable:
        return None
    # Trials have no schedule, and a warm-up may not have come to the whole rate.
    highest = float(case.history.rates.max())
    trials = case.trials([highest * share for share in LOWER], case.history.updates)
    best = best_of(trials)
    reached = min(case.history.start.loss, case.history.start.constant) - best.decrease
    behind = case.left(typical) - case.left(reached)
    if behind < rule.behind:
        return None
    last = _by_the_last_batch(case, best)
    if last is None:  # losses of training have noise in them, and what trials reach has not
        behind = case.left(case.end.train_loss) - case.left(reached)
    if behind < rule.behind:
        return None
    jumps = (
        f"the loss jumps up and down: after {counted(len(losses), 'update')} it is around "
        f"{loss_text(typical)}, where it began at {loss_text(case.history.start.loss)}"
    )
    blamed, hint = last or (
        f"the learning rate {case.rate:g} is too high",
        f"try optimizer.learning_rate={best.learning_rate:.2g}: from the same start, "
        f"{counted(len(losses), 'update')} reach {loss_text(reached)}{_or_larger(case)}",
    )
    return Finding(
        rule=UNSTABLE,
        status="warn",
        measured=behind,
        threshold=rule.behind,
        message=f"{jumps}; {blamed}",
        hint=hint,
        evidence={"learning_rate": case.rate, "typical_loss": typical},
    )


def _by_the_last_batch(case: Case, best: Trial) -> tuple[str, str] | None:
    """Return what is to blame and what to do if the few examples left over in an epoch are it.

    That is, if the rate does half as well as a lower one in batches that are all of one size.
    """
    setting = case.history.setting
    left = setting.examples % setting.batch_size
    if not 0 < left < FEW * setting.batch_size:
        return None
    even = ceil(setting.examples / setting.steps_per_epoch)
    training = replace(case.experiment.training, batch_size=even)
    (trial,) = case.trials(
        [case.rate], case.history.updates, replace(case.experiment, training=training)
    )
    if trial.decrease < MOST_OF_BEST * best.decrease:
        return None
    return (
        f"the last batch of every epoch has {counted(left, 'example')}, all others "
        f"{setting.batch_size:,}: updates by it are mere noise",
        f"try training.batch_size={even}, which divides the {setting.examples:,} examples evenly: "
        f"from the same start, {counted(case.history.updates, 'update')} {fall_text(trial)}",
    )


def _or_larger(case: Case) -> str:
    calm = calmer(case.experiment, case.history.setting.examples)
    return "" if calm is None else f"; or try training.batch_size={calm.training.batch_size}"


def _largest_rise(losses: Curve) -> float:
    """Return by how much the mean loss of some updates was above the lowest mean before."""
    means = np.convolve(losses, np.ones(WINDOW) / WINDOW, "valid")
    return float(np.max(means - np.minimum.accumulate(means), initial=0.0))
