"""M experiments on their way through training side by side, batch by batch; who explodes leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import ABORT_RATIO, Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.network import smallest_batches
from trainer_cli.nn.order import pooled_first
from trainer_cli.nn.parameters import PerMember, per_member
from trainer_cli.training.divergence import DivergenceWatch
from trainer_cli.training.material import Material, OwnMaterial, SharedMaterial, capacity
from trainer_cli.training.pace import factor
from trainer_cli.training.stack import Costs, Figures, assemble
from trainer_cli.training.starts import measure_starts

# M members.


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
    """Trains experiments of one shape as a stack.

    Experiments with the same seed see the same examples in the same order; with different seeds
    each has the order that it has alone. With a data set for each, every one is trained and
    measured on its own.

    members     the experiments that are still in the stack, by their number, in its order
    starts      each experiment's untrained network
    departures  the experiments that have left because their cost exploded
    stacked     those whose parameters the stack holds: the members, or who was there last
    costs       (M,) mean costs of the last epoch's batches, of those still there; within an epoch
                those of the last batch, which `losses` and `penalties` add up to
    factor      share of the learning rate at which the last update went
    updates     number of updates so far
    done        number of those in the current epoch
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        dataset: Dataset | Sequence[Dataset],
        *,
        abort_ratio: float = ABORT_RATIO,
        batches_per_epoch: int | None = None,
    ) -> None:
        """Build and measure the untrained stack; `batches_per_epoch` cuts every epoch short."""
        first = experiments[0]
        datasets = [dataset] if isinstance(dataset, Dataset) else dataset
        n = min(len(each.train) for each in datasets)
        self._one_schedule = all(e.schedule == first.schedule for e in experiments)
        self._batch = min(first.training.batch_size, n)
        own_order = len({e.seed for e in experiments}) > 1
        shared = isinstance(dataset, Dataset) and not own_order
        self.stack = assemble(
            [replace(e, network=pooled_first(e.network)) for e in experiments],
            dataset,
            capacity=capacity(first.training.batch_size, n),
            shared_input=shared,
        )
        self._material: Material
        if isinstance(dataset, Dataset):
            members = len(experiments)
            self._material = SharedMaterial(
                dataset, self.stack, self._batch, members, own_order=own_order
            )
        else:
            self._material = OwnMaterial(dataset, self.stack, self._batch)
        # What is left of an epoch may be too little for batch normalization: it is left out, other
        # examples in every epoch.
        ends = n - max(smallest_batches(first.network, datasets[0].shape)) + 1
        self._batches = range(0, ends, self._batch)[:batches_per_epoch]
        self._examples = n
        self._epoch, self.done = 0, 0
        self.factor: PerMember = 1.0
        self._total: Costs = np.zeros(len(experiments))
        self._weight: Costs = np.zeros(len(experiments))
        self.members = list(range(len(experiments)))
        self.stacked = self.members
        self.departures: list[Departure] = []
        self.updates = 0
        self.starts = measure_starts(self.stack, self._material, datasets[0].classes, abort_ratio)
        self._watch = DivergenceWatch(np.array([start.limit for start in self.starts]))
        self.costs: Costs = np.array([start.cost for start in self.starts])
        self.losses: Costs = np.array([start.loss for start in self.starts])
        self.penalties: Costs = self.costs - self.losses
        self._leave(~np.isfinite(self.costs), self.costs, epoch=1)  # cannot be trained away

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in an epoch."""
        return len(self._batches)

    @property
    def limits(self) -> Costs:
        """The costs that no member may exceed, (M,)."""
        return self._watch.limits

    def measure(self) -> Figures:
        """Measure the members on up to 2,000 training examples."""
        return self._material.measure(self.stack)

    def validate(self) -> Figures:
        """Measure the members on what they are validated on."""
        return self._material.validate(self.stack)

    def factor_of(self, update: int) -> PerMember:
        """Return the share of the learning rate at which an update goes, counted from 0."""
        experiments = self.stack.experiments
        if self._one_schedule:
            return factor(experiments[0], len(self._batches), update)
        return per_member([factor(e, len(self._batches), update) for e in experiments])

    def epoch(self, number: int) -> Iterator[int]:
        """Train an epoch, counted from 1: yields the number of its updates after each of them.

        A member whose cost has exploded leaves with that batch. Ends when nobody is left. An epoch
        that `restore` has begun goes on.
        """
        if number != self._epoch:
            self._begin(number)
        for done in range(self.done, len(self._batches) if self.members else 0):
            begin = self._batches[done]
            x, labels = self._material.fill(begin, min(begin + self._batch, self._examples))
            costs = self.stack.forward(x, labels)
            high = self._exploded(costs, len(x))
            if high is not None and high.all():
                self._leave(high, self._watch.judged, number)
                return
            self.factor = self.factor_of(self.updates)
            self.stack.step(self.factor)  # those who leave do no harm to the others
            mass = self.stack.loss.weight(labels)
            self._total += costs * mass
            self._weight += mass
            self.costs = costs
            self.losses, self.penalties = self.stack.losses, self.stack.penalties
            if high is not None:
                self._leave(high, self._watch.judged, number)
            self.updates += 1
            self.done = done + 1
            yield self.done
        self.costs = self._total / self._weight

    def _begin(self, number: int) -> None:
        self._epoch, self.done = number, 0
        self._total, self._weight = np.zeros((2, len(self.members)))
        self.stack.restart_noise(number)
        self._material.begin([e.seed for e in self.stack.experiments], number)

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
            self.losses, self.penalties = self.losses[~leaving], self.penalties[~leaving]
            self._total, self._weight = self._total[~leaving], self._weight[~leaving]
            self._material.keep(kept)
            self.stacked = [self.stacked[k] for k in kept]
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

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return all that goes on from here needs: flat arrays by name, and what JSON can hold."""
        arrays = {"parameters": self.stack.network.parameters.stored, **self.stack.rule.state}
        return arrays, {
            "members": self.members,
            "stacked": self.stacked,
            "departures": [asdict(departure) for departure in self.departures],
            "updates": self.updates,
            "epoch": self._epoch,
            "batches": self.done,
            "total": self._total.tolist(),
            "weight": self._weight.tolist(),
            "watch": self._watch.state(),
            "noise": self.stack.network.noise_state(),
            "augment": self._material.state(),
        }

    def restore(self, arrays: dict[str, Array], state: dict[str, Any]) -> None:
        """Go on where `state` was taken, in a course of the same experiments and data."""
        self.dismiss(np.array([member not in state["stacked"] for member in self.stacked]))
        self.members = state["members"]
        parameters = self.stack.network.parameters
        for name, flat in {"parameters": parameters.stored, **self.stack.rule.state}.items():
            flat[:] = arrays[name]
        self.departures = [Departure(**departure) for departure in state["departures"]]
        self.updates = self.stack.rule.updates = state["updates"]
        if state["epoch"]:
            self._begin(state["epoch"])
            self.done = state["batches"]
            self._total, self._weight = np.array(state["total"]), np.array(state["weight"])
            self.stack.network.restore_noise(state["noise"])
            self._material.restore(state["augment"])
        self._watch.restore(state["watch"])
