"""Experiments that differ in all that members may differ in, trained side by side or alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tests.experiments import blobs, data_of
from trainer_cli.config.experiment import Experiment, Training
from trainer_cli.datasets import Dataset, Examples, Feed
from trainer_cli.datasets.preprocess import fit
from trainer_cli.nn.initializers import He, Normal, Xavier
from trainer_cli.nn.layers import Dense, Layer, Tanh
from trainer_cli.nn.regularization import Regularization
from trainer_cli.nn.streams import stream
from trainer_cli.optim.optimizers import Momentum, Optimizer
from trainer_cli.training.stack import Stack, assemble

CLASSES = 3
BATCH, LAST_BATCH = 10, 7  # every third batch is smaller, as the last one of an epoch
PLAIN = blobs(classes=CLASSES, features=8, noise=1.5)
VELOCITIES = (
    Momentum(learning_rate=0.05, momentum=0.9),
    Momentum(learning_rate=0.2, momentum=0.0),
    Momentum(learning_rate=0.1, momentum=0.5),
)


def mixed(
    members: int = 3,
    hidden: Sequence[Layer] = (Tanh(),),
    optimizers: Sequence[Optimizer] = VELOCITIES,
) -> list[Experiment]:
    """Return experiments that differ in seed, initializer, penalty and the settings of parts."""
    initializers, strengths = (He(), Normal(std=0.3), Xavier()), (0.0, 1e-2, 0.3)
    return [
        replace(
            PLAIN,
            seed=m,
            network=(
                Dense(units=5, init=initializers[m % 3]),
                hidden[m % len(hidden)],
                Dense(units=CLASSES, init=initializers[(m + 1) % 3]),
            ),
            regularization=Regularization(l2=strengths[m % 3]),
            optimizer=optimizers[m % 3],
            training=Training(precision="float64"),
        )
        for m in range(members)
    ]


def vectors() -> Dataset:
    """Return examples of 8 features."""
    return data_of(PLAIN)


def images() -> Dataset:
    """Return the same examples as images of 2 × 2 pixels and 2 channels."""
    plain = vectors()
    every = np.arange(len(plain.train))
    stored = plain.train.ready(np.dtype(np.float64))
    pipeline = fit((), stored, every, (2, 2, 2))
    train = Examples(stored, every, plain.train.labels, pipeline)
    return replace(plain, train=train, shape=train.shape)


def indices(experiments: Sequence[Experiment], step: int, dataset: Dataset, shared: bool) -> Any:
    """Return the batch of an update: (B,) for all members, or (B, M) by each one's own seed."""
    size, n = LAST_BATCH if step % 3 == 2 else BATCH, len(dataset.train)
    seeds = [experiments[0].seed] if shared else [e.seed for e in experiments]
    columns = [stream(seed, "order", step).permutation(n)[:size] for seed in seeds]
    return columns[0] if shared else np.stack(columns, axis=1)


def build(experiments: Sequence[Experiment], dataset: Dataset, shared: bool) -> Stack:
    return assemble(experiments, dataset, capacity=BATCH, shared_input=shared)


def train(
    stack: Stack, dataset: Dataset, steps: range, batches: Any = None, factor: float = 1.0
) -> np.ndarray:
    """Train for these steps and return all costs, (steps, M); `batches` gives the indices."""
    feed = Feed(dataset.train, BATCH, stack.members, dtype=np.float64)
    shared = stack.network.shared_input
    costs = []
    for step in steps:
        batch = batches(step) if batches else indices(stack.experiments, step, dataset, shared)
        costs.append(stack.forward(*feed.fill(batch)))
        stack.step(factor**step)
    return np.array(costs)


def arrays_of(stack: Stack, member: int) -> dict[str, np.ndarray]:
    """Return copies of a member's parameters and statistics, and of its optimizer's state."""
    parameters = stack.network.parameters
    flats = {"values": parameters.values, **stack.rule.state}
    learned = {
        f"{kind}: {entry.name}": entry.view(flat)[..., member, :].copy()
        for kind, flat in flats.items()
        for entry in parameters.entries
    }
    kept = {
        f"statistic: {entry.name}": parameters[entry.name][..., member, :].copy()
        for entry in parameters.statistics
    }
    return learned | kept
