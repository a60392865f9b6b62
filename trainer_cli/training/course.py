"""M experiments on their way through training side by side, batch by batch; who explodes leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import ABORT_RATIO, Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.nn.network import smallest_batches
from trainer_cli.nn.order import pooled_first
from trainer_cli.nn.parameters import PerMember, per_member
from trainer_cli.nn.streams import stream
from trainer_cli.training.divergence import DivergenceWatch, cost_limits
from trainer_cli.training.outcome import Start
from trainer_cli.training.pace import factor
from trainer_cli.training.stack import Costs, Figures, assemble

# N examples, M members.

# Training loss and accuracy are measured on no more than this many training examples: the
# accuracy's standard error is then at most 1.1 %, and measuring stays cheap beside an epoch.
MEASURED_EXAMPLES = 2000
# Evaluation runs in batches at least this large, so that small training batches do not slow it.
EVALUATION_BATCH = 256


def capacity(batch_size: int, examples: int) -> int:
    """Return the largest batch that training handles: an evaluation's if that is larger."""
    return min(max(batch_size, EVALUATION_BATCH), examples)


@dataclass(frozen=True, kw_only=True)
class Departure:
    """When an experiment left because its cost had exploded, and that cost.

    `experiment` counts from 0, in the order in which they were given; `updates` are those before.
    """

    experiment: int
    epoch: int
    updates: int
    cost: float


class Course:
    """Trains experiments of one shape as a stack, all of them with the same batches in an epoch.

    Experiments with the same seed see the same examples in the same order; with different seeds
    each has the order that it has alone.

    members     the experiments that are still in the stack, by their number, in its order
    starts      each experiment's untrained network
    departures  the experiments that have left
    costs       (M,) mean costs of the last epoch's batches, of those still there; within an epoch
                those of the last batch
    updates     number of updates so far
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        dataset: Dataset,
        *,
        abort_ratio: float = ABORT_RATIO,
        batches_per_epoch: int | None = None,
    ) -> None:
        """Build and measure the untrained stack; `batches_per_epoch` cuts every epoch short."""
        first, n = experiments[0], len(dataset.train)
        self._dataset = dataset
        self._own_order = len({e.seed for e in experiments}) > 1
        self._one_schedule = all(e.schedule == first.schedule for e in experiments)
        self._batch = min(first.training.batch_size, n)
        most = capacity(first.training.batch_size, n)
        self.stack = assemble(
            [replace(e, network=pooled_first(e.network)) for e in experiments],
            dataset,
            capacity=most,
            shared_input=not self._own_order,
        )
        dtype = self.stack.network.parameters.values.dtype
        orders = len(experiments) if self._own_order else 1
        self._feed = Feed(dataset.train, most, orders, dtype)
        augment = first.data.augment  # for batches that are learned from, and no others
        self._training_feed = (
            Feed(dataset.train, self._batch, orders, dtype, augment) if augment else self._feed
        )
        self._validation_feed = Feed(dataset.validation, most, dtype=dtype)
        self._sample = dataset.train.evenly(MEASURED_EXAMPLES)
        # What is left of an epoch may be too little for batch normalization: it is left out, other
        # examples in every epoch.
        ends = n - max(smallest_batches(first.network, dataset.shape)) + 1
        self._batches = range(0, ends, self._batch)[:batches_per_epoch]
        self.members = list(range(len(experiments)))
        self.departures: list[Departure] = []
        self.updates = 0
        self.starts = self._measure_starts(abort_ratio)
        self._watch = DivergenceWatch(np.array([start.limit for start in self.starts]))
        self.costs: Costs = np.array([start.cost for start in self.starts])
        self._leave(~np.isfinite(self.costs), self.costs, epoch=1)  # cannot be trained away

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in an epoch."""
        return len(self._batches)

    @property
    def limits(self) -> Costs:
        """The costs that no member may exceed, (M,)."""
        return self._watch.limits

    def measure(self, *, training: bool = False) -> Figures:
        """Measure the members on up to 2,000 training examples."""
        return self.stack.evaluate(self._feed, self._sample, training=training)

    def validate(self) -> Figures:
        """Measure the members on the validation split."""
        every = np.arange(len(self._dataset.validation))
        return self.stack.evaluate(self._validation_feed, every)

    def factor(self) -> PerMember:
        """Return the share of the learning rate at which the next update goes."""
        experiments = self.stack.experiments
        if self._one_schedule:
            return factor(experiments[0], len(self._batches), self.updates)
        return per_member([factor(e, len(self._batches), self.updates) for e in experiments])

    def epoch(self, number: int) -> Iterator[int]:
        """Train an epoch, counted from 1: yields the number of its updates after each of them.

        A member whose cost has exploded leaves with that batch. Ends when nobody is left.
        """
        seeds = [e.seed for e in self.stack.experiments]
        seeds = seeds if self._own_order else seeds[:1]
        self.stack.restart_noise(number)
        self._training_feed.restart(seeds, number)
        n = len(self._feed.examples)
        orders = [stream(seed, "order", number).permutation(n) for seed in seeds]
        order = np.stack(orders, axis=-1) if self._own_order else orders[0]  # (N, M) or (N,)
        total: Costs = np.zeros(len(self.members))
        weight: Costs = np.zeros(len(self.members))
        for done, begin in enumerate(self._batches if self.members else (), start=1):
            x, labels = self._training_feed.fill(order[begin : begin + self._batch])
            costs = self.stack.forward(x, labels)
            high = self._exploded(costs, len(x))
            if high is not None and high.all():
                self._leave(high, self._watch.judged, number)
                return
            self.stack.step(self.factor())  # those who leave do no harm to the others
            mass = self.stack.loss.weight(labels)
            total += costs * mass
            weight += mass
            self.costs = costs
            if high is not None:
                self._leave(high, self._watch.judged, number)
                total, weight = total[~high], weight[~high]
                order = order[:, ~high] if self._own_order else order
            self.updates += 1
            yield done
        self.costs = total / weight

    def _exploded(self, costs: Costs, examples: int) -> NDArray[np.bool_] | None:
        """Return which members have, (M,); None, to lose no time, if nobody."""
        high = self._watch.diverged(costs, examples)
        if not self.updates:  # a first batch may be hard; one that is not finite is no batch
            high = high & ~np.isfinite(costs)
        return None if high is self._watch.nobody or not high.any() else high

    def dismiss(self, leaving: NDArray[np.bool_]) -> None:
        """Let members (M,) leave the stack; when nobody would be left, it stays as it is."""
        kept = np.flatnonzero(~leaving).tolist()
        if kept and leaving.any():
            self.stack = self.stack.keep(kept)
            self._watch.keep(~leaving)
            self.costs = self.costs[~leaving]
            if self._own_order:
                self._training_feed.keep(kept)
        self.members = [self.members[k] for k in kept]

    def _leave(self, leaving: NDArray[np.bool_], costs: Costs, epoch: int) -> None:
        self.departures += [
            Departure(
                experiment=self.members[m], epoch=epoch, updates=self.updates, cost=float(costs[m])
            )
            for m in np.flatnonzero(leaving)
        ]
        self.dismiss(leaving)

    def close_epoch(self, number: int, *, last: bool) -> Figures:
        """Measure the members at an epoch's end; who does not have a cost any more leaves.

        After the last epoch no batch comes that would show what the last update did: the cost
        must be within its limit then.
        """
        figures = self.measure()
        costs = figures.loss + self.stack.penalty.costs()
        high = ~(costs <= (self.limits if last else np.finfo(np.float64).max))
        self._leave(high, costs, number)
        return Figures(figures.loss[~high], figures.accuracy[~high])

    def _measure_untrained(self) -> Figures:
        """Measure the members before the first update: those that begin as one network once.

        It is seen as the batches will see it: running averages mean nothing yet.
        """
        begins = [(e.seed, e.network, e.loss) for e in self.stack.experiments]
        distinct = list(dict.fromkeys(begins))
        if len(distinct) == len(begins):
            return self.measure(training=True)
        stack = self.stack.keep([begins.index(each) for each in distinct])
        figures = stack.evaluate(self._feed, self._sample, training=True)
        own = [distinct.index(each) for each in begins]
        return Figures(figures.loss[own], figures.accuracy[own])

    def _measure_starts(self, abort_ratio: float) -> list[Start]:
        figures, penalties = self._measure_untrained(), self.stack.penalty.costs()
        classes = self._dataset.classes
        shares = class_shares(self._dataset.train.labels[self._sample], classes)
        losses = [e.loss for e in self.stack.experiments]
        bounds = {each: (each.at_best_constant(shares), each.floor(shares)) for each in set(losses)}
        equal = np.array([loss.at_zero_scores(classes) for loss in losses])
        costs = figures.loss + penalties
        limits = cost_limits(costs, penalties, equal, abort_ratio)
        return [
            Start(
                loss=float(figures.loss[m]),
                cost=float(costs[m]),
                accuracy=float(figures.accuracy[m]),
                limit=float(limits[m]),
                constant=bounds[loss][0],
                floor=bounds[loss][1],
            )
            for m, loss in enumerate(losses)
        ]
