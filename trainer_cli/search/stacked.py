"""Trains the trials of one task as the members of one stack."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Dataset
from trainer_cli.search.messages import Message, Progress, Task
from trainer_cli.search.trials import Result, State
from trainer_cli.training.course import Course
from trainer_cli.training.diagnosis.flatness import gainable, learned
from trainer_cli.training.stack import Figures

# M members of the stack, η the factor of successive halving.


def train_stack(task: Task, dataset: Dataset) -> Iterator[Message]:
    """Train the trials of a task, and yield the result of each as soon as it is known.

    What is yielded depends on the task and the data alone. The caller keeps matrix products on
    one thread, as a second one may change the last bits, and NumPy's warnings to itself.
    """
    running = _Running(task, dataset)
    yield from running.departed()
    epochs = task.experiments[0].training.epochs
    rungs = rungs_of(epochs, task.halving)
    for epoch in range(1, epochs + 1):
        for done in running.course.epoch(epoch):
            yield from running.departed()
            share = (epoch - 1 + done / running.course.steps_per_epoch) / epochs
            yield Progress(task=task.number, share=share, trials=len(running.course.members))
        yield from running.departed()
        if running.course.members and (epoch == epochs or epoch in rungs):
            train = running.course.close_epoch(epoch, last=epoch == epochs)
            yield from running.departed()
            if epoch in rungs and running.course.members:
                yield from running.thin_out(rungs.index(epoch) + 1, train, epoch)
        if not running.course.members:
            return
    everybody = np.ones(len(running.course.members), np.bool_)
    yield from running.ended("finished", None, everybody, train, running.course.validate(), epochs)


def rungs_of(epochs: int, halving: int | None) -> list[int]:
    """Return after which epochs successive halving looks: T/η, T/η², ..., in order.

    Source: Jamieson & Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter
    optimization", section 3.

    >>> rungs_of(20, 3)
    [2, 6]
    """
    rungs: list[int] = []
    while halving is not None and epochs // halving >= 1:
        epochs //= halving
        rungs.append(epochs)
    return rungs[::-1]


class _Running:
    """A stack in training, and what is still to be told of it."""

    def __init__(self, task: Task, dataset: Dataset) -> None:
        self.task = task
        self.course = Course(
            task.experiments,
            dataset,
            abort_ratio=task.abort_ratio,
            batches_per_epoch=task.batches_per_epoch,
        )
        self._told = 0  # departures

    def departed(self) -> Iterator[Result]:
        """Yield the results of those that have left since the last call."""
        departures = self.course.departures
        while self._told < len(departures):
            left = departures[self._told]
            self._told += 1
            limit = self.course.starts[left.experiment].limit
            yield self._result(
                left.experiment,
                "diverged",
                f"cost {left.cost:.4g} in epoch {left.epoch}, limit {limit:.4g}",
                epochs=left.epoch - 1,
                updates=left.updates,
                cost=left.cost,
            )

    def ended(
        self,
        state: State,
        reason: str | None,
        who: NDArray[np.bool_],
        train: Figures,
        validation: Figures,
        epoch: int,
    ) -> Iterator[Result]:
        """Yield the results of the members `who` (M,), with the figures of this moment."""
        costs = train.loss + self.course.stack.penalty.costs()
        for m in np.flatnonzero(who):
            yield self._result(
                self.course.members[m],
                state,
                reason,
                epochs=epoch,
                updates=self.course.updates,
                cost=float(costs[m]),
                train_loss=float(train.loss[m]),
                train_accuracy=float(train.accuracy[m]),
                validation_loss=float(validation.loss[m]),
                validation_accuracy=float(validation.accuracy[m]),
            )

    def thin_out(self, rung: int, train: Figures, epoch: int) -> Iterator[Result]:
        """Stop all members but the best, 1/η^rung of those that set out, by validation accuracy."""
        assert self.task.halving is not None
        validation = self.course.validate()
        places = -(-len(self.task.trials) // self.task.halving**rung)
        order = np.lexsort((validation.loss, -validation.accuracy))  # the last key goes first
        leaving = np.zeros(len(order), np.bool_)
        leaving[order[places:]] = True
        reason = f"not among the best {places} of {len(self.task.trials)} after epoch {epoch}"
        yield from self.ended("halved", reason, leaving, train, validation, epoch)
        self.course.dismiss(leaving)

    def _result(self, experiment: int, state: State, reason: str | None, **rest: float) -> Result:
        trial, start = self.task.trials[experiment], self.course.starts[experiment]
        if "train_loss" in rest and gainable(start) > 0:
            rest["learned"] = learned(start, rest["train_loss"])
        return Result(
            trial=trial.number,
            stage=self.task.stage,
            values=trial.values,
            state=state,
            reason=reason,
            original_cost=start.cost if isfinite(start.cost) else None,
            original_loss=start.loss if isfinite(start.loss) else None,
            learnable=gainable(start) if isfinite(start.loss) else None,
            # What JSON cannot hold is not kept, so that a resumed sweep reads what this one knows.
            **{name: value if isfinite(value) else None for name, value in rest.items()},  # type: ignore[arg-type]
        )
