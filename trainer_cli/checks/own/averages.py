"""Does evaluation go by averages of what training has normalized by?

L labels that are asked for.
"""

from __future__ import annotations

from time import perf_counter, process_time

import numpy as np

from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.paths import draw
from trainer_cli.nn.losses import Labels
from trainer_cli.training.findings import Finding

RULE = "running-averages"
EXAMPLES, CALLS = 20, 3
SAME = 1e-6  # share of what evaluation makes of two examples
# Averages are given so many calls on one batch, where these take no longer than this, and as many
# again. By then training and evaluation differ by no more than this share of what labels make.
SETTLING, SECONDS, LABELS, APART = 200, 0.5, 4, 0.3
# What the second half of the calls still takes off is on its way.
STILL = 0.9


def check_averages(bench: Bench) -> Finding:
    """Return one finding: what training has seen changes the scores, where it normalizes batches.

    And the averages become those of a batch that is seen again and again.
    Source: Ioffe and Szegedy 2015, "Batch Normalization", algorithm 2.
    """
    begun = perf_counter()
    network = bench.network()
    x, y = bench.evenly(EXAMPLES)
    if not normalizes(network, x):
        return skipped(RULE, "training does not normalize by the batch", None, begun)
    before = network.scores(x)
    for network.noise in range(CALLS):
        network.cost(x, y)
    message = hint = None
    if np.array_equal(before, network.scores(x)):
        message = "training normalizes by the batch, but the scores of loss(X) do not change with "
        message += "what training has seen: the running averages stay as they began"
        hint = "update them in every loss(X, y), and keep them from call to call"
    elif not _settles(bench):
        message = "training normalizes by the batch, but however often it sees the same one, "
        message += "loss(X) gives other scores than loss(X, y): it goes by other averages"
        hint = (
            "keep running averages of its own for every layer, both of mean and variance, and "
            "divide by np.sqrt(running_var + eps) as in training"
        )
    return Finding(
        rule=RULE,
        status="pass" if message is None else "fail",
        message=message or "evaluation goes by averages of what training has seen",
        hint=hint,
        seconds=perf_counter() - begun,
    )


def normalizes(network: OwnNetwork, x: Inputs) -> bool:
    """Whether batches of one example again and again cost the same, whichever example it is.

    Less their mean, equal examples are zeros. Evaluation must tell the two examples apart.
    """
    first, last = (np.repeat(each, len(x), axis=0) for each in (x[:1], x[-1:]))
    y = np.zeros(len(x), np.intp)
    costs = [network.cost(each, y) for each in (first, last)]
    apart = np.abs(network.scores(first) - network.scores(last)).max()
    return bool(apart > 0 and abs(costs[0] - costs[1]) <= SAME * apart)


def _settles(bench: Bench) -> bool:
    """Whether training and evaluation agree on a batch that the averages are made of.

    True where that cannot be told: of noise, of a loss that is not the reference's, or in time.
    """
    network = bench.network()
    draw(network, bench.experiment.seed)
    x, y = bench.evenly()
    begun = process_time()
    costs = [network.cost(x, y) for network.noise in (0, 1, 0)]
    took = (process_time() - begun) / len(costs)
    if costs[0] != costs[1] or 2 * SETTLING * took > SECONDS or not np.isfinite(costs[0]):
        return True
    off = []
    for _ in range(2):
        for _ in range(SETTLING):
            network.cost(x, y)
        off.append(_apart(bench, network, x, y))
    return bool(not off[1] > APART or off[1] < STILL * off[0])


def _apart(bench: Bench, network: OwnNetwork, x: Inputs, y: Labels) -> float:
    """Return by what share of their size the losses of labels differ from those of the scores.

    A penalty is in all of them, and not in what one label costs more than another.
    """
    labels = range(min(LABELS, bench.dataset.classes))
    scores = network.scores(x)

    # Beside batches of one label the given labels, to which the scores are no nearer.
    asked = [y, *(np.full(len(x), c) for c in labels)]
    training = np.array([network.cost(x, each) for each in asked])  # (1 + L,)
    training -= training.mean()
    evaluation = np.array([bench.reference.of(scores, each) for each in asked])
    evaluation -= evaluation.mean()
    size = max(float(np.linalg.norm(training)), 1e-300)
    return float(np.linalg.norm(training - evaluation)) / size
