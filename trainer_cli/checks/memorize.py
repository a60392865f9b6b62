"""Trains a network on a few examples until it knows them by heart, or does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import ABORT_RATIO, Experiment
from trainer_cli.config.rules import LearnsByHeart, rule_of
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.nn.regularization import Regularization, without_own
from trainer_cli.optim.optimizers import Sgd
from trainer_cli.optim.schedules import Constant
from trainer_cli.training.memory import in_stacks
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import assemble
from trainer_cli.training.threads import one_thread

# Rates tried when the experiment names none: four for each factor of ten from 1e-6 to 100.
RATES = tuple(float(10.0 ** (k / 4 - 6)) for k in range(33))


@dataclass(frozen=True, kw_only=True)
class Memorized:
    """How the examples at the positions `chosen` were learned.

    `costs` holds the cost before each update and after the last one. `constant` is the least cost
    of the same scores for all of them, which is what class frequencies alone give, and `limit` what
    the cost must stay below in the end. `rate_found` says that the learning rate was searched for.
    `diverged_at` is the update at which the cost became NaN, infinite or more than 3 times the
    original. `normalized` says that the network has batch normalization, which went by these
    examples throughout: for the costs and for the accuracy alike.
    """

    learning_rate: float
    rate_found: bool
    chosen: NDArray[np.intp]
    updates: int
    costs: tuple[float, ...]
    accuracy: float
    constant: float
    limit: float
    diverged_at: int | None
    normalized: bool

    @property
    def cost(self) -> float:
        """The cost after the last update."""
        return self.costs[-1]

    @property
    def succeeded(self) -> bool:
        """Whether accuracy is 1.00 and the cost below its limit."""
        return self.accuracy == 1.0 and self.cost < self.limit


def memorize(experiment: Experiment, dataset: Dataset) -> Memorized:
    """Train on the first examples with plain gradient descent on all of them at once.

    Off are regularization, of single layers too, dropout, augmentation and label smoothing.
    Without `overfit.learning_rate`, rates from 1e-6 to 100 are tried side by side; what counts is
    the lowest that succeeds, else the one that ends at the lowest cost.
    """
    settings = experiment.overfit
    chosen = choose(dataset.train.labels, settings.examples, balanced=settings.balanced)
    rates = RATES if settings.learning_rate is None else (settings.learning_rate,)
    with one_thread(), np.errstate(all="ignore"):
        runs = _learn_all(experiment, dataset, chosen, rates)
    for run in runs:
        if run.succeeded:
            return run
    return min(runs, key=lambda run: (run.diverged_at is not None, run.cost))


def choose(labels: NDArray[np.intp], count: int, *, balanced: bool) -> NDArray[np.intp]:
    """Return the positions of the first `count` examples, or of the first of every class in turn.

    Balanced: the first example of each class, then the second of each, and so on. Fewer examples
    than `count` are all returned.
    """
    if not balanced:
        return np.arange(min(count, len(labels)))
    rank = np.empty(len(labels), np.intp)  # how many of its class come before an example
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        rank[own] = np.arange(len(own))
    return np.sort(np.lexsort((labels, rank))[:count])


def contradictions(dataset: Dataset, chosen: NDArray[np.intp]) -> tuple[int, int] | None:
    """Return the positions of two equal examples with different labels, if there are any."""
    x, labels = Feed(dataset.train, len(chosen)).fill(chosen)
    seen: dict[bytes, int] = {}
    for i, row in enumerate(x.reshape(len(chosen), -1)):
        first = seen.setdefault(row.tobytes(), i)
        if labels[first, 0] != labels[i, 0]:
            return int(chosen[first]), int(chosen[i])
    return None


def _learn_all(
    experiment: Experiment, dataset: Dataset, chosen: NDArray[np.intp], rates: Sequence[float]
) -> list[Memorized]:
    """Train one member for each rate, as many side by side as memory allows."""
    bare = _unpenalized(without_noise(experiment))
    plain = [replace(bare, optimizer=Sgd(learning_rate=rate)) for rate in rates]
    runs: list[Memorized] = []
    for some in in_stacks(plain, dataset.shape, len(chosen)):
        runs += _learn(some, dataset, chosen, len(rates) > 1)
    return runs


def _unpenalized(experiment: Experiment) -> Experiment:
    """Return the experiment without anything that keeps weights small, and at a constant rate."""
    return replace(
        experiment,
        network=without_own(experiment.network),
        regularization=Regularization(),
        schedule=Constant(),
    )


def _learn(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    chosen: NDArray[np.intp],
    rate_found: bool,
) -> list[Memorized]:
    updates = experiments[0].overfit.updates
    stack = assemble(experiments, dataset, capacity=len(chosen))
    feed = Feed(dataset.train, len(chosen), dtype=stack.network.parameters.values.dtype)
    equal_scores = experiments[0].loss.at_zero_scores(dataset.classes)
    shares = class_shares(dataset.train.labels[chosen], dataset.classes)
    constant = experiments[0].loss.at_best_constant(shares)
    alive = list(range(stack.members))
    curves: list[list[float]] = [[] for _ in alive]
    accuracy = [0.0 for _ in alive]
    diverged: list[int | None] = [None for _ in alive]
    for update in range(updates + 1):
        costs = stack.forward(*feed.fill(chosen))
        for member, cost in zip(alive, costs.tolist(), strict=True):
            curves[member].append(cost)
            if not cost <= ABORT_RATIO * max(curves[member][0], equal_scores):
                diverged[member] = update
        if any(diverged[member] is not None for member in alive):
            kept = [k for k, member in enumerate(alive) if diverged[member] is None]
            alive = [alive[k] for k in kept]
            if not alive:
                break
            stack = stack.keep(kept)
            stack.forward(*feed.fill(chosen))
        if update < updates:
            stack.step()
    if alive:
        figures = stack.evaluate(feed, chosen, training=True)
        for member, value in zip(alive, figures.accuracy, strict=True):
            accuracy[member] = float(value)
    return [
        Memorized(
            learning_rate=e.optimizer.learning_rate,
            rate_found=rate_found,
            chosen=chosen,
            updates=updates,
            costs=tuple(curves[m]),
            accuracy=accuracy[m],
            constant=constant,
            limit=rule_of(e.checks, LearnsByHeart).cost * e.loss.unit(),
            diverged_at=diverged[m],
            normalized=bool(stack.network.parameters.statistics),
        )
        for m, e in enumerate(experiments)
    ]
