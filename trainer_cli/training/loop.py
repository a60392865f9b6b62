"""Training one experiment: epochs of shuffled batches, watched, with the best network kept."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.streams import stream
from trainer_cli.optim.schedules.clock import Clock
from trainer_cli.training.divergence import DivergenceWatch
from trainer_cli.training.outcome import Best, Epoch, Outcome, Stopped, Watchers
from trainer_cli.training.stack import Figures, Stack, assemble

# The training accuracy is measured on no more than this many training examples: its standard
# error is then at most 1.2 %, and measuring it stays cheap beside an epoch of training.
ACCURACY_EXAMPLES = 2000
# Evaluation runs in batches at least this large, so that small training batches do not slow it.
EVALUATION_BATCH = 256


def original_cost(stack: Stack, feed: Feed) -> float:
    """Return the untrained network's cost, penalty included, on up to 2,000 training examples."""
    figures = stack.evaluate(feed, feed.examples.evenly(ACCURACY_EXAMPLES))
    return float(figures.loss[0] + stack.penalty.costs()[0])


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
        self.dataset = dataset
        self.watchers = watchers
        settings = experiment.training
        batch = min(settings.batch_size, len(dataset.train))
        capacity = max(batch, min(EVALUATION_BATCH, len(dataset.train)))
        self.stack = assemble([experiment], dataset.shape, dataset.classes, capacity=capacity)
        dtype = self.stack.network.parameters.values.dtype
        self.feed = Feed(dataset.train, capacity, dtype=dtype)
        self.validation_feed = Feed(dataset.validation, capacity, dtype=dtype)
        self.batch = batch
        self.starts = range(0, len(dataset.train), batch)[:batches_per_epoch]
        self.original = original_cost(self.stack, self.feed)
        self.watch = DivergenceWatch(np.array([self.original]))
        self.last_cost = self.original
        self.updates = 0
        self.epochs: list[Epoch] = []
        self.best: Best | None = None
        self.stopped: Stopped | None = None

    def factor(self) -> float:
        clock = Clock(
            step=self.updates,
            steps_per_epoch=len(self.starts),
            epochs=self.experiment.training.epochs,
        )
        return self.experiment.schedule.scale(clock)

    def train_epoch(self, number: int) -> None:
        begun, rate = perf_counter(), self.factor() * self.experiment.optimizer.learning_rate
        order = stream(self.experiment.seed, "order", number).permutation(len(self.feed.examples))
        total = seen = 0.0
        for done, start in enumerate(self.starts, start=1):
            x, labels = self.feed.fill(order[start : start + self.batch])
            costs = self.stack.forward(x, labels)
            self.last_cost = float(costs[0])
            if self.watch.diverged(costs, len(x))[0]:
                self.stopped = "diverged"
                return
            self.stack.step(self.factor())
            self.updates += 1
            total, seen = total + self.last_cost * len(x), seen + len(x)
            self.watchers.batch(number, done, len(self.starts))
            if self.watchers.stop():
                self.stopped = "interrupted"
                return
        self._close_epoch(number, total / seen, rate, begun)

    def _close_epoch(self, number: int, cost: float, rate: float, begun: float) -> None:
        train = self.stack.evaluate(self.feed, self.dataset.train.evenly(ACCURACY_EXAMPLES))
        self.last_cost = float(train.loss[0] + self.stack.penalty.costs()[0])
        if not np.isfinite(self.last_cost) or (
            number == self.experiment.training.epochs and not self.last_cost <= self.watch.limits[0]
        ):
            self.stopped = "diverged"  # the last update did it, and no batch comes after it
            return
        validation = self._validate()
        accuracy = float(validation.accuracy[0])
        figures = Epoch(
            epoch=number,
            updates=self.updates,
            cost=cost,
            train_accuracy=float(train.accuracy[0]),
            validation_accuracy=accuracy,
            validation_loss=float(validation.loss[0]),
            learning_rate=rate,
            seconds=perf_counter() - begun,
        )
        self.epochs.append(figures)
        improved = self.best is None or accuracy > self.best.validation_accuracy
        if improved:
            parameters = self.stack.network.parameters.values
            if self.best is None:
                snapshot = parameters.copy()
            else:
                snapshot = self.best.parameters
                np.copyto(snapshot, parameters)
            self.best = Best(epoch=number, validation_accuracy=accuracy, parameters=snapshot)
        self.watchers.epoch(figures, self.stack, improved)

    def _validate(self) -> Figures:
        return self.stack.evaluate(
            self.validation_feed, np.arange(len(self.validation_feed.examples))
        )


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
    with np.errstate(all="ignore"):  # what overflows is judged, not warned about
        run = _Run(experiment, dataset, watchers or Watchers(), batches_per_epoch)
        for number in range(1, experiment.training.epochs + 1):
            run.train_epoch(number)
            if run.stopped:
                break
    return Outcome(
        stack=run.stack,
        classes=dataset.classes,
        epochs=tuple(run.epochs),
        best=run.best,
        stopped=run.stopped or "finished",
        original_cost=run.original,
        last_cost=run.last_cost,
        updates=run.updates,
        seconds=perf_counter() - begun,
    )
