"""The points at which gradients are checked: the start, and a place that training has led to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf, isfinite, prod, sqrt

import numpy as np

from trainer_cli.checks.slopes import Subject
from trainer_cli.checks.surfaces import Gradients, LossSurface
from trainer_cli.checks.untrained import root_mean_square
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.layers.place import Array, Shape
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.network import Layers, parameter_shapes, shapes_through, smallest_batches
from trainer_cli.nn.regularization import strongest, without_own
from trainer_cli.nn.streams import stream
from trainer_cli.optim.optimizers import Sgd
from trainer_cli.training.stack import Stack, assemble

# N examples, M = 1 member, F features.
# Multiply-adds of one forward pass: with some 1,000 of them a check takes seconds.
WORK = 4_000_000
MOST_EXAMPLES, FEWEST_EXAMPLES = 20, 4
# Where no penalty is configured, this one is checked.
PENALTY = 1e-3
# Enough updates to leave zero weights and the kinks of the start behind.
UPDATES = 10
RATES, ENOUGH = tuple(10.0**-k for k in range(9)), 2
# Sums of products are exact to a few roundings of their largest terms.
NUDGED = 4.0
ROUNDINGS = 8 * float(np.finfo(np.float64).eps)
# What is kept beside the network: gradients three times over, values and scales of the parameters;
# and what every layer gets, with its gradients three times over.
COPIES, PASSES = 6, 4


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A stack in float64 that gives all gradients, and training examples to feed it with."""

    stack: Stack
    x: Array
    labels: Labels
    size: int

    @property
    def shape(self) -> Shape:
        """Shape of one example."""
        return self.stack.network.input_shape

    def surface(self, *, trained: bool) -> LossSurface:
        """Return the loss of the first examples; after training, that of fewer, other ones."""
        batch = slice(self.size, None) if trained else slice(0, self.size)
        return LossSurface(self.stack, self.x[batch], self.labels[batch])


def work(layers: Layers, input_shape: Shape) -> int:
    """Return about how many multiply-adds one example takes in a forward pass."""
    shapes = shapes_through(layers, input_shape)
    return sum(
        prod(parameter.shape) * prod(shapes[i + 1][:-1])
        for i, parameter in parameter_shapes(layers, input_shape)
    )


def batch_size(experiment: Experiment, dataset: Dataset) -> int:
    """Return the number of examples that gradients are checked on: few where one is costly."""
    affordable = WORK // max(1, work(experiment.network, dataset.shape))
    return min(max(FEWEST_EXAMPLES, min(MOST_EXAMPLES, affordable)), len(dataset.train))


def bench(experiment: Experiment, dataset: Dataset) -> Bench:
    """Build the network and draw two batches, the second of two thirds of the size.

    What augmentation does to them is done once.
    """
    size = batch_size(experiment, dataset)
    plain = replace(experiment, optimizer=Sgd(learning_rate=1.0))
    if not penalized(plain):
        plain = replace(plain, regularization=replace(plain.regularization, l2=PENALTY))
    if not penalized(plain):  # every layer is exempt
        plain = replace(plain, network=without_own(plain.network))
    stack = assemble([plain], dataset, capacity=size, dtype=np.float64, input_gradient=True)
    order = stream(experiment.seed, "check-grad", "examples").permutation(len(dataset.train))
    fewer = max(2 * size // 3, *smallest_batches(experiment.network, dataset.shape))
    second = order[size : size + fewer] if len(order) >= size + fewer else order[:fewer]
    chosen = np.concatenate([order[:size], second])
    feed = Feed(dataset.train, len(chosen), dtype=np.float64, augment=experiment.data.augment)
    feed.restart([experiment.seed], 0)
    x, labels = feed.fill(chosen)
    return Bench(stack=stack, x=x.copy(), labels=labels.copy(), size=size)


def penalized(experiment: Experiment) -> bool:
    """Return whether the experiment has a penalty, on all layers or on one."""
    held = strongest(experiment.regularization, experiment.network)
    return bool(held.l1 or held.l2)


def train(bench: Bench) -> None:
    """Make 10 updates of plain gradient descent, at the rate that ends at the lowest cost.

    A rate that merely lowers the cost may do so by silencing all units, after which most
    gradients are zero. Two rates in a row that do worse than a higher one end the search.
    """
    stack, stored = bench.stack, bench.stack.network.parameters.stored
    start, best, lowest = stored.copy(), stored.copy(), inf
    original, worse = _cost(bench), 0
    for rate in RATES:
        stored[:] = start
        cost = _cost(bench)
        for _ in range(UPDATES):
            stack.step(rate)
            cost = _cost(bench)
        if cost < lowest and np.isfinite(stored).all():
            np.copyto(best, stored)
            lowest, worse = cost, 0
        worse += cost > lowest < original
        if worse == ENOUGH:
            break
    stored[:] = best


def _cost(bench: Bench) -> float:
    bench.stack.restart_noise(0)
    return float(bench.stack.forward(bench.x[: bench.size].copy(), bench.labels[: bench.size])[0])


def subjects(stack: Stack, surface: LossSurface, gradients: Gradients) -> Iterator[Subject]:
    """Yield every parameter and the input, with the gradient that backward gives."""
    parameters, again = stack.network.parameters, gradients.again
    for entry in parameters.entries:
        values, gradient = parameters.values[entry.region], gradients.parameters[entry.region]
        nudged = again.parameters[entry.region] if again and gradients.repeats else gradient
        # Weights of this size make outputs as large as the inputs.
        natural = 1 / sqrt(prod(entry.shape[:-2]))
        yield Subject(
            name=entry.name,
            shape=entry.shape,
            first=entry.layer,
            flat=values,
            gradient=gradient,
            # Not the size of the others: a step over both bends of a function sees neither.
            scale=np.maximum(np.abs(values), natural),
            doubt=_doubt(gradient, nudged),
        )
    yield input_subject(surface, gradients, 0)


def input_subject(surface: LossSurface, gradients: Gradients, layer: int) -> Subject:
    """Return what a layer gets; after the last layer, the scores."""
    x, gradient = surface.inputs[layer], gradients.inputs[layer].reshape(-1)
    flat, again = x.reshape(-1), gradients.again
    nudged = again.inputs[layer].reshape(-1) if again and gradients.repeats else gradient
    return Subject(
        name="input" if layer == 0 else f"input of network[{layer}]",
        shape=x.shape,
        first=layer,
        flat=flat,
        gradient=gradient,
        scale=np.maximum(np.abs(flat), root_mean_square(flat) or 1.0),
        doubt=_doubt(gradient, nudged),
    )


def penalty_subjects(stack: Stack, gradient: Array) -> Iterator[Subject]:
    """Yield every parameter with what the penalty adds to its gradient."""
    parameters = stack.network.parameters
    for entry in parameters.entries:
        values, added = parameters.values[entry.region], gradient[entry.region]
        doubt = _doubt(parameters.gradients[entry.region]) + _doubt(added)
        yield Subject(
            name=entry.name,
            shape=entry.shape,
            first=0,
            flat=values,
            gradient=added,
            # No step changes a sign, where l1 has its kink; a zero has no sign to change.
            scale=np.where(values == 0, root_mean_square(values) or 1.0, np.abs(values)),
            doubt=doubt,
        )


def _doubt(gradient: Array, nudged: Array | None = None) -> float:
    """Return how far rounding may put a gradient off: by its size, and by what a nudge does.

    Where a layer turns rounding into a gradient (a batch normalization of what hardly varies),
    only the nudge tells.
    """
    doubt = ROUNDINGS * _largest(gradient)
    if nudged is not None:
        doubt += NUDGED * _largest(nudged - gradient)
    return doubt


def _largest(values: Array) -> float:
    """Return the largest magnitude of the finite values."""
    largest = float(np.abs(values).max(initial=0.0))
    return largest if isfinite(largest) else _largest(values[np.isfinite(values)])
