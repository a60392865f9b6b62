"""Does the cost of a network of one's own fall at the file's learning rate, or explode?"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.learning import Learned, descent, learn
from trainer_cli.checks.own.network import Inputs
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.streams import stream
from trainer_cli.optim.optimizers import Momentum, Sgd
from trainer_cli.training.findings import Finding, counted

HIGH, LOW = "learning-rate-too-high", "learning-rate-too-low"
UPDATES, EXAMPLES = 60, 1000
# Weights that all updates of a training together move by less than this share of their size, were
# they all in one direction, end as they began.
MOVED = 1e-3
# A lower rate that is to do better is lower by these factors.
LOWER = tuple(10.0**k for k in range(1, 9))


def check_rate(bench: Bench) -> list[Finding]:
    """Return two findings, from a short probe by plain gradient descent, with momentum if given."""
    begun, optimizer = perf_counter(), bench.experiment.optimizer
    if not isinstance(optimizer, Sgd | Momentum):
        why = f"the rate is {optimizer.type}'s, and a network of your own is probed with sgd"
        hint = "name sgd or momentum as the optimizer to have its rate judged"
        return [skipped(HIGH, why, hint, begun)]
    rate = optimizer.learning_rate
    run = _probe(bench, rate)
    first, last = run.costs[0], float(np.mean(run.costs[-5:]))
    if not np.isfinite(first):
        return [skipped(HIGH, "the initial cost is not finite", "see initial-loss", begun)]
    updates = counted(len(run.costs) - 1, "update")
    if not run.diverged:
        message = f"at {rate:g} the cost goes from {first:.4g} to {last:.4g} in {updates}"
        fine = Finding(rule=HIGH, status="pass", message=message, seconds=perf_counter() - begun)
        return [fine, _too_low(bench, rate, begun)]
    better = next((rate / by for by in LOWER if not _probe(bench, rate / by).diverged), None)
    return [
        Finding(
            rule=HIGH,
            status="fail",
            measured=rate,
            message=f"at {rate:g} the cost explodes, from {first:.4g} to {run.costs[-1]:.4g} in "
            f"{updates}",
            hint=f"set optimizer.learning_rate={better / 10:g}: at {better:g} it no longer explodes"
            if better
            else f"it explodes at {rate / LOWER[-1]:g} too: look at the gradient's sign and scale",
            seconds=perf_counter() - begun,
        )
    ]


def _probe(bench: Bench, rate: float) -> Learned:
    optimizer = bench.experiment.optimizer
    momentum = optimizer.momentum if isinstance(optimizer, Momentum) else 0.0
    chance = bench.reference.loss.at_zero_scores(bench.dataset.classes)
    return learn(bench.as_built(), _batches(bench), descent(rate, momentum), chance)


def _batches(bench: Bench) -> Iterator[tuple[Inputs, Labels]]:
    x, y = bench.evenly(EXAMPLES)
    rng = stream(bench.experiment.seed, "check-own-rate")
    size = min(bench.experiment.training.batch_size, len(y))
    for _ in range(UPDATES + 1):
        some = rng.choice(len(y), size, replace=False)
        yield x[some], y[some]


def _too_low(bench: Bench, rate: float, begun: float) -> Finding:
    """Judge by how far the training could take the weights at most."""
    network = bench.as_built()
    x, y = bench.evenly()
    grads = network.gradients(x, y)[1]
    slope = np.sqrt(sum(float(np.square(g).sum()) for g in grads.values() if g is not None))
    size = np.sqrt(sum(float(np.square(p).sum()) for p in network.parameters.values()))
    training = bench.experiment.training
    updates = training.epochs * max(1, len(bench.dataset.train) // training.batch_size)
    optimizer = bench.experiment.optimizer
    boost = 1 / (1 - optimizer.momentum) if isinstance(optimizer, Momentum) else 1.0
    share = float(rate * boost * slope * updates / size) if size else np.inf
    bad = share < MOVED
    message = "the updates of the training move the weights far enough"
    if bad:
        message = (
            f"at {rate:g} all {counted(updates, 'update')} of the training together move the "
            f"weights by at most {share:.2g} of their size"
        )
    return Finding(
        rule=LOW,
        status="warn" if bad else "pass",
        measured=share,
        threshold=MOVED,
        message=message,
        hint="take a higher optimizer.learning_rate: 100 times, and check again" if bad else None,
        seconds=perf_counter() - begun,
    )
