"""How much of the learning rate the schedule has left to the updates of a run."""

from __future__ import annotations

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.optim.schedules.clock import Clock
from trainer_cli.optim.schedules.warmup import rate_factor
from trainer_cli.training.outcome import Outcome

UPDATES_TO_ASK = 1000


def last_factor(experiment: Experiment, outcome: Outcome) -> float:
    """Return the share of `optimizer.learning_rate` at which the last update went."""
    return _factor(experiment, outcome, outcome.updates - 1)


def mean_factor(experiment: Experiment, outcome: Outcome) -> float:
    """Return the mean of that share over the updates, of up to 1,000 of them spread evenly."""
    asked = np.linspace(0, outcome.updates - 1, min(outcome.updates, UPDATES_TO_ASK))
    return float(np.mean([_factor(experiment, outcome, int(update)) for update in asked]))


def _factor(experiment: Experiment, outcome: Outcome, update: int) -> float:
    clock = Clock(
        step=update, steps_per_epoch=outcome.steps_per_epoch, epochs=experiment.training.epochs
    )
    return rate_factor(experiment.schedule, clock)
