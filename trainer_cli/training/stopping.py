"""When training no longer gets better, and where a schedule has come to a minimum."""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.config.experiment import EarlyStopping, Experiment
from trainer_cli.optim.schedules import Cosine
from trainer_cli.training.history import Epoch, better
from trainer_cli.training.pace import factor


def patience_is_over(epochs: Sequence[Epoch], settings: EarlyStopping) -> bool:
    """Return whether there has been no improvement for `patience` epochs in a row.

    An improvement is better than the last one by more than `min_improvement`; NaN never is.
    """
    last = None
    for epoch in epochs:
        if last is None or better(epoch, last, settings.on, settings.min_improvement):
            last = epoch
    return last is not None and epochs[-1].epoch - last.epoch >= settings.patience


def has_restarts(experiment: Experiment) -> bool:
    """Return whether the learning rate comes to a minimum and begins anew."""
    return isinstance(experiment.schedule, Cosine) and experiment.schedule.period is not None


def at_minimum(experiment: Experiment, steps_per_epoch: int, updates: int) -> bool:
    """Return whether the learning rate has just had its last update before it begins anew."""
    if updates <= experiment.schedule.warmup * steps_per_epoch:
        return False
    before, after = (factor(experiment, steps_per_epoch, u) for u in (updates - 1, updates))
    return after > before
