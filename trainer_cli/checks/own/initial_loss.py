"""Is the loss what it says it is, and what chance gives before training?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite, log
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import SAME, Bench, skipped
from trainer_cli.checks.own.network import Inputs, Reference
from trainer_cli.config.rules import InitialLoss, LossAtZeroScores, rule_of
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels
from trainer_cli.training.findings import Finding, loss_text

# Scores that differ by no more than this are equal.
EQUAL = 1e-6
# Inputs beyond this root mean square are unscaled.
LARGE_INPUTS = 5.0


def check_loss(bench: Bench) -> list[Finding]:
    """Return two findings: the loss with all parameters at zero, and as built.

    The penalty is off for both, where there is a `reg` to turn off.
    """
    with np.errstate(all="ignore"):
        first, second = _at_zero_scores(bench), _as_built(bench)
    if first.status == "fail" and second.status == "warn":
        second = replace(second, hint="see loss-at-zero-scores: the loss itself is wrong")
    return [first, second]


def _at_zero_scores(bench: Bench) -> Finding:
    begun, rule = perf_counter(), "loss-at-zero-scores"
    network, reference = bench.network(), bench.reference
    x, y = bench.evenly()
    for each in network.parameters.values():
        each[...] = 0
    scores = network.scores(x)
    if not np.isfinite(scores).all() or np.ptp(scores, axis=-1).max() > EQUAL:
        why = "with all parameters at zero the scores are not equal"
        return skipped(rule, why, "something beside the parameters makes scores", begun)
    measured, chance = network.cost(x, y), reference.loss.at_zero_scores(reference.classes)
    tolerance = rule_of(bench.experiment.checks, LossAtZeroScores).tolerance
    if any(abs(measured - each) <= SAME * each for each in _squared_errors(scores, y)):
        return skipped(
            rule, "the loss is a squared error, of which chance is not known", None, begun
        )
    good = abs(measured - chance) <= tolerance * chance
    must = "as it must be" if good else "but must be"
    text = reference.loss.zero_scores_text(reference.classes)
    return Finding(
        rule=rule,
        status="pass" if good else "fail",
        measured=measured,
        expected=chance,
        threshold=tolerance,
        message=f"with all parameters at zero the loss is {loss_text(measured)}, {must}: {text}",
        hint=None if good else _named(measured, scores, x, y, reference) or _other(measured, bench),
        seconds=perf_counter() - begun,
    )


def _other(measured: float, bench: Bench) -> str:
    if abs(measured - (bench.dataset.classes - 1)) < EQUAL:
        return "that is a hinge loss: write loss: svm in the experiment file, if it is meant"
    return "the loss itself is wrong: look at how it is summed, averaged and normalized"


def _as_built(bench: Bench) -> Finding:
    begun = perf_counter()
    network, reference = bench.network(), bench.reference
    x, y = bench.evenly()
    measured, scores = network.cost(x, y), network.scores(x)
    loss, rule = reference.loss, rule_of(bench.experiment.checks, InitialLoss)
    chance = loss.at_zero_scores(reference.classes)
    near = rule.tolerance * chance
    unusual = max(loss.excess(reference.classes, rule.unusual_spread), near)
    wrong = max(loss.excess(reference.classes, rule.wrong_spread), 10 * near)
    told = f"the initial loss is {loss_text(measured)}"
    text = loss.zero_scores_text(reference.classes)
    status, message, hint = "pass", f"{told}, near {text}", None
    named = _named(measured, scores, x, y, reference) if network.loss_is_own else None
    if not isfinite(measured):
        status, message, hint = "fail", f"{told}: the scores overflow", _scale(x)
    elif named is not None:
        right = loss_text(reference.of(scores, y))
        message = f"{told}, but the {loss.type} loss of the scores that it gives is {right}"
        status, hint = "fail", named
    elif measured < chance - near and _fair(bench) < chance - near:
        message = f"{told}, below {text}: no untrained network can know that much"
        status, hint = "fail", "look for a loss that is scaled or clipped"
    elif measured - chance > unusual:
        status = "fail" if measured - chance > wrong else "warn"
        message = (
            f"{told}, {measured - chance:.2g} above {text}: the scores are too far apart "
            f"(standard deviation {scores.std():.2g})"
        )
        hint = _scale(x)
    elif abs(measured - chance) > near:
        side = "above" if measured > chance else "below"
        message = f"{told}, {abs(measured - chance):.2g} {side} {text}, as usual"
    return Finding(
        rule="initial-loss",
        status="fail" if status == "fail" else "warn" if status == "warn" else "pass",
        measured=measured,
        expected=chance,
        threshold=unusual,
        message=message,
        hint=hint,
        seconds=perf_counter() - begun,
    )


def _fair(bench: Bench) -> float:
    """Return the loss with each class in turn as the right one, in the mean."""
    network, classes = bench.network(), bench.dataset.classes
    x, y = bench.evenly(50)
    turns = range(0, classes, max(1, classes // 20))
    return float(np.mean([network.cost(x, (y + k) % classes) for k in turns]))


def _scale(x: Inputs) -> str:
    size = float(np.sqrt(np.square(x).mean()))
    if size > LARGE_INPUTS:
        return (
            f"the inputs are unscaled, with a root mean square of {size:.3g}: add standardize or "
            f"scale to data.preprocess"
        )
    return "the initial weights are too large: draw them with std √(2 / fan_in) or less"


def _named(
    measured: float, scores: Array, x: Inputs, y: Labels, reference: Reference
) -> str | None:
    """Return which usual mistake gives exactly this loss for these scores; None for none."""
    right = reference.of(scores, y)
    if abs(measured - right) <= SAME * abs(right):
        return None
    if np.abs(np.exp(scores).sum(axis=-1) - 1).max() < SAME or _are_shares(scores):
        logs = scores if not _are_shares(scores) else np.log(np.maximum(scores, 1e-300))
        if abs(measured + float(logs[np.arange(len(y)), y].mean())) <= SAME * abs(measured):
            return None  # loss(X) gives probabilities, and the loss is right for these
    for value, why in _mistakes(scores, y, reference):
        if isfinite(value) and abs(measured - value) <= SAME * abs(value):
            return why
    return None


def _are_shares(scores: Array) -> bool:
    return bool((scores >= 0).all() and np.abs(scores.sum(axis=-1) - 1).max() < SAME)


def _mistakes(scores: Array, y: Labels, reference: Reference) -> Iterator[tuple[float, str]]:
    """Yield what usual mistakes make of the loss, and what to do about each."""
    n, classes, right = len(y), reference.classes, reference.of(scores, y)
    yield n * right, f"it is the sum over the {n} examples: divide by their number"
    yield right / n, f"it is divided by the number of examples, {n}, twice"
    yield right / classes, f"it is averaged over the {classes} classes too: sum over these"
    yield right / 2, "it is half of what it should be: look for a factor of 1/2"
    yield 2 * right, "it is twice what it should be: look for a factor of 2"
    yield -right, "its sign is wrong: the loss is minus the mean logarithm"
    if reference.loss.type == "softmax":
        yield right / log(2), "its logarithm is to base 2: use the natural one, np.log"
        yield right / log(10), "its logarithm is to base 10: use the natural one, np.log"
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        yield reference.of(shares, y), "softmax is taken twice: give the loss the scores themselves"
        down = np.exp(scores - scores.max(axis=0))
        logs = np.log(down / down.sum(axis=0))[np.arange(n), y]
        yield (
            -float(logs.mean()),
            "softmax runs over the examples: it goes over the classes, axis 1",
        )
    else:
        yield right + 1, "the right class has a margin too: leave it out of the sum"
    one = "the label of every example is off by one: labels are 0 to C - 1"
    for shifted in ((y - 1) % classes, (y + 1) % classes):
        value = reference.of(scores, shifted)
        yield value, one
        yield n * value, f"{one}; and the loss is a sum over the examples"


def _squared_errors(scores: Array, y: Labels) -> Iterator[float]:
    """Yield the squared errors that are in use: summed over the classes, half of it, averaged."""
    error = scores.copy()
    error[np.arange(len(y)), y] -= 1
    total = float(np.square(error).sum(axis=1).mean())
    yield from (total, total / 2, total / scores.shape[1])
