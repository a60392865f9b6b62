"""Which usual mistake makes just this loss of these scores?"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, log

import numpy as np

from trainer_cli.checks.own.bench import SAME
from trainer_cli.checks.own.network import Reference
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels


def named(measured: float, scores: Array, y: Labels, reference: Reference) -> str | None:
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
    for k, which in ((0, "first"), (-1, "last")):
        alone = reference.of(scores[k:][:1], y[k:][:1])
        yield alone, f"it is that of the {which} example alone: take the mean over all"
        yield alone / n, f"it is that of the {which} example alone: take the mean over all"
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


def other_kinds(scores: Array, y: Labels) -> Iterator[float]:
    """Yield squared errors and binary cross-entropies: by classes summed, also halved, averaged."""
    classes = scores.shape[1]
    error = scores.copy()
    error[np.arange(len(y)), y] -= 1
    squared = float(np.square(error).sum(axis=1).mean())
    yield from (squared, squared / 2, squared / classes, squared / (2 * classes))
    of_both_sides = np.logaddexp(0, scores).sum(axis=1) - scores[np.arange(len(y)), y]
    binary = float(of_both_sides.mean())
    yield from (binary, binary / classes)
