"""Training one experiment: epochs of shuffled batches, watched, with the best network kept."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.course import Course
from trainer_cli.training.outcome import Best, Epoch, Outcome, Stopped, Watchers
from trainer_cli.training.threads import threads_for


class _Run:
    """The state of one training run."""

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        watchers: Watchers,
        batches_per_epoch: int | None,
    ) -> None:
        self.experiment = experiment
        self.watchers = watchers
        self.course = Course([experiment], dataset, batches_per_epoch=batches_per_epoch)
        self.start = self.course.starts[0]
        self.last_cost = self.start.cost
        self.epochs: list[Epoch] = []
        self.best: Best | None = None
        self.stopped: Stopped | None = None
        self.look_for_departure()

    def look_for_departure(self) -> bool:
        """Return whether the cost has exploded, and note it."""
        if self.course.departures:
            self.last_cost, self.stopped = self.course.departures[0].cost, "diverged"
        return bool(self.course.departures)

    def train_epoch(self, number: int) -> None:
        begun, course = perf_counter(), self.course
        rate = float(np.max(course.factor())) * self.experiment.optimizer.learning_rate
        for done in course.epoch(number):
            self.watchers.batch(number, done, course.steps_per_epoch)
            if self.watchers.stop():
                self.last_cost, self.stopped = float(course.costs[0]), "interrupted"
                return
        if not self.look_for_departure():
            self._close_epoch(number, rate, begun)

    def _close_epoch(self, number: int, rate: float, begun: float) -> None:
        course, cost = self.course, float(self.course.costs[0])
        train = course.close_epoch(number, last=number == self.experiment.training.epochs)
        if self.look_for_departure():
            return
        self.last_cost = float(train.loss[0] + course.stack.penalty.costs()[0])
        validation = course.validate()
        figures = Epoch(
            epoch=number,
            updates=course.updates,
            cost=cost,
            train_loss=float(train.loss[0]),
            train_accuracy=float(train.accuracy[0]),
            validation_loss=float(validation.loss[0]),
            validation_accuracy=float(validation.accuracy[0]),
            learning_rate=rate,
            seconds=perf_counter() - begun,
        )
        self.epochs.append(figures)
        self.watchers.epoch(figures, course.stack, self._keep_if_best(figures))

    def _keep_if_best(self, figures: Epoch) -> bool:
        accuracy, parameters = (
            figures.validation_accuracy,
            self.course.stack.network.parameters.stored,
        )
        if self.best is not None and not accuracy > self.best.validation_accuracy:
            return False
        snapshot = parameters.copy() if self.best is None else self.best.parameters
        np.copyto(snapshot, parameters)
        self.best = Best(epoch=figures.epoch, validation_accuracy=accuracy, parameters=snapshot)
        return True


def train(
    experiment: Experiment,
    dataset: Dataset,
    watchers: Watchers | None = None,
    *,
    batches_per_epoch: int | None = None,
) -> Outcome:
    """Train the experiment's network and return how it went.

    Stops at the first batch whose cost is NaN, infinite or more than 3 times the original, or
    when `watchers.stop` says so. `batches_per_epoch` cuts every epoch short.
    """
    begun = perf_counter()
    # What overflows is judged, not warned about.
    with threads_for(experiment.network), np.errstate(all="ignore"):
        run = _Run(experiment, dataset, watchers or Watchers(), batches_per_epoch)
        for number in range(1, experiment.training.epochs + 1):
            if run.stopped:
                break
            run.train_epoch(number)
    return Outcome(
        stack=run.course.stack,
        classes=dataset.classes,
        steps_per_epoch=run.course.steps_per_epoch,
        majority=float(np.bincount(dataset.validation.labels).max() / len(dataset.validation)),
        start=run.start,
        epochs=tuple(run.epochs),
        best=run.best,
        stopped=run.stopped or "finished",
        last_cost=run.last_cost,
        updates=run.course.updates,
        seconds=perf_counter() - begun,
    )
