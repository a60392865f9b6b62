"""How much of the learning rate the schedule has left to the updates of a run."""

from __future__ import annotations

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.optim.schedules.clock import Clock
from trainer_cli.optim.schedules.warmup import rate_factor
from trainer_cli.training.history import History

UPDATES_TO_ASK = 1000


def factor(experiment: Experiment, steps_per_epoch: int, update: int) -> float:
    """Return the share of `optimizer.learning_rate` at which an update goes, counted from 0."""
    clock = Clock(step=update, steps_per_epoch=steps_per_epoch, epochs=experiment.training.epochs)
    return rate_factor(experiment.schedule, clock)


def last_factor(experiment: Experiment, history: History) -> float:
    """Return that share for the last update of a run."""
    return factor(experiment, history.setting.steps_per_epoch, history.updates - 1)


def mean_factor(experiment: Experiment, history: History) -> float:
    """Return its mean over the updates of a run, of up to 1,000 of them spread evenly."""
    asked = np.linspace(0, history.updates - 1, min(history.updates, UPDATES_TO_ASK))
    factors = [factor(experiment, history.setting.steps_per_epoch, int(update)) for update in asked]
    return float(np.mean(factors))
