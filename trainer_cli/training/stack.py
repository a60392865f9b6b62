"""M experiments of one shape at work as one stack: network, loss, penalty and update rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed, SideBySide
from trainer_cli.nn.layers.dense import DenseAtWork
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.network import Network
from trainer_cli.nn.parameters import Part, PerMember, per_member
from trainer_cli.nn.pieces import Pieces, in_pieces
from trainer_cli.optim.optimizers.rule import UpdateRule
from trainer_cli.training.start import initialize

# N examples of a batch, M members, F features, C classes.
Costs = NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """What an evaluation measured: the mean loss without penalty and the accuracy, each (M,)."""

    loss: Costs
    accuracy: Costs


def assemble(
    experiments: Sequence[Experiment],
    dataset: Dataset | Sequence[Dataset],
    *,
    capacity: int,
    dtype: Any = None,
    shared_input: bool = True,
    input_gradient: bool = False,
) -> Stack:
    """Build and initialize a stack with one member for each experiment.

    The experiments may differ in any setting that leaves shapes alone, but not in the kinds of
    their parts. Every member starts from its own experiment's seed, so that it has the same numbers
    in any stack as alone. `dataset` may be one for each member. `capacity` is the largest batch;
    with `shared_input` all members see the same one.
    """
    datasets = [dataset] * len(experiments) if isinstance(dataset, Dataset) else dataset
    network = Network(
        [e.network for e in experiments],
        datasets[0].shape,
        capacity=capacity,
        dtype=np.dtype(dtype or experiments[0].training.precision),
        shared_input=shared_input,
        input_gradient=input_gradient,
    )
    initialize(network, experiments, datasets)
    stack = Stack(experiments, network, datasets[0].classes)
    stack.restart_noise(0)
    return stack


class Stack:
    """M members at work: one network, with the loss, penalty and update rule of each experiment."""

    def __init__(self, experiments: Sequence[Experiment], network: Network, classes: int) -> None:
        kinds = {(type(e.loss), type(e.optimizer), e.training.precision) for e in experiments}
        if len(kinds) > 1:
            raise ValueError("the members of a stack have the same loss, optimizer and precision")
        if not network.parameters.values.size:
            raise ValueError("a network without parameters has nothing to learn")
        self.experiments = experiments
        self.network = network
        self._classes = classes
        first, parameters = experiments[0], network.parameters
        self.loss = type(first.loss).bind(
            [e.loss for e in experiments],  # type: ignore[misc]
            network.capacity,
            classes,
            parameters.values.dtype,
        )
        regularizations = [e.regularization for e in experiments]
        networks = [e.network for e in experiments]
        self.penalty = type(first.regularization).bind(regularizations, networks, parameters)
        self.bounds = type(first.regularization).bind_bounds(regularizations, networks, parameters)
        self.rule: UpdateRule = type(first.optimizer).bind(
            [e.optimizer for e in experiments],  # type: ignore[misc]
            parameters,
        )
        self._pieces = None if self.rule.clips else in_pieces(network)
        parts = () if self._pieces is None else self._pieces.parts
        self._penalties = [self.penalty.on(part) for part in parts]
        self._rates = np.array([e.optimizer.learning_rate for e in experiments], np.float64)
        self._factor: PerMember = 1.0
        self._rate = per_member(self._rates.tolist())
        self._scores: Array = np.empty(0)  # replaced by every forward, as the next two are
        self.losses: Costs = np.zeros(self.members)
        self.penalties: Costs = np.zeros(self.members)

    @property
    def members(self) -> int:
        """Number of members M."""
        return self.network.members

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers that are trained with."""
        return self.network.parameters.values.dtype

    def restart_noise(self, epoch: int) -> None:
        """Let every layer that draws while training draw the numbers of this epoch."""
        self.network.restart_noise([e.seed for e in self.experiments], "noise", epoch)

    def forward(self, x: Array, labels: Labels) -> Costs:
        """Return the costs of a batch, loss and penalty, (M,); step() may follow."""
        self._scores = self.network.forward(x, training=True)
        losses = self.loss.forward(self._scores, labels)  # (N, M)
        total: Costs = np.add.reduce(losses, axis=0, dtype=np.float64)
        self.losses, self.penalties = total / len(losses), self.penalty.costs()
        return self.losses + self.penalties

    def step(self, factor: PerMember = 1.0) -> None:
        """Learn from the batch of the last forward(), at `factor` times every member's rate."""
        if isinstance(factor, np.ndarray) or factor != self._factor:
            self._factor, self._rate = factor, per_member((self._rates * factor).tolist())
        scale, rate = (self._rate, 1.0) if self.rule.linear else (1.0, self._rate)
        if self._pieces is None:
            self._backward(scale)
            self.rule.update(rate)
        else:
            self.rule.update(rate, self._backward_in_pieces(self._pieces, scale))
        self.bounds.project()

    def gradients(self, x: Array, labels: Labels) -> Costs:
        """Fill all gradients for a batch; return its costs, loss and penalty, (M,)."""
        costs = self.forward(x, labels)
        self._backward(1.0)
        return costs

    def _backward(self, scale: PerMember) -> None:
        self.network.backward(self.loss.backward(self._scores, scale))
        self.penalty.add_gradient(scale)

    def _backward_in_pieces(self, pieces: Pieces, scale: PerMember) -> Iterator[Part]:
        parts = pieces.backward(self.loss.backward(self._scores, scale))
        for part, penalty in zip(parts, self._penalties, strict=True):
            penalty.add_gradient(scale)
            yield part

    def evaluate(
        self, feed: Feed | SideBySide, indices: NDArray[np.intp], *, training: bool = False
    ) -> Figures:
        """Return loss and accuracy over the examples `indices` of a split.

        With `training` every layer does what it does in training (batch normalization goes by the
        batch, dropout is on), but the running averages stay as they are.
        """
        loss, weight, correct = np.zeros((3, self.members))
        running = self.network.parameters.running
        before = running.copy()
        for start in range(0, len(indices), self.network.capacity):
            x, labels = feed.fill(indices[start : start + self.network.capacity])
            if not self.network.shared_input and x.shape[-2] < self.members:
                x = self._for_every_member(x)
            scores = self.network.forward(x, training)  # (N, M, C)
            losses = self.loss.forward(scores, labels)  # (N, M), with the batch's loss as mean
            batch = self.loss.weight(labels)
            loss += losses.mean(axis=0, dtype=np.float64) * batch
            weight += batch
            correct += _right(scores, labels).sum(axis=0)
        np.copyto(running, before)
        return Figures(loss / weight, correct / len(indices))

    def _for_every_member(self, x: Array) -> Array:
        """Return (N, ..., 1, F) as (N, ..., M, F): without a copy where nobody writes to it."""
        if isinstance(self.network.layers[0], DenseAtWork):
            return np.broadcast_to(x, (*x.shape[:-2], self.members, x.shape[-1]))
        return np.repeat(x, self.members, axis=-2)

    def keep(self, kept: Sequence[int]) -> Stack:
        """Return a stack of the members `kept` alone, with their parameters and state."""
        experiments = [self.experiments[m] for m in kept]
        smaller = Stack(experiments, self.network.keep(kept), self._classes)
        old, new = self.network.parameters, smaller.network.parameters
        for name, flat in self.rule.state.items():
            new.take_members(smaller.rule.state[name], old, flat, kept)
        smaller.rule.updates = self.rule.updates
        return smaller


def _right(scores: Array, labels: Labels) -> NDArray[np.bool_]:
    """Return which examples of (N, M, C) are classified rightly, (N, M).

    A tie counts as an error: a network that knows nothing must not look perfect.
    """
    own = np.take_along_axis(scores, labels[..., None], axis=-1)  # (N, M, 1)
    class_first = (2, 0, 1)  # (C, N, M), as a sum along a short last axis is slow
    reaching = np.greater_equal(
        scores.transpose(class_first), own.transpose(class_first), order="C"
    )
    right: NDArray[np.bool_] = reaching.sum(axis=0) == 1
    return right
