"""Looks inside a network while it is trained: how its parameters move, and what its layers do.

A look reads parameters and runs examples through a network of its own: it changes no number of the
training that it looks at.

N examples, M members, F features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.network import Network
from trainer_cli.optim.optimizers import Sgd
from trainer_cli.training.history import Look, ParameterLook, Spread
from trainer_cli.training.layer_statistics import LayerStatistics, layer_statistics
from trainer_cli.training.memory import LOOKED_AT
from trainer_cli.training.moments import Block, in_blocks, moments_of
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import Stack

# A run is looked at so often at least, as far as it has epochs: a curve needs points.
LOOKS = 5
# In a long run so many updates lie between two looks: a look takes as long as some 20 updates of a
# network of 5,000 parameters, and 5 to 8 of one thirty times as large.
FEWEST, MOST = 300, 1000
PARAMETER_UPDATES = 5_000_000


def usual_interval(parameters: int, updates: int) -> int:
    """Return the updates between looks at a network of so many parameters, planned for `updates`.

    >>> usual_interval(3_760, 800), usual_interval(3_760, 40_000), usual_interval(154_160, 40_000)
    (160, 1000, 300)
    """
    lasting = min(max(PARAMETER_UPDATES // parameters, FEWEST), MOST)
    return min(lasting, max(updates // LOOKS, 1))


class Monitor:
    """Looks at the members of a run, at the end of epochs.

    The first look is at the untrained network, the last at the end of the last epoch.
    """

    def __init__(
        self, experiments: Sequence[Experiment], datasets: Sequence[Dataset], usual: int
    ) -> None:
        """Between two looks lie `usual` updates, unless the experiment says how many."""
        self._every = experiments[0].training.monitor_every or usual
        self._experiments = [_to_look_with(experiment) for experiment in experiments]
        self._datasets = datasets
        self._before: Array | None = None
        self._lookers: dict[object, Stack] = {}
        self._feeds: dict[int, Feed] = {}

    def due(self, since: int, *, last: bool) -> bool:
        """Return whether to look at an epoch's end, so many updates after the last look."""
        return last or since >= self._every

    def before_update(self, stack: Stack) -> None:
        """Remember the parameters: the next update is the one that is looked at."""
        values = stack.network.parameters.values
        if self._before is None or self._before.shape != values.shape:
            self._before = np.empty_like(values)
        np.copyto(self._before, values)

    def look(self, stack: Stack, m: int, member: int, update: int, epoch: int) -> Look:
        """Look at member m of a stack, the run's member `member`, after so many updates."""
        parameters = stack.network.parameters
        before = self._before if update and self._fits(stack) else None
        return Look(
            update=update,
            epoch=epoch,
            parameters=tuple(
                _parameter(
                    entry.name,
                    entry.view(parameters.values)[..., m, :],
                    None if before is None else entry.view(before)[..., m, :],
                )
                for entry in parameters.entries
            ),
            layers=tuple(self._layers(stack, m, member)),
        )

    def _fits(self, stack: Stack) -> bool:
        """Return whether nobody has left the stack since before the update."""
        return (
            self._before is not None and self._before.shape == stack.network.parameters.values.shape
        )

    def _layers(self, stack: Stack, m: int, member: int) -> list[LayerStatistics]:
        looker, feed = self._looker(member, stack.dtype), self._feed(member, stack.dtype)
        own, all_of_them = looker.network.parameters, stack.network.parameters
        own.take_members(own.stored, all_of_them, all_of_them.stored, [m])
        return layer_statistics(looker, *feed.fill(np.arange(len(feed.examples))))

    def _looker(self, member: int, dtype: np.dtype[np.floating]) -> Stack:
        """Return a network to look with; members that differ in their data alone share it."""
        experiment, dataset = self._experiments[member], self._datasets[member]
        kind = (experiment.network, experiment.loss)
        if kind not in self._lookers:
            network = Network([experiment.network], dataset.shape, capacity=LOOKED_AT, dtype=dtype)
            self._lookers[kind] = Stack([experiment], network, dataset.classes)
        return self._lookers[kind]

    def _feed(self, member: int, dtype: np.dtype[np.floating]) -> Feed:
        """Return the examples that a member is looked at with; members of one data set share it."""
        dataset = self._datasets[member]
        if id(dataset) not in self._feeds:
            examples = dataset.train.select(dataset.train.evenly(LOOKED_AT))
            self._feeds[id(dataset)] = Feed(examples, len(examples), dtype=dtype)
        return self._feeds[id(dataset)]


def _to_look_with(experiment: Experiment) -> Experiment:
    """Return an experiment without noise, and without what an optimizer would keep."""
    return replace(without_noise(experiment), optimizer=Sgd())


def _parameter(name: str, values: Array, before: Array | None) -> ParameterLook:
    spread = Spread(**moments_of(in_blocks(values))._asdict())
    if before is None:
        return ParameterLook(parameter=name, values=spread, updates=None, ratio=None)
    updates = moments_of(_differences(values, before))
    norm = moments_of(in_blocks(before)).norm
    return ParameterLook(
        parameter=name,
        values=spread,
        updates=Spread(**updates._asdict()),
        ratio=updates.norm / norm if norm > 0 else None,
    )


def _differences(values: Array, before: Array) -> Iterator[Block]:
    for new, old in zip(in_blocks(values), in_blocks(before), strict=True):
        new -= old
        yield new
