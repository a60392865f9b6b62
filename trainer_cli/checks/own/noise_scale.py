"""Are the scores of training, in the mean over dropout's masks, those of evaluation?

R rows, one example each, F inputs, C classes, L labels that are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.config.rules import DropoutScale, rule_of
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

RULE = "dropout-scale"
EXAMPLES = 20
# Weights are made so small that signals are a share like this of the biases, which are all 1: no
# relu closes, nothing saturates, and the mean over the masks is what evaluation gives.
SMALL = 0.05
LABELS, MASKS, WARM_UP = 4, 6, 80
# Rows in a batch, each with a mask of its own, and values that a batch may hold.
ROWS, VALUES = 300, 300_000
# Where the network is bent all the same, as by a maximum, the mean of what varies lies above what
# it is at the mean. There only what is below, or far above, is out of scale.
BENT_LEAST, BENT_MOST = 0.9, 3.0
BENT = 0.02
# The mean over the masks may be so many of its standard errors off by chance.
ERRORS = 4.0


def check_scale(bench: Bench) -> Finding:
    """Return one finding: by what factor training's scores are larger than evaluation's.

    Scores of training are not to be had, but their differences are: the loss of a batch in which
    every label is c is a term without c, minus the mean score of c, where scores are close
    together. Where running averages are kept, they are given time to settle.
    """
    begun = perf_counter()
    network = bench.network()
    x, y = bench.evenly(EXAMPLES)
    costs = []
    for network.noise in (1, 0, 0):
        costs.append(network.cost(x, y))
    if costs[0] == costs[1]:
        return skipped(RULE, "there is no noise in training", None, begun)
    _quieten(network)
    rows = int(np.clip(VALUES // max(1, x[0].size), len(x), ROWS))
    first, bent = network.scores(x), _is_bent(network, x)
    network.cost(x, y)
    bent = bent or not np.array_equal(first, network.scores(x))
    one = _of_constants if bent or costs[1] != costs[2] else _of_signals
    factors = one(bench, network, np.resize(x, (rows, *x.shape[1:])))
    if factors is None or not np.isfinite(factors).all():
        return skipped(RULE, "what the scores are in training cannot be told", None, begun)
    return _judged(bench, factors, bent, begun)


def _quieten(network: OwnNetwork) -> None:
    """Make weights and the scales of normalization small, and all biases 1."""
    for each in network.parameters.values():
        if each.size == max(each.shape, default=1):
            each[...] = SMALL if np.all(each == 1) else 1.0
            continue
        ends = [tuple(k for k in range(each.ndim) if k != end) for end in (0, each.ndim - 1)]
        norms = [float(np.sqrt(np.square(each).sum(axis=axes)).max()) for axes in ends]
        each *= SMALL / max(*norms, 1e-300)


def _of_signals(bench: Bench, network: OwnNetwork, x: Inputs) -> Array | None:
    """Return the factor of what an example adds to the scores, for each draw of the masks."""
    largest = int(np.argmax(np.square(x).reshape(len(x), -1).sum(axis=1)))
    one = np.repeat(x[largest : largest + 1], len(x), axis=0)  # (R, F)
    zero = np.zeros_like(one)
    apart = _in_evaluation(bench, network, one) - _in_evaluation(bench, network, zero)
    draws = [
        _in_training(bench, network, one, k) - _in_training(bench, network, zero, k)
        for k in range(MASKS)
    ]
    return _factors(apart, draws)


def _of_constants(bench: Bench, network: OwnNetwork, x: Inputs) -> Array | None:
    """Return the factor of what the biases make of the scores, for each draw of the masks."""
    y = np.zeros(len(x), np.intp)
    for network.noise in range(WARM_UP):
        network.cost(x, y)
    return _factors(
        _in_evaluation(bench, network, x),
        [_in_training(bench, network, x, k) for k in range(MASKS)],
    )


def _factors(evaluation: Array, training: Sequence[Array]) -> Array | None:
    """Return by what factor each is larger, along what evaluation gives."""
    size = float(evaluation @ evaluation)
    if not size > 0:
        return None
    return np.array([each @ evaluation for each in training]) / size


def _asked(bench: Bench) -> list[int]:
    return list(range(min(bench.dataset.classes, LABELS)))


def _in_training(bench: Bench, network: OwnNetwork, x: Inputs, noise: int) -> Array:
    """Return what each label costs more than the others, (L,)."""
    network.noise = noise
    costs = np.array([network.cost(x, np.full(len(x), c)) for c in _asked(bench)])
    return np.asarray(costs - costs.mean())


def _in_evaluation(bench: Bench, network: OwnNetwork, x: Inputs) -> Array:
    """Return the same for the scores of evaluation, by the loss that the network has."""
    scores = network.scores(x)
    costs = np.array([bench.reference.of(scores, np.full(len(x), c)) for c in _asked(bench)])
    return np.asarray(costs - costs.mean())


def _is_bent(network: OwnNetwork, x: Inputs) -> bool:
    """Whether even small signals of opposite sign do not make opposite scores."""
    middle = network.scores(np.zeros_like(x))
    up, down = network.scores(x) - middle, network.scores(-x) - middle
    return bool(np.abs(up + down).max() > BENT * np.abs(up).max())


def _judged(bench: Bench, factors: Array, bent: bool, begun: float) -> Finding:
    factor = float(factors.mean())
    chance = ERRORS * float(factors.std(ddof=1)) / np.sqrt(len(factors))
    tolerance = rule_of(bench.experiment.checks, DropoutScale).tolerance
    low, high = (BENT_LEAST, BENT_MOST) if bent else (1 - tolerance, 1 + tolerance)
    good = low - chance <= factor <= high + chance
    told = f"in training the scores are {factor:.2f} times those of evaluation"
    return Finding(
        rule=RULE,
        status="pass" if good else "fail",
        measured=factor,
        expected=1.0,
        threshold=tolerance,
        message=f"{told}, in the mean over {len(factors)} draws of its noise",
        hint=None if good else _remedy(factor),
        seconds=perf_counter() - begun,
    )


def _remedy(factor: float) -> str:
    if factor < 1:
        return "divide dropout's mask by the share that is kept, 1 - p: it is not scaled"
    return (
        "divide dropout's mask by the share that is kept, 1 - p, and do nothing at test time: it "
        "is scaled by something else, or twice"
    )
