"""Short trainings of one start at several rates, side by side: evidence about a learning rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.nn.order import pooled_first
from trainer_cli.nn.streams import stream
from trainer_cli.training.divergence import DivergenceWatch, cost_limits
from trainer_cli.training.memory import in_stacks
from trainer_cli.training.stack import assemble
from trainer_cli.training.threads import one_thread

UPDATES = 100
EXAMPLES = 1000
# Rates that suit some network, tried beside the powers of ten around the experiment's own.
USUAL = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
FURTHEST = 9
ALMOST_AS_WELL = 0.95


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How far some updates at one rate brought the loss, without penalty, below its start.

    The start counts no higher than the loss of the best constant scores: to come down to that, to
    what class frequencies alone give, is no learning.
    -inf means that the cost exploded, by the rule that stops training. The loss itself went from
    `start` to `end` in so many `updates`.
    """

    learning_rate: float
    decrease: float
    start: float
    end: float
    updates: int = UPDATES

    @property
    def fall(self) -> float:
        """How much lower the loss is than at its start."""
        return self.start - self.end


def rates_around(rate: float) -> list[float]:
    """Return the rate, its neighbours by powers of ten up to 1000 and down to 1e-9, the usual."""
    own = [_decimal(rate * 10.0**k) for k in range(-FURTHEST, 4) if k]
    return sorted({rate, *USUAL, *(each for each in own if 0 < each < np.inf)})


def _decimal(rate: float) -> float:
    return float(f"{rate:.12g}")  # 1e-5, where 10 times 1e-6 is 9.999999999999999e-06


def probe(
    experiment: Experiment,
    dataset: Dataset,
    rates: Sequence[float],
    stop: Callable[[], bool] = lambda: False,
    *,
    updates: int = UPDATES,
) -> list[Trial]:
    """Train for `updates` at each of `rates`; return what came of it, in their order.

    All start from the experiment's own initial weights and see the same batches, of at most 1,000
    examples; the loss is measured before and after on the same training examples. Returns what is
    there when `stop` says so.
    """
    fastest = replace(experiment, network=pooled_first(experiment.network))
    experiments = [
        replace(fastest, optimizer=replace(experiment.optimizer, learning_rate=rate))
        for rate in rates
    ]
    batch = min(experiment.training.batch_size, EXAMPLES, len(dataset.train))
    trials: list[Trial] = []
    with one_thread(), np.errstate(all="ignore"):
        for some in in_stacks(experiments, dataset.shape, batch):
            trials += _try_out(some, dataset, batch, updates, stop)
    return trials


def best_of(trials: Sequence[Trial]) -> Trial:
    """Return the trial that lowered the loss most, or the lowest rate that did almost as well.

    The lower of two equally good rates is further from exploding in a longer run.
    """
    most = max(trial.decrease for trial in trials)
    enough = ALMOST_AS_WELL * most if most > 0 else most
    good = [trial for trial in trials if trial.decrease >= enough]
    return min(good, key=lambda trial: trial.learning_rate)


def _try_out(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    batch: int,
    updates: int,
    stop: Callable[[], bool],
) -> list[Trial]:
    first, n = experiments[0], len(dataset.train)
    stack = assemble(experiments, dataset, capacity=batch)
    dtype, augment = stack.network.parameters.values.dtype, first.data.augment
    feed = Feed(dataset.train, batch, dtype=dtype)
    training_feed = Feed(dataset.train, batch, dtype=dtype, augment=augment) if augment else feed
    training_feed.restart([first.seed], 0)
    sample = dataset.train.evenly(EXAMPLES)
    rng = stream(first.seed, "probe")
    shares = class_shares(dataset.train.labels[sample], dataset.classes)
    constant = first.loss.at_best_constant(shares)
    equal_scores = first.loss.at_zero_scores(dataset.classes)
    start, penalty = stack.evaluate(feed, sample, training=True).loss, stack.penalty.costs()
    limits = cost_limits(start + penalty, penalty, equal_scores)
    watch, exploded = DivergenceWatch(limits), np.zeros(stack.members, np.bool_)
    for _ in range(updates):
        if stop():
            break
        costs = stack.forward(*training_feed.fill(rng.choice(n, batch, replace=False)))
        exploded |= watch.diverged(costs, batch)
        stack.step()
    after = stack.evaluate(feed, sample).loss
    exploded |= ~(after + stack.penalty.costs() <= limits)
    decreases = np.where(exploded, -np.inf, np.minimum(start, constant) - after)
    figures = zip(decreases.tolist(), start.tolist(), after.tolist(), strict=True)
    return [
        Trial(
            learning_rate=e.optimizer.learning_rate,
            decrease=decrease,
            start=before,
            end=end,
            updates=updates,
        )
        for e, (decrease, before, end) in zip(experiments, figures, strict=True)
    ]
