"""Tasks and planned stages on the digits that tests of the search start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tests.experiments import DIGITS, data_of
from trainer_cli.config.experiment import Experiment
from trainer_cli.search.messages import Message, Progress, Task
from trainer_cli.search.stacked import train_stack
from trainer_cli.search.trials import Result, Trial
from trainer_cli.training.threads import one_thread


def at_rates(rates: Sequence[float], experiment: Experiment = DIGITS) -> list[Experiment]:
    """Return the experiment at each learning rate."""
    return [
        replace(experiment, optimizer=replace(experiment.optimizer, learning_rate=rate))
        for rate in rates
    ]


def task_of(experiments: Sequence[Experiment], **settings: Any) -> Task:
    """Return one stack of these experiments."""
    trials = tuple(
        Trial(number=i, values={"optimizer.learning_rate": e.optimizer.learning_rate})
        for i, e in enumerate(experiments, start=1)
    )
    given = {"stage": 1, "number": 1, "abort_ratio": 3.0, **settings}
    return Task(trials=trials, experiments=tuple(experiments), **given)


def messages_of(task: Task) -> list[Message]:
    """Return all that a task tells."""
    dataset = data_of(task.experiments[0])
    with one_thread(), np.errstate(all="ignore"):
        return list(train_stack(task, dataset))


def results_of(task: Task) -> list[Result]:
    """Return the results of a task in the order of its trials."""
    results = [m for m in messages_of(task) if not isinstance(m, Progress)]
    return sorted(results, key=lambda result: result.trial)
