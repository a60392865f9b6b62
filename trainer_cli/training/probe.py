"""Short trainings of one start at several rates, side by side: evidence about a learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.streams import stream
from trainer_cli.training.memory import side_by_side
from trainer_cli.training.stack import assemble

UPDATES = 100
EXAMPLES = 1000
# Rates that suit some network, tried beside the powers of ten around the experiment's own.
USUAL = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What `UPDATES` updates at one rate did to the cost: -inf if it is not finite any more."""

    learning_rate: float
    decrease: float


def probe(experiment: Experiment, dataset: Dataset, rates: Sequence[float]) -> list[Trial]:
    """Train shortly at each of `rates`; return what came of it, in their order.

    All start from the experiment's own initial weights and see the same batches; the cost is
    measured before and after on the same training examples.
    """
    experiments = [
        replace(experiment, optimizer=replace(experiment.optimizer, learning_rate=rate))
        for rate in rates
    ]
    size = side_by_side(experiment, dataset.shape, len(experiments))
    trials: list[Trial] = []
    with np.errstate(all="ignore"):
        for start in range(0, len(experiments), size):
            trials += _try_out(experiments[start : start + size], dataset)
    return trials


def higher_rates(rate: float) -> list[float]:
    """Return the rate itself, up to 1000 times it, and the usual rates above it."""
    own = [_decimal(rate * 10.0**k) for k in range(1, 4)]
    return [rate, *sorted({*own, *(usual for usual in USUAL if usual > rate)})]


def lower_rates(rate: float) -> list[float]:
    """Return rates down to a billionth of the rate, and the usual rates below it."""
    own = [_decimal(rate / 10.0**k) for k in range(1, 10)]
    return sorted({*(r for r in own if r > 0), *(usual for usual in USUAL if usual < rate)})


def _decimal(rate: float) -> float:
    return float(f"{rate:.12g}")  # 1e-5, where 10 times 1e-6 is 9.999999999999999e-06


def best_of(trials: Sequence[Trial]) -> Trial:
    """Return the trial that lowered the cost most."""
    return max(trials, key=lambda trial: trial.decrease)


def _try_out(experiments: Sequence[Experiment], dataset: Dataset) -> list[Trial]:
    first, n = experiments[0], len(dataset.train)
    batch = min(first.training.batch_size, n)
    stack = assemble(experiments, dataset.shape, dataset.classes, capacity=batch)
    feed = Feed(dataset.train, batch, dtype=stack.network.parameters.values.dtype)
    sample = np.arange(min(n, EXAMPLES))
    rng = stream(first.seed, "probe")
    before = stack.evaluate(feed, sample).loss + stack.penalty.costs()
    for _ in range(UPDATES):
        stack.forward(*feed.fill(rng.choice(n, batch, replace=False)))
        stack.step()
    after = stack.evaluate(feed, sample).loss + stack.penalty.costs()
    decreases = np.where(np.isfinite(after), before - after, -np.inf)
    return [
        Trial(learning_rate=e.optimizer.learning_rate, decrease=float(decrease))
        for e, decrease in zip(experiments, decreases, strict=True)
    ]
