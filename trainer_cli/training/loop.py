"""Training one experiment: epochs of shuffled batches, watched, with the best network kept."""

from __future__ import annotations

import sys
from dataclasses import replace
from math import isfinite
from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.nn.network import smallest_batches
from trainer_cli.nn.order import pooled_first
from trainer_cli.nn.parameters import PerMember
from trainer_cli.nn.streams import stream
from trainer_cli.training.divergence import DivergenceWatch, cost_limits
from trainer_cli.training.outcome import Best, Epoch, Outcome, Start, Stopped, Watchers
from trainer_cli.training.pace import factor
from trainer_cli.training.stack import Figures, assemble
from trainer_cli.training.threads import threads_for

# Training loss and accuracy are measured on no more than this many training examples: the
# accuracy's standard error is then at most 1.1 %, and measuring stays cheap beside an epoch.
MEASURED_EXAMPLES = 2000
# Evaluation runs in batches at least this large, so that small training batches do not slow it.
EVALUATION_BATCH = 256


def capacity(batch_size: int, examples: int) -> int:
    """Return the largest batch that training handles: an evaluation's if that is larger."""
    return min(max(batch_size, EVALUATION_BATCH), examples)


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
        self.batch = min(experiment.training.batch_size, len(dataset.train))
        most = capacity(experiment.training.batch_size, len(dataset.train))
        fastest = replace(experiment, network=pooled_first(experiment.network))
        self.stack = assemble([fastest], dataset, capacity=most)
        dtype = self.stack.network.parameters.values.dtype
        self.feed = Feed(dataset.train, most, dtype=dtype)
        augment = experiment.data.augment  # for batches that are learned from, and no others
        self.training_feed = (
            Feed(dataset.train, self.batch, dtype=dtype, augment=augment) if augment else self.feed
        )
        self.validation_feed = Feed(dataset.validation, most, dtype=dtype)
        self.sample = dataset.train.evenly(MEASURED_EXAMPLES)
        # What is left of an epoch may be too little for batch normalization: it is left out, other
        # examples in every epoch.
        fewest = max(smallest_batches(experiment.network, dataset.shape))
        ends = len(dataset.train) - fewest + 1
        self.starts = range(0, ends, self.batch)[:batches_per_epoch]
        self.start = self._measure_start()
        self.watch = DivergenceWatch(np.array([self.start.limit]))
        self.last_cost = self.start.cost
        self.updates = 0
        self.epochs: list[Epoch] = []
        self.best: Best | None = None
        # A cost that is not finite before the first update cannot be trained away.
        self.stopped: Stopped | None = None if isfinite(self.start.cost) else "diverged"

    def _measure(self, *, training: bool = False) -> Figures:
        """Measure the network on a sample of the training split."""
        return self.stack.evaluate(self.feed, self.sample, training=training)

    def _measure_start(self) -> Start:
        # As the batches will see it: running averages mean nothing before the first of them.
        figures, penalty = self._measure(training=True), self.stack.penalty.costs()
        cost = figures.loss + penalty
        loss, classes = self.experiment.loss, self.dataset.classes
        shares = class_shares(self.dataset.train.labels[self.sample], classes)
        return Start(
            loss=float(figures.loss[0]),
            cost=float(cost[0]),
            accuracy=float(figures.accuracy[0]),
            limit=float(cost_limits(cost, penalty, loss.at_zero_scores(classes))[0]),
            constant=loss.at_best_constant(shares),
            floor=loss.floor(shares),
        )

    def factor(self) -> float:
        return factor(self.experiment, len(self.starts), self.updates)

    def train_epoch(self, number: int) -> None:
        begun, rate = perf_counter(), self.factor() * self.experiment.optimizer.learning_rate
        self.stack.restart_noise(number)
        self.training_feed.restart([self.experiment.seed], number)
        order = stream(self.experiment.seed, "order", number).permutation(len(self.feed.examples))
        total: PerMember = 0.0
        weight: PerMember = 0.0
        for done, start in enumerate(self.starts, start=1):
            x, labels = self.training_feed.fill(order[start : start + self.batch])
            costs = self.stack.forward(x, labels)
            self.last_cost = float(costs[0])
            high = self.watch.diverged(costs, len(x))[0]
            if high and (self.updates > 0 or not isfinite(self.last_cost)):
                self.last_cost = float(self.watch.judged[0])
                self.stopped = "diverged"
                return
            self.stack.step(self.factor())
            self.updates += 1
            mass = self.stack.loss.weight(labels)
            total, weight = total + self.last_cost * mass, weight + mass
            self.watchers.batch(number, done, len(self.starts))
            if self.watchers.stop():
                self.stopped = "interrupted"
                return
        self._close_epoch(number, float(np.sum(total / weight)), rate, begun)

    def _close_epoch(self, number: int, cost: float, rate: float, begun: float) -> None:
        train = self._measure()
        self.last_cost = float(train.loss[0] + self.stack.penalty.costs()[0])
        last = number == self.experiment.training.epochs
        if not self.last_cost <= (self.start.limit if last else sys.float_info.max):
            self.stopped = "diverged"  # the last update did it, and no batch comes after it
            return
        every = np.arange(len(self.dataset.validation))
        validation = self.stack.evaluate(self.validation_feed, every)
        figures = Epoch(
            epoch=number,
            updates=self.updates,
            cost=cost,
            train_loss=float(train.loss[0]),
            train_accuracy=float(train.accuracy[0]),
            validation_loss=float(validation.loss[0]),
            validation_accuracy=float(validation.accuracy[0]),
            learning_rate=rate,
            seconds=perf_counter() - begun,
        )
        self.epochs.append(figures)
        self.watchers.epoch(figures, self.stack, self._keep_if_best(figures))

    def _keep_if_best(self, figures: Epoch) -> bool:
        accuracy, parameters = figures.validation_accuracy, self.stack.network.parameters.stored
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
        stack=run.stack,
        classes=dataset.classes,
        steps_per_epoch=len(run.starts),
        majority=float(np.bincount(dataset.validation.labels).max() / len(dataset.validation)),
        start=run.start,
        epochs=tuple(run.epochs),
        best=run.best,
        stopped=run.stopped or "finished",
        last_cost=run.last_cost,
        updates=run.updates,
        seconds=perf_counter() - begun,
    )
