"""Does the network give one free score for each class, from weights that are not all the same?"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import SAME, Bench, is_scores
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

# Inputs this many times as large drive whatever saturates to its ends.
HUGE = 1e4
SATURATED, NEARLY_ALL = 1e-3, 0.9
# Without a ReLU behind them hardly any score is exactly zero.
ZEROS = 0.05


def check_scores(bench: Bench) -> list[Finding]:
    """Return findings on the shape of the scores, on what stands behind them, on the start."""
    begun = perf_counter()
    network = bench.network()
    x, _ = bench.evenly()
    scores = network.scores(x)
    shape = _shape(bench, scores, len(x), begun)
    if shape.status != "pass":
        return [shape]
    return [shape, _output(bench, network, x, scores, begun), _start(network, begun)]


def _shape(bench: Bench, scores: Array, examples: int, begun: float) -> Finding:
    classes = bench.dataset.classes
    good = is_scores(scores, examples, classes)
    given = f"the scores of {examples} examples have the shape {scores.shape}"
    if scores.dtype.kind != "f":
        given += f" and hold {scores.dtype}"
    return Finding(
        rule="output-units",
        status="pass" if good else "fail",
        message=given if good else f"{given}, but must be ({examples}, {classes})",
        hint=None
        if good
        else f"the last layer gives one score for each of the {classes} classes: build is told "
        f"`classes` if it names it as a parameter",
        seconds=perf_counter() - begun,
    )


def _output(bench: Bench, network: OwnNetwork, x: Inputs, scores: Array, begun: float) -> Finding:
    rule = "output-activation"
    what = _behind(network, x, scores)
    if what is not None and network.loss_is_own:
        cost, y = network.cost(x, bench.evenly()[1]), bench.evenly()[1]
        if abs(bench.reference.of(scores, y) - cost) > SAME * abs(cost):
            what = None  # the loss takes them for what they are
    if what is None:
        message = "nothing bounds the scores"
        return Finding(rule=rule, status="pass", message=message, seconds=perf_counter() - begun)
    return Finding(
        rule=rule,
        status="fail",
        message=what,
        hint=f"remove what stands behind the last layer: the {bench.experiment.loss.type} loss "
        f"takes the scores themselves",
        seconds=perf_counter() - begun,
    )


def _behind(network: OwnNetwork, x: Inputs, scores: Array) -> str | None:
    """Say what stands behind the last layer, if something bounds the scores."""
    if not np.isfinite(scores).all() or np.ptp(scores) == 0:
        return None
    if (scores >= 0).all() and np.abs(scores.sum(axis=1) - 1).max() < SAME:
        return (
            "the scores of every example are positive and add up to 1: a softmax stands behind "
            "the last layer, and the loss takes another of it"
        )
    zeros = float((scores == 0).mean())
    if (scores >= 0).all() and zeros > ZEROS:
        return (
            f"no score is negative, and {zeros:.0%} are exactly 0: a relu stands behind the last "
            f"layer"
        )
    with np.errstate(all="ignore"):
        ends = network.scores(HUGE * x)
    if not np.isfinite(ends).all() or np.abs(ends).max() > 1 + SAME:
        return None
    if (ends >= 0).all() and (np.minimum(ends, 1 - ends) < SATURATED).mean() > NEARLY_ALL:
        return "all scores lie between 0 and 1: a sigmoid stands behind the last layer"
    if (1 - np.abs(ends) < SATURATED).mean() > NEARLY_ALL:
        return "all scores lie between -1 and 1: a tanh stands behind the last layer"
    return None


def _start(network: OwnNetwork, begun: float) -> Finding:
    weights = {name: each for name, each in network.parameters.items() if each.ndim >= 2}
    equal = [name for name, each in weights.items() if each.size > 1 and np.ptp(each) == 0]
    bad = len(weights) > 1 and len(equal) == len(weights)
    return Finding(
        rule="constant-initialization",
        status="fail" if bad else "pass",
        message=f"all weights of {', '.join(equal)} start equal: so do all units, and they stay so"
        if bad
        else "the weights start different",
        hint="draw them at random, for instance normal with std √(2 / fan_in)" if bad else None,
        seconds=perf_counter() - begun,
    )
