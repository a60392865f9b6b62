"""Trains a network on a few examples until it knows them by heart, or does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.gradient_points import work
from trainer_cli.config.experiment import ABORT_RATIO, Experiment
from trainer_cli.config.rules import LearnsByHeart, rule_of
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.nn.regularization import Regularization, without_own
from trainer_cli.optim.optimizers import Adam, Sgd
from trainer_cli.optim.schedules import Constant
from trainer_cli.training.memory import in_stacks
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import assemble
from trainer_cli.training.threads import one_thread

# Rates tried when the experiment names none: four for each factor of ten from 1e-6 to 100.
RATES = tuple(float(10.0 ** (k / 4 - 6)) for k in range(33))
# Adam gets over what gradient descent is slow at: examples of two classes close to each other, and
# many layers. Its rates differ less between networks.
ADAM_RATES, ADAM_PATIENCE = (1e-3, 3e-3, 0.01, 0.03, 0.1), 10
# Where all updates at all rates take more multiply-adds than this, some seconds, every other rate
# is tried, and only the most successful get all of their updates: after a twentieth of them the
# best third goes on, and after a fifth the best third of those.
AFFORDABLE = 200_000_000_000
ROUNDS, GO_ON, FEWEST = (20, 5), 3, 3
# Forward, and back to weights and inputs.
PASSES = 3
# So many examples are replaced that contradict another, and no more.
REPLACEMENTS = 20


@dataclass(frozen=True, kw_only=True)
class Memorized:
    """How the examples at the positions `chosen` were learned, by the optimizer `method`.

    `costs` holds the cost before each update and after the last one. `constant` is the least cost
    of the same scores for all of them, which is what class frequencies alone give, and `limit` what
    the cost must stay below in the end. `rate_found` says that the learning rate was searched for.
    `diverged_at` is the update at which the cost became NaN, infinite or more than 3 times the
    original. `normalized` says that the network has batch normalization, which went by these
    examples throughout: for the costs and for the accuracy alike.
    """

    method: str
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
    rate = experiment.overfit.learning_rate
    rates = RATES[:: 2 if _costly(experiment, dataset) else 1] if rate is None else (rate,)
    return _best(experiment, dataset, [Sgd(learning_rate=rate) for rate in rates])


def memorize_with_adam(experiment: Experiment, dataset: Dataset) -> Memorized:
    """Do the same with Adam, at five rates and for ten times as many updates."""
    longer = replace(experiment.overfit, updates=ADAM_PATIENCE * experiment.overfit.updates)
    rates = [Adam(learning_rate=rate) for rate in ADAM_RATES]
    return _best(replace(experiment, overfit=longer), dataset, rates)


def _best(experiment: Experiment, dataset: Dataset, optimizers: Sequence[Sgd | Adam]) -> Memorized:
    settings = experiment.overfit
    chosen = agreeing(dataset, settings.examples, balanced=settings.balanced)
    with one_thread(), np.errstate(all="ignore"):
        runs = _learn_all(experiment, dataset, chosen, optimizers)
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


def agreeing(dataset: Dataset, count: int, *, balanced: bool) -> NDArray[np.intp]:
    """Return what choose() does without examples that are equal to an earlier one of another label.

    No network learns both. They are in it where there are too few others.
    """
    labels = dataset.train.labels
    first = choose(labels, count, balanced=balanced)
    chosen, free = first, np.ones(len(labels), np.bool_)
    for _ in range(REPLACEMENTS):
        twins = contradictions(dataset, chosen)
        if twins is None:
            return chosen
        free[twins[1]] = False
        left = np.flatnonzero(free)
        if len(left) < len(first):
            break
        chosen = left[choose(labels[left], count, balanced=balanced)]
    return first


def contradictions(dataset: Dataset, chosen: NDArray[np.intp]) -> tuple[int, int] | None:
    """Return the positions of two equal examples with different labels, if there are any."""
    x, labels = Feed(dataset.train, len(chosen)).fill(chosen)
    x += 0  # -0.0 becomes 0.0
    seen: dict[bytes, int] = {}
    for i, row in enumerate(x.reshape(len(chosen), -1)):
        first = seen.setdefault(row.tobytes(), i)
        if labels[first, 0] != labels[i, 0]:
            return int(chosen[first]), int(chosen[i])
    return None


def _learn_all(
    experiment: Experiment,
    dataset: Dataset,
    chosen: NDArray[np.intp],
    optimizers: Sequence[Sgd | Adam],
) -> list[Memorized]:
    """Train one member for each optimizer, as many side by side as memory allows."""
    bare = _unpenalized(without_noise(experiment))
    plain = [replace(bare, optimizer=optimizer) for optimizer in optimizers]
    runs: list[Memorized] = []
    for some in in_stacks(plain, dataset.shape, len(chosen)):
        runs += _learn(some, dataset, chosen, len(optimizers) > 1)
    return runs


def _unpenalized(experiment: Experiment) -> Experiment:
    """Return the experiment without anything that keeps weights small, and at a constant rate."""
    return replace(
        experiment,
        network=without_own(experiment.network),
        regularization=Regularization(),
        schedule=Constant(),
    )


def _costly(experiment: Experiment, dataset: Dataset) -> bool:
    settings = experiment.overfit
    each = work(experiment.network, dataset.shape) * settings.examples * PASSES
    return len(RATES) * settings.updates * each > AFFORDABLE


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
    costly = _costly(experiments[0], dataset)
    rounds = [updates // share for share in ROUNDS] if costly else []
    curves: list[list[float]] = [[] for _ in alive]
    accuracy = [0.0 for _ in alive]
    diverged: list[int | None] = [None for _ in alive]
    for update in range(updates + 1):
        costs = stack.forward(*feed.fill(chosen))
        for member, cost in zip(alive, costs.tolist(), strict=True):
            curves[member].append(cost)
            if not cost <= ABORT_RATIO * max(curves[member][0], equal_scores):
                diverged[member] = update
        kept = [k for k, member in enumerate(alive) if diverged[member] is None]
        if update in rounds:
            most = max(FEWEST, ceil(len(kept) / GO_ON))
            kept = sorted(sorted(kept, key=lambda k: float(costs[k]))[:most])
        if len(kept) < len(alive):
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
            method=e.optimizer.type,
            learning_rate=e.optimizer.learning_rate,
            rate_found=rate_found,
            chosen=chosen,
            updates=len(curves[m]) - 1,
            costs=tuple(curves[m]),
            accuracy=accuracy[m],
            constant=constant,
            limit=rule_of(e.checks, LearnsByHeart).cost * e.loss.unit(),
            diverged_at=diverged[m],
            normalized=bool(stack.network.parameters.statistics),
        )
        for m, e in enumerate(experiments)
    ]
