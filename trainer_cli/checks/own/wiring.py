"""Is somebody's network put together so that it can learn, as far as its operations tell?

N examples, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log, prod
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.answers import is_linear
from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.passage import (
    BATCH_NORM,
    PASSING,
    Op,
    UntraceableError,
    behind,
    called,
    learning,
    narrows,
)
from trainer_cli.checks.own.paths import draw
from trainer_cli.config.rules import Bottleneck, DropoutRate, rule_of
from trainer_cli.training.findings import Finding

EXAMPLES = 8
# What is left of the scores behind the last layer where it is too little.
SHRUNK = 0.01
# What changes nothing about two linear layers in a row being one.
NOT_BENDING = (*PASSING, *BATCH_NORM)
# What dropout may stand before, on its way to batch normalization, and disturb it all the same.
NOT_LEARNING = (*PASSING, "Elu", "Gelu", "LeakyRelu", "Relu", "Sigmoid", "Silu", "Tanh")


def check_wiring(bench: Bench) -> list[Finding]:
    """Return findings on nonlinearities, dropout and the narrowest place; none where unseen.

    Source: CS231n, "Neural Networks Part 1" and "Part 2".
    """
    begun = perf_counter()
    try:
        ops = bench.network().passage(*bench.evenly(EXAMPLES))
    except UntraceableError:
        return []
    if not ops or len(learning(ops)) < 2:
        return []
    first = _missing_nonlinearity(ops)
    first = _linear(bench, ops) or first if first.status == "pass" else first
    return [
        replace(first, seconds=perf_counter() - begun),
        _dropout_placement(ops),
        _dropout_rate(bench, ops),
        *_bottleneck(bench, ops),
        *_scale_of_scores(ops),
    ]


def _text(op: Op, ops: Sequence[Op]) -> str:
    name, kind = called(op, ops)
    return f"{name} ({kind})"


def _missing_nonlinearity(ops: Sequence[Op]) -> Finding:
    rule, learned = "missing-nonlinearity", learning(ops)
    pairs = []
    for later in learned:
        if later.function != "linear":
            continue
        for op in behind(later, NOT_BENDING):
            if op.weights is not None and op.function == "linear":
                if later is learned[-1] or not _saves_parameters(op, later):
                    pairs.append((op, later))
                break
    if not pairs:
        message = "linear layers do not follow each other without a nonlinearity"
        return Finding(rule=rule, status="pass", message=message)
    told = ", ".join(f"{_text(a, ops)} and {_text(b, ops)}" for a, b in pairs)
    return Finding(
        rule=rule,
        status="warn",
        message=f"nothing nonlinear stands between {told}: together they are one linear layer",
        hint=f"put nn.ReLU behind {' and '.join(called(a, ops)[0] for a, _ in pairs)}",
    )


def _linear(bench: Bench, ops: Sequence[Op]) -> Finding | None:
    """Return that the scores are linear in the inputs, if they are: whatever stands between."""
    rule, network = "missing-nonlinearity", bench.network()
    draw(network, bench.experiment.seed)
    with np.errstate(all="ignore"):
        if not is_linear(network, bench.evenly()[0]):
            return None
    told = ", ".join(dict.fromkeys(_text(op, ops) for op in learning(ops)))
    return Finding(
        rule=rule,
        status="warn",
        message=f"the scores are linear in the inputs: {told} together are as good as one layer",
        hint="nothing between them bends: is what an activation returns used, x = F.relu(x), and "
        "is its negative slope below 1?",
    )


def _saves_parameters(op: Op, later: Op) -> bool:
    """Return whether a layer is narrower than what it takes in and what the next one gives."""
    assert op.weights is not None
    assert later.weights is not None
    return op.weights[0] < min(op.weights[-1], later.weights[0])


def _dropout_placement(ops: Sequence[Op]) -> Finding:
    rule = "dropout-placement"
    last = ops[-1]
    ends = [last, *(op for op in behind(last, PASSING) if last.kind in PASSING)]
    for op in ends:
        if op.dropout is not None:
            return Finding(
                rule=rule,
                status="fail",
                message=f"{op.dropout} silences scores: it stands behind the layer that gives them",
                hint="move it before the last layer, or remove it",
            )
        if op.weights is not None:
            break
    for norm in (op for op in ops if op.kind in BATCH_NORM):
        for op in behind(norm, NOT_LEARNING):
            if op.dropout is not None:
                name = _text(norm, ops)
                return Finding(
                    rule=rule,
                    status="warn",
                    message=f"{op.dropout} stands before {name}, which learns the variance that "
                    f"dropout makes in training and not in evaluation",
                    hint=f"move it behind {called(norm, ops)[0]} and its nonlinearity",
                )
    where = ", ".join(op.dropout for op in ops if op.dropout is not None)
    if not where:
        message = "not judged: the network has no dropout"
        return Finding(rule=rule, status="skip", message=message)
    message = f"{where}: neither before batch normalization nor last"
    return Finding(rule=rule, status="pass", message=message)


def _dropout_rate(bench: Bench, ops: Sequence[Op]) -> Finding:
    """Judge which share every dropout silences, and whether what is left tells classes apart."""
    checks, examples = bench.experiment.checks, min(EXAMPLES, len(bench.dataset.train))
    limits, classes = rule_of(checks, DropoutRate), bench.dataset.classes
    needed = log(classes) / log(rule_of(checks, Bottleneck).values)
    dropped = [op for op in ops if op.dropout is not None]
    if not dropped:
        return skipped(limits.type, "the network has no dropout")
    left = {
        op: (1 - op.silent) * op.values.size / examples for op in dropped if op.values is not None
    }
    scarce = [op for op, values in left.items() if values < needed]
    wrong = [op for op in dropped if op.silent >= limits.largest or op in scarce]
    worst = max(wrong or dropped, key=lambda op: op.silent)
    told = f"{worst.dropout} silences {worst.silent:.0%} of the values"
    if worst in left:
        told += f": of {prod(worst.shape or ()) // examples:,} about {left[worst]:.2g} are left"
    told += f", which can hardly tell {classes} classes apart" if worst in scarce else ""
    return Finding(
        rule=limits.type,
        status="warn" if wrong else "pass",
        measured=worst.silent,
        threshold=limits.largest,
        message=told,
        hint="lower p, the share that is silenced, not the one that is kept: 0.5 is usual, and 0.2 "
        "on inputs"
        if wrong
        else None,
    )


def _scale_of_scores(ops: Sequence[Op]) -> list[Finding]:
    """Return that scores are made next to nothing of, behind the layer that gives them, if so."""
    last, end = learning(ops)[-1], ops[-1]
    if last.values is None or end.values is None or last not in narrows(ops):
        return []
    given, left = float(last.values.std()), float(end.values.std())
    if not 0 < left < SHRUNK * given:
        return []
    return [
        Finding(
            rule="output-activation",
            status="warn",
            measured=left / given,
            threshold=SHRUNK,
            message=f"{_text(last, ops)} gives scores of a standard deviation of {given:.2g}, of "
            f"which {left:.2g} is left at the end: learning is {given / left:.3g} times slower",
            hint="remove the division, or whatever makes the scores so small",
        )
    ]


def _bottleneck(bench: Bench, ops: Sequence[Op]) -> list[Finding]:
    """Judge what everything comes through, between the first weights and the last."""
    rule, learned = rule_of(bench.experiment.checks, Bottleneck), learning(ops)
    inside = ops[ops.index(learned[0]) : ops.index(learned[-1])]
    necks = set(narrows(ops))
    examples = min(EXAMPLES, len(bench.dataset.train))
    widths = {
        op: op.values.size // examples for op in inside if op in necks and op.values is not None
    }
    if not widths:
        return []
    narrowest = min(widths, key=widths.__getitem__)
    classes, width = bench.dataset.classes, widths[narrowest]
    needed = log(classes) / log(rule.values)
    name = _text(narrowest, ops)
    gives = f"{name}, the narrowest place, gives {width:,} values"
    good = width >= needed
    tells = "to tell" if good else "which can hardly tell"
    message = f"{gives}{'' if good else ','} {tells} {classes} classes apart"
    if width == 1:
        message = f"{name} gives a single value, {tells} {classes} classes apart"
    return [
        Finding(
            rule=rule.type,
            status="pass" if good else "warn",
            measured=width,
            threshold=needed,
            message=message,
            hint=None
            if good
            else "give it more units: about as many as there are classes, or more",
        )
    ]
