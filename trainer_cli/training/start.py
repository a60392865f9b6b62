"""Gives the members of a stack their initial weights, fitted to the data where that is asked for.

N examples, M members.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.calibration import calibrate, looks_at_data
from trainer_cli.nn.network import Network
from trainer_cli.nn.parameters import Parameters
from trainer_cli.nn.streams import stream

# The standard deviation of a unit's outputs on so many examples is known to some 5 %.
SAMPLE = 256


def initialize(
    network: Network, experiments: Sequence[Experiment], datasets: Sequence[Dataset]
) -> None:
    """Initialize every member from its own experiment's seed.

    A member whose initializers look at data is fitted alone, in float64 and on the same training
    examples whatever the batch size, so that it has the same numbers in any stack. Members that
    differ only in what comes later (a learning rate, say) are fitted once.
    """
    network.initialize([_streams(e) for e in experiments])
    fitted: dict[object, Parameters] = {}
    for m, (experiment, dataset) in enumerate(zip(experiments, datasets, strict=True)):
        if looks_at_data(experiment.network):
            kind = (experiment.seed, experiment.network, id(dataset))
            if kind not in fitted:
                fitted[kind] = _fitted(experiment, dataset)
            for own, found in zip(network.parameters.entries, fitted[kind].entries, strict=True):
                values = found.view(fitted[kind].values)
                own.view(network.parameters.values)[..., m, :] = values[..., 0, :]


def _streams(experiment: Experiment) -> list[np.random.Generator]:
    return [stream(experiment.seed, "init", i) for i in range(len(experiment.network))]


def _fitted(experiment: Experiment, dataset: Dataset) -> Parameters:
    """Return the initial parameters of one experiment, (..., 1, F), fitted to its data."""
    x = _sample(dataset)
    network = Network(
        [experiment.network], dataset.shape, capacity=len(x), dtype=np.dtype(np.float64)
    )
    network.initialize([_streams(experiment)])
    calibrate(network, x, stream(experiment.seed, "balance"))
    return network.parameters


def _sample(dataset: Dataset) -> NDArray[np.float64]:
    """Return training examples as the network gets them, but not augmented: (N, ..., 1, F)."""
    examples = dataset.train.select(dataset.train.evenly(SAMPLE))
    x, _ = Feed(examples, len(examples), dtype=np.float64).fill(np.arange(len(examples)))
    return x
