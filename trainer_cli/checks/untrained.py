"""An untrained network on a sample of the training data: what several checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.layers import Dense
from trainer_cli.training.stack import Stack, assemble

# N examples, C classes.
# The loss of a thousand examples is known to a few percent of its own spread, and a forward
# pass over them is instant.
SAMPLE = 1000


@dataclass(frozen=True, kw_only=True)
class Untrained:
    """A freshly initialized stack of one member, and training examples to look at."""

    stack: Stack
    feed: Feed
    sample: NDArray[np.intp]

    def loss(self) -> float:
        """Return the mean loss over the sample, without penalty."""
        return float(self.stack.evaluate(self.feed, self.sample).loss[0])


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far apart things are at the start.

    `scores` is the standard deviation of the scores about each example's mean; `inputs` the root
    mean square of the preprocessed inputs; `gains` gives, for every dense layer, the standard
    deviation of its weights times √fan_in, by which it multiplies the size of a signal: 1 for
    xavier, 1.4 for he.
    """

    scores: float
    inputs: float
    gains: dict[str, float]


def untrained(experiment: Experiment, dataset: Dataset, dtype: Any = None) -> Untrained:
    """Build the experiment's network as training would, and draw an even sample of the data."""
    sample = dataset.train.evenly(SAMPLE)
    stack = assemble(
        [experiment], dataset.shape, dataset.classes, capacity=len(sample), dtype=dtype
    )
    feed = Feed(dataset.train, len(sample), dtype=stack.network.parameters.values.dtype)
    return Untrained(stack=stack, feed=feed, sample=sample)


def output_layer(experiment: Experiment) -> int:
    """Return the index of the layer that gives the scores: the last dense one."""
    return max(i for i, layer in enumerate(experiment.network) if isinstance(layer, Dense))


def spread(network: Untrained) -> Spread:
    """Measure the spread of scores, inputs and weights."""
    x, _ = network.feed.fill(network.sample)
    inputs = float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))
    scores = network.stack.network.forward(x, training=False).astype(np.float64)  # (N, 1, C)
    centred = scores - scores.mean(axis=-1, keepdims=True)
    gains = {}
    for entry in network.stack.network.parameters.entries:
        if entry.penalized:
            weights = entry.view(network.stack.network.parameters.values)
            fan_in = prod(entry.shape[:-2])
            largest = float(np.abs(weights).max()) or 1.0  # the square of 1e200 would overflow
            std = largest * float((weights / largest).std(dtype=np.float64))
            gains[entry.name] = (std if isfinite(std) else inf) * sqrt(fan_in)
    return Spread(scores=float(centred.std()), inputs=inputs, gains=gains)
