"""Do signals reach the end of somebody's untrained network, and gradients its beginning?

N examples, C units or channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import nan
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import LOOKED_AT, Bench, skipped
from trainer_cli.checks.own.passage import (
    NORMALIZING,
    Op,
    UntraceableError,
    called,
    feeders,
    learning,
    narrows,
    origin,
)
from trainer_cli.checks.own.signal_causes import lost_at_once, never_above_zero
from trainer_cli.checks.own.weak_signals import check_weak_signals
from trainer_cli.checks.signal_findings import (
    dead_units,
    exploding_activations,
    exploding_gradient,
    identical_units,
    saturated_units,
    vanishing_activations,
    vanishing_gradient,
)
from trainer_cli.config.rules import (
    DeadUnits,
    ExplodingActivations,
    ExplodingGradient,
    IdenticalUnits,
    SaturatedUnits,
    VanishingActivations,
    VanishingGradient,
    rule_of,
)
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding
from trainer_cli.training.layer_statistics import LayerStatistics, forward_statistics
from trainer_cli.training.moments import in_blocks, moments_of

RULES = (
    "vanishing-activations",
    "exploding-activations",
    "saturated-units",
    "dead-units",
    "identical-units",
    "vanishing-gradient",
    "exploding-gradient",
)
OPAQUE = "the layers of a network of your own cannot be looked into"
LOST = "what the first weights take in is the same for every example"
BYPASSED = "there is a way around every hidden layer"
# Examples are so few that all that is kept of them is no more values than this.
FIRST, FEWEST, VALUES = 4, 16, 30_000_000
# With torch's initialization, of small weights and random biases, examples come to look alike
# behind a few layers, and half of relu's units are shut for all: up to 75 % of 16, on the digits.
SHUT = 0.8
BOUNDS = {"Sigmoid": (0.0, 1.0), "Tanh": (-1.0, 1.0)}

FITTING = "nn.init.kaiming_normal_ before relu, xavier_normal_ before tanh and sigmoid"
NORMALIZE = "or put normalization (nn.BatchNorm1d ...) behind every layer with weights"
# What to do about each, in torch's words.
REMEDIES = {
    "vanishing-activations": f"start with larger weights ({FITTING}), {NORMALIZE}",
    "exploding-activations": f"start with smaller weights ({FITTING}), {NORMALIZE}",
    "saturated-units": "start with smaller weights (nn.init.xavier_normal_), scale the inputs "
    "(standardize), or put normalization before the nonlinearity",
    "dead-units": "center the inputs (center, standardize), start biases at 0 or slightly above, "
    "weights not at 0, or use nn.LeakyReLU",
    "identical-units": f"start with random weights ({FITTING})",
    "vanishing-gradient": "use nn.ReLU instead of sigmoid or tanh, start with larger weights "
    f"({FITTING}), {NORMALIZE}",
    "exploding-gradient": f"start with smaller weights ({FITTING}), {NORMALIZE}",
}


def check_activations(bench: Bench) -> list[Finding]:
    """Return seven findings on up to 200 training examples at initialization.

    As in training, without dropout. Judged are the activations that weights take in, and the
    gradients that come back there, where nothing leads around them: beside a way around, a branch
    may be next to nothing on purpose.
    """
    begun = perf_counter()
    try:
        ops = _passage(bench)
    except UntraceableError as error:
        return [skipped(RULES[0], str(error), None, begun)]
    if ops is None:
        return check_weak_signals(bench)
    with np.errstate(all="ignore"):
        findings = _judged(bench, ops)
    findings = [
        replace(each, hint=_told(each.rule, ops)) if each.status in ("warn", "fail") else each
        for each in findings
    ]
    return [replace(findings[0], seconds=perf_counter() - begun), *findings[1:]]


def _told(rule: str, ops: Sequence[Op]) -> str:
    """Return what to do about a finding, where its cause is seen, or what usually helps."""
    told = REMEDIES[rule]
    if rule == "vanishing-activations":
        told = lost_at_once(ops) or told
    if rule == "dead-units":
        told = never_above_zero(ops) or told
    return told


def _passage(bench: Bench) -> Sequence[Op] | None:
    """Follow as many examples as there is room for."""
    x, y = bench.evenly()
    first = bench.network().passage(x[:FIRST], y[:FIRST])
    if first is None:
        return None
    kept = sum(op.values.size for op in first if op.values is not None) / len(x[:FIRST])
    most = int(np.clip(VALUES / max(kept, 1.0), FEWEST, LOOKED_AT))
    return bench.network().passage(*bench.evenly(most))


def _judged(bench: Bench, ops: Sequence[Op]) -> list[Finding]:
    pairs = [(op, user) for op, user in feeders(ops) if op.values is not None]
    inner = [_statistics(op, user, ops) for op, user in pairs]
    outer = [_statistics(op, None, ops) for op in ops[-1:] if op.values is not None]
    bounded = [
        _statistics(op, None, ops)
        for op in narrows(ops)[:-1]
        if op.kind in BOUNDS and op.values is not None
    ]
    std = input_std(ops)
    rules = bench.experiment.checks
    findings = [
        vanishing_activations(inner, std, 0.0, rule_of(rules, VanishingActivations)),
        exploding_activations([*inner, *outer], std, rule_of(rules, ExplodingActivations)),
        saturated_units(bounded, rule_of(rules, SaturatedUnits)),
        dead_units(inner, _dead(rule_of(rules, DeadUnits))),
        identical_units(inner, rule_of(rules, IdenticalUnits)),
        vanishing_gradient(inner, rule_of(rules, VanishingGradient)),
        exploding_gradient(inner, rule_of(rules, ExplodingGradient)),
    ]
    if any(op.kind in NORMALIZING for op in ops):
        # Deep networks with batch normalization begin so, and learn: Yang et al. 2019.
        findings[-1] = skipped(RULES[-1], "normalization bounds what an update does")
    if std == 0:
        return [skipped(each.rule, LOST, "see input-independence") for each in findings]
    if not inner and len(learning(ops)) > 1:
        return [
            skipped(each.rule, BYPASSED)
            if each.status == "skip" and each.rule != "saturated-units"
            else each
            for each in findings
        ]
    dead = next(each for each in findings if each.rule == "dead-units")
    if dead.status == "fail":  # nothing gets through, for this reason
        findings = [
            skipped(each.rule, "units are dead", "see dead-units")
            if each.rule.startswith("vanishing")
            else each
            for each in findings
        ]
    return findings


def _dead(limits: DeadUnits) -> DeadUnits:
    """Raise the threshold, unless the experiment sets it."""
    given = limits.unusual_share != DeadUnits().unusual_share
    return limits if given else replace(limits, unusual_share=SHUT)


def input_std(ops: Sequence[Op]) -> float:
    """Return the standard deviation of what the first weights take in, whoever scaled it."""
    first = next(iter(learning(ops)), ops[-1])
    source = origin(first.taken[0]) if first.taken else ops[0]
    values = source.values if source.values is not None else ops[0].values
    return float(values.std()) if values is not None else nan


def _statistics(op: Op, user: Op | None, ops: Sequence[Op]) -> LayerStatistics:
    assert op.values is not None
    y = _units_last(op.values, user)
    gradient = (nan, nan)
    if op.gradient is not None:
        gradient = moments_of(in_blocks(op.gradient.reshape(len(op.gradient), -1)))[-2:]
    layer, kind = called(op, ops)
    return LayerStatistics(
        layer=layer,
        kind=kind,
        gradient_mean=gradient[0],
        gradient_std=gradient[1],
        **forward_statistics(y, BOUNDS.get(op.kind)),
    )


def _units_last(values: Array, user: Op | None) -> Array:
    """Return values (N, C, ...) of what a convolution takes in as (N, ..., C); others as they are.

    So too what is flattened for a matrix: its last axis is none that the matrix multiplies.
    """
    weights = user.weights if user is not None else None
    flattened = weights is not None and values.shape[-1] not in weights
    if values.ndim > 2 and user is not None and (user.kind == "Convolution" or flattened):
        return np.moveaxis(values, 1, -1)
    return values.reshape(-1, 1) if values.ndim < 2 else values
