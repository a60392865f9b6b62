"""Does the loss jump up and down in the first hundred updates, where a lower rate lets it fall?"""

from __future__ import annotations

import numpy as np

from trainer_cli.config.rules import LearningRateUnstable, rule_of
from trainer_cli.training.diagnosis.calmer import calmer
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.probe import best_of
from trainer_cli.training.findings import Finding, counted, loss_text
from trainer_cli.training.history import Curve

UNSTABLE = "learning-rate-unstable"
# Lower rates are tried where the loss has not come down by half, and went up again by so much of
# what there is to gain.
HALF, RISEN = 0.5, 0.1
LOWER = (0.3, 0.1, 0.03)
# A mean of the loss over so many updates in a row.
WINDOW = 10


def unstable(case: Case) -> Finding | None:
    """Return the finding on a loss that jumps, where a lower rate is far ahead of it."""
    rule, losses = rule_of(case.experiment.checks, LearningRateUnstable), case.history.losses
    second = losses[len(losses) // 2 :]
    typical = max(float(second.mean()), case.end.train_loss)
    if case.left(typical) < HALF or _largest_rise(losses) < RISEN * case.gainable:
        return None
    trials = case.trials([case.rate * share for share in LOWER], case.history.updates)
    best = best_of(trials)
    reached = min(case.history.start.loss, case.history.start.constant) - best.decrease
    if case.left(typical) - case.left(reached) < rule.behind:
        return None
    return Finding(
        rule=UNSTABLE,
        status="warn",
        measured=case.left(typical) - case.left(reached),
        threshold=rule.behind,
        message=f"the loss jumps up and down: after {counted(len(losses), 'update')} it is around "
        f"{loss_text(typical)}, where it began at {loss_text(case.history.start.loss)}; the "
        f"learning rate {case.rate:g} is too high",
        hint=f"try optimizer.learning_rate={best.learning_rate:.2g}: from the same start, "
        f"{counted(len(losses), 'update')} reach {loss_text(reached)}{_or_larger(case)}",
        evidence={"learning_rate": case.rate, "typical_loss": typical},
    )


def _or_larger(case: Case) -> str:
    calm = calmer(case.experiment, case.history.setting.examples)
    return "" if calm is None else f"; or try training.batch_size={calm.training.batch_size}"


def _largest_rise(losses: Curve) -> float:
    """Return by how much the mean loss of some updates was above the lowest mean before."""
    means = np.convolve(losses, np.ones(WINDOW) / WINDOW, "valid")
    return float(np.max(means - np.minimum.accumulate(means), initial=0.0))
