"""Does the network give one free score for each class, from weights that are not all the same?"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.checks.own.answers import check_answers
from trainer_cli.checks.own.bench import SAME, Bench, is_scores
from trainer_cli.checks.own.copies import copies
from trainer_cli.checks.own.module_parts import check_parts
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.paths import draw
from trainer_cli.checks.own.repeated import check_repeated
from trainer_cli.checks.own.unused_inputs import check_unused
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

# Inputs this many times as large drive whatever saturates to its ends.
HUGE = 1e4
SATURATED, NEARLY_ALL = 1e-3, 0.9
# Batches of other sizes have as many scores for each example.
FEWER = (20, 2)
# Of so many weights some are below zero, where they are drawn around it.
MANY = 30
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
    for fewer in FEWER:
        other = _shape(bench, bench.network().scores(x[:fewer]), len(x[:fewer]), begun)
        if other.status != "pass":
            return [other]
    return [
        shape,
        *check_parts(bench),
        _copied(bench) or _start(network, begun),
        *check_repeated(bench),
        _output(bench, begun),
        *check_answers(bench),
        *check_unused(bench),
    ]


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


def _output(bench: Bench, begun: float) -> Finding:
    """Judge what bounds the scores, of a network of one's own with weights drawn anew.

    Equal weights, or none below zero, make scores of one sign that nothing bounds.
    """
    rule, network = "output-activation", bench.network()
    x, y = bench.evenly()
    if network.loss_is_own:
        draw(network, bench.experiment.seed)
    scores = network.scores(x)
    what = _behind(network, x, scores)
    if what is not None and network.loss_is_own:
        cost = network.cost(x, y)
        if abs(bench.reference.of(scores, y) - cost) > SAME * abs(cost):
            if _are_shares(scores):
                return Finding(
                    rule=rule,
                    status="warn",
                    message="loss(X) gives probabilities: positive, with the sum 1",
                    hint="return the scores before the softmax, which loss(X, y) goes by",
                    seconds=perf_counter() - begun,
                )
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
    if _are_shares(scores):
        return (
            "the scores of every example are positive and add up to 1: a softmax stands behind "
            "the last layer, and the loss takes another of it"
        )
    if len(scores) > 1 and (scores >= 0).all() and np.abs(scores.sum(axis=0) - 1).max() < SAME:
        return (
            "the scores of every class are positive and add up to 1 over the examples: a softmax "
            "stands behind the last layer, and over the wrong axis"
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
        return "all scores lie between -1 and 1: something bounds them, such as a tanh or a clamp"
    return None


def _are_shares(scores: Array) -> bool:
    return bool((scores >= 0).all() and np.abs(scores.sum(axis=1) - 1).max() < SAME)


def _copied(bench: Bench) -> Finding | None:
    begun, found = perf_counter(), copies(bench)
    if found is None:
        return None
    return Finding(
        rule="constant-initialization",
        status="fail",
        message=f"{found[0]} and {found[1]} start equal and get the same gradient: they stay equal",
        hint="build each anew, so that each draws its own weights, instead of copying one",
        seconds=perf_counter() - begun,
    )


def _start(network: OwnNetwork, begun: float) -> Finding:
    weights = {name: each for name, each in network.parameters.items() if each.ndim >= 2}
    equal = [name for name, each in weights.items() if each.size > 1 and np.ptp(each) == 0]
    # One layer may start at zero, but what is equal and no bias or scale may not.
    bad = len(weights) > 1 and len(equal) == len(weights)
    if not bad:
        equal = [name for name in equal if min(weights[name].shape) > 1 and weights[name].any()]
        bad = bool(equal)
    alike = [name for name in list(weights)[:-1] if _units_alike(weights[name])]
    if not bad and alike:
        return Finding(
            rule="constant-initialization",
            status="fail",
            message=f"all units of {', '.join(alike)} start with the same weights, and stay so",
            hint="draw those of each unit at random, for instance normal with std √(2 / fan_in)",
            seconds=perf_counter() - begun,
        )
    shifted = [
        name
        for name in list(weights)[:-1]  # what starts at 0, or is one row, may be meant so
        if weights[name].size > MANY and min(weights[name].shape) > 1
        if weights[name].min() >= 0 and weights[name].any()
    ]
    if not bad and shifted:
        return Finding(
            rule="constant-initialization",
            status="warn",
            message=f"no weight of {', '.join(shifted)} is below 0: all units start much alike",
            hint="draw them around zero, for instance by np.random.randn and not by rand",
            seconds=perf_counter() - begun,
        )
    return Finding(
        rule="constant-initialization",
        status="fail" if bad else "pass",
        message=f"all weights of {', '.join(equal)} start equal: so do all units, and they stay so"
        if bad
        else "the weights start different",
        hint="draw them at random, for instance normal with std √(2 / fan_in)" if bad else None,
        seconds=perf_counter() - begun,
    )


def _units_alike(weights: Array) -> bool:
    """Whether all columns of a matrix are equal, or all filters, which come first or last."""
    ends = (-1,) if weights.ndim == 2 else (0, -1)
    return bool(np.ptp(weights)) and any(
        weights.shape[end] > 1 and not np.ptp(weights, axis=end).any() for end in ends
    )
