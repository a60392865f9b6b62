"""An untrained network on a sample of the training data: what several checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import Stack, assemble

# N examples, C classes.
# The loss of a thousand examples is known to a few percent of its own spread, and a forward
# pass over them is instant.
SAMPLE = 1000
# Scores that are looked at with each class as the right one, so that it takes tens of
# milliseconds: 1,000 examples of up to 100 classes, 10 of 1,000.
WORK = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Untrained:
    """A freshly initialized stack of one member, and training examples to look at.

    It is looked at as training would see it, but for the noise: batch normalization goes by the
    sample, because its running averages mean nothing yet, and dropout is off.
    """

    stack: Stack
    feed: Feed
    sample: NDArray[np.intp]

    def loss(self) -> float:
        """Return the mean loss over the sample, without penalty."""
        return float(self.stack.evaluate(self.feed, self.sample, training=True).loss[0])

    def fair_loss(self) -> float:
        """Return the mean loss if each class in turn were the right one for all examples.

        What the labels happen to be, and how much their classes weigh, plays no part in it. As
        every loss is convex in the scores, it is nowhere below the loss of equal scores: Jensen's
        inequality.
        """
        x, _ = self.feed.fill(self.sample)
        scores = self.stack.network.forward(x, training=True)  # (N, 1, C)
        classes = scores.shape[-1]
        scores = scores[:: 1 + len(scores) * classes**2 // WORK]
        means = [
            self.stack.loss.forward(scores, np.full((len(scores), 1), c)).mean(dtype=np.float64)
            for c in range(classes)
        ]
        return float(np.mean(means))

    def scores(self) -> NDArray[np.float64]:
        """Return the scores of the sample, (N, C)."""
        x, _ = self.feed.fill(self.sample)
        return self.stack.network.forward(x, training=True)[:, 0].astype(np.float64)

    @property
    def output_layer(self) -> int | None:
        """The index of the layer that gives the scores: the last one with weights, if any has."""
        entries = self.stack.network.parameters.entries
        return max((entry.layer for entry in entries if entry.role == "weight"), default=None)


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far apart things are at the start.

    `scores` is the standard deviation of the scores about each example's mean; `inputs` the root
    mean square of the preprocessed inputs; `gains` gives, for every layer with weights, the root
    mean square of its weights times √fan_in, by which it multiplies the size of a signal: 1 for
    xavier, 1.4 for he. `biases` gives the root mean square of those below the output layer, whose
    own are alike. `normalized` says that batch normalization undoes the scale of the inputs and of
    the layers before it, which are then in neither.
    """

    scores: float
    inputs: float
    gains: dict[str, float]
    biases: dict[str, float]
    normalized: bool


def untrained(experiment: Experiment, dataset: Dataset, dtype: Any = None) -> Untrained:
    """Build the experiment's network as training would, and draw an even sample of the data.

    Dropout, augmentation and label smoothing are off.
    """
    sample = dataset.train.evenly(SAMPLE)
    stack = assemble([without_noise(experiment)], dataset, capacity=len(sample), dtype=dtype)
    feed = Feed(dataset.train, len(sample), dtype=stack.network.parameters.values.dtype)
    return Untrained(stack=stack, feed=feed, sample=sample)


def spread(network: Untrained) -> Spread:
    """Measure the spread of scores, inputs and weights."""
    x, _ = network.feed.fill(network.sample)
    inputs = root_mean_square(x)
    scores = network.scores()
    std = float((scores - scores.mean(axis=-1, keepdims=True)).std())
    parameters = network.stack.network.parameters
    # Only normalization keeps statistics. It undoes any scale, but not an overflow.
    last = max((entry.layer for entry in parameters.statistics), default=-1)
    last = last if isfinite(std) else -1
    gains, biases = {}, {}
    for entry in parameters.entries:
        values = entry.view(parameters.values)  # (..., M, F)
        if entry.layer > last and entry.role == "weight":
            # Every axis before the members is summed over.
            gains[entry.name] = root_mean_square(values) * sqrt(prod(values.shape[:-2]))
        elif last < entry.layer != network.output_layer and entry.name.endswith(".biases"):
            biases[entry.name] = root_mean_square(values)
    return Spread(scores=std, inputs=inputs, gains=gains, biases=biases, normalized=last >= 0)


def root_mean_square(values: Array) -> float:
    """Return √(mean of squares), infinite where a value is not finite."""
    largest = float(np.abs(values).max(initial=0.0)) or 1.0  # the square of 1e200 would overflow
    size = largest * float(np.sqrt(np.mean(np.square(values / largest, dtype=np.float64))))
    return size if isfinite(size) else inf
