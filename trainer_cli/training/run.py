"""A training run as it stands: its members, what they went through, and their best networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.course import Course
from trainer_cli.training.history import Epoch, History, Setting, Stopped
from trainer_cli.training.member import Member
from trainer_cli.training.monitor import Monitor, usual_interval
from trainer_cli.training.networks import Networks
from trainer_cli.training.recorder import Block, Keeper, Nobody, Recorder
from trainer_cli.training.trace import Trace

# M members.


class Run:
    """A run of one member or several, which differ in their seeds or in their data.

    course   those that are still being trained, as a stack
    members  all of them
    epoch    the last epoch that was completed
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        dataset: Dataset | Sequence[Dataset],
        recorder: Recorder | None = None,
        keeper: Keeper | None = None,
        *,
        batches_per_epoch: int | None = None,
    ) -> None:
        """Build and measure the untrained networks; `batches_per_epoch` cuts every epoch short."""
        datasets = [dataset] * len(experiments) if isinstance(dataset, Dataset) else dataset
        self.experiments = experiments
        self.recorder: Recorder = recorder or Nobody()
        self.keeper: Keeper = keeper or Nobody()
        self.course = Course(experiments, dataset, batches_per_epoch=batches_per_epoch)
        stack = self.course.stack
        parameters = stack.network.parameters.values.size // stack.members
        planned = experiments[0].training.epochs * self.course.steps_per_epoch
        self.monitor = Monitor(experiments, datasets, usual_interval(parameters, planned))
        self.members = [
            Member(m, self._setting(datasets[m]), start)
            for m, start in enumerate(self.course.starts)
        ]
        self.epoch = 0
        self.rate = experiments[0].optimizer.learning_rate
        self.trace = Trace(self.course, self.rate, 0, self._take)
        network = self.course.stack.network
        self._layout = (network.keep([0]) if len(experiments) > 1 else network).parameters

    def _setting(self, dataset: Dataset) -> Setting:
        training, validation = self.experiments[0].training, dataset.validation
        stopping = training.early_stopping
        return Setting(
            classes=dataset.classes,
            examples=len(dataset.train),
            validation_examples=len(validation),
            majority=float(np.bincount(validation.labels).max() / len(validation)),
            batch_size=training.batch_size,
            steps_per_epoch=self.course.steps_per_epoch,
            epochs=training.epochs,
            best_by="validation_accuracy" if stopping is None else stopping.on,
        )

    def begin(self) -> None:
        """Look at the untrained networks, and for those that cannot be trained at all."""
        for member in self.members:
            self.recorder.start(member.number, member.setting, member.start)
        self.look()
        self.look_for_departures()

    def look(self) -> None:
        """Look at the layers of every member in the stack."""
        for m, number in enumerate(self.course.members):
            look = self.monitor.look(self.course.stack, m, number, self.course.updates, self.epoch)
            self.members[number].looks.append(look)
            self.recorder.look(number, look)

    def look_for_departures(self) -> None:
        """Note who has left because its cost exploded."""
        for left in self.course.departures:
            if self.members[left.experiment].stopped is None:
                self.stop(left.experiment, "diverged", left.epoch, left.cost, left.updates)

    def stop(
        self, number: int, reason: Stopped, epoch: int, cost: float, updates: int | None = None
    ) -> None:
        """Note why a member's training ended."""
        member = self.members[number]
        member.stopped, member.last_cost = reason, cost
        updates = self.course.updates if updates is None else updates
        self.recorder.stopped(number, reason, epoch, updates, cost)

    def leave_early(self, leaving: Sequence[int]) -> None:
        """Let members leave that no longer get better, with the parameters of their best epoch."""
        for number in leaving:
            member = self.members[number]
            member.final = member.best
            self.stop(number, "early-stopping", self.epoch, member.epochs[-1].cost)
        self.course.dismiss(np.array([n in leaving for n in self.course.members]))

    def take_epoch(self, number: int, epoch: Epoch) -> bool:
        """Note a member's epoch, and keep its parameters if it is the best so far."""
        member = self.members[number]
        self.recorder.epoch(number, epoch)
        best = member.add_epoch(epoch)
        if best:
            member.best = self._flat(self.course.members.index(number), member.best)
        return best

    def _take(self, block: Block) -> None:
        for m, number in enumerate(block.members):
            self.members[number].add_updates(block.losses[:, m], block.penalties[:, m], block.rates)
        self.recorder.updates(block)

    def histories(self) -> tuple[History, ...]:
        """Return what the members have gone through so far."""
        return tuple(member.history() for member in self.members)

    def now(self) -> Networks:
        """Return the networks of the stack as they are."""
        return self._networks({n: self._flat(m) for m, n in enumerate(self.course.stacked)})

    def final(self) -> Networks:
        """Return where each member ended; where all exploded, those that were the last to do so."""
        left = {each.number: each.final for each in self.members if each.final is not None}
        if left and not self.course.members:
            return self._networks(left)
        return self._networks({**self.now().flats, **left})

    def best(self) -> Networks | None:
        """Return each member at its best epoch, None where there is no epoch."""
        flats = {each.number: each.best for each in self.members if each.best is not None}
        return self._networks(flats) if flats else None

    def _networks(self, flats: Mapping[int, Array]) -> Networks:
        ordered = {number: flats[number] for number in sorted(flats)}
        return Networks(layout=self._layout, flats=ordered, of_one=len(self.members) == 1)

    def _flat(self, m: int, out: Array | None = None) -> Array:
        """Return the parameters and running averages of member m of the stack, copied."""
        parameters = self.course.stack.network.parameters
        out = np.empty_like(self._layout.stored) if out is None else out
        self._layout.take_members(out, parameters, parameters.stored, [m])
        return out

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return all that goes on from here needs, histories aside: arrays, and JSON."""
        arrays, state = self.course.state()
        arrays = {f"course/{name}": array for name, array in arrays.items()}
        for member in self.members:
            if member.best is not None:
                arrays[f"best/{member.number}"] = member.best
        return arrays, {"epoch": self.epoch, "course": state}

    def restore(
        self,
        arrays: Mapping[str, Array],
        state: Mapping[str, Any],
        histories: Sequence[History],
    ) -> None:
        """Go on where `state` was taken, with what the members had gone through by then."""
        own = {n.removeprefix("course/"): a for n, a in arrays.items() if n.startswith("course/")}
        self.course.restore(own, state["course"])
        self.epoch = state["epoch"]
        for member, history in zip(self.members, histories, strict=True):
            member.go_on(history)
            best = arrays.get(f"best/{member.number}")
            member.best = None if best is None else np.array(best)
            if member.stopped == "early-stopping":
                member.final = member.best
        self.trace = Trace(self.course, self.rate, self.course.updates, self._take)
