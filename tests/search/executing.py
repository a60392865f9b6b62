"""Sweeps of several stacks, and what executors say of them; also imported by scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.experiments import DIGITS
from tests.search.tasks import at_rates, task_of
from trainer_cli.config.experiment import Experiment, Training
from trainer_cli.nn.layers import Conv, Dense, Dropout, Flatten, Relu
from trainer_cli.search.messages import Executor, Message, Task
from trainer_cli.search.trials import Result

RATES = [0.01, 1e6, 0.03, 3.0, 0.1, 1e30, 0.001, 10.0, 0.3, 1e-6, 0.02, 1e4, 0.05]
CONVOLUTIONS = replace(
    DIGITS,
    network=(Conv(filters=4), Relu(), Dropout(rate=0.2), Flatten(), Dense(units=10)),
    training=Training(epochs=1, batch_size=64),
)


def cut(experiments: Sequence[Experiment], size: int, **settings: Any) -> list[Task]:
    """Return stacks of at most `size` of the experiments."""
    every = task_of(experiments, **settings)
    parts = [slice(start, start + size) for start in range(0, len(experiments), size)]
    return [
        replace(every, number=i, trials=every.trials[part], experiments=every.experiments[part])
        for i, part in enumerate(parts, start=1)
    ]


# Five stacks of unlike sizes, in which trials explode at once, explode late and are thinned out;
# and two of convolutions, with noise.
SWEEP = cut(at_rates(RATES), 3, halving=3)
NOISY_SWEEP = cut(at_rates(RATES[:5], CONVOLUTIONS), 3)


def long_stack(rates: Sequence[float] = (0.03,), number: int = 1) -> Task:
    """Return a stack that nobody waits for the end of."""
    endless = replace(DIGITS, training=Training(epochs=10**6, batch_size=32))
    return task_of(at_rates(rates, endless), number=number)


def results(
    executor: Executor, tasks: Sequence[Task], each: Callable[[Message | None], None] = id
) -> dict[int, str]:
    """Return all results by trial, each to the last bit: those that come twice are the same."""
    found: dict[int, str] = {}
    for message in executor.run(tasks):
        each(message)
        if isinstance(message, Result):
            assert found.setdefault(message.trial, repr(message)) == repr(message)
    assert sorted(found) == sorted(trial.number for task in tasks for trial in task.trials)
    return found
