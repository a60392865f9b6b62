"""Judges the numbers of check-activations: six findings, each on one way to lose a signal."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from trainer_cli.training.findings import Finding, Status, counted
from trainer_cli.training.layer_statistics import LayerStatistics
from trainer_cli.training.signals import (
    DEAD,
    DYING,
    FADED,
    FADING,
    SATURATED,
    SATURATING,
    gradient_path,
    gradient_share,
    most_dead,
    most_saturated,
    named,
)

# The thresholds were tried on the networks that training/signals.py tells of.

# Shares of the inputs' standard deviation, or of 1 if that is smaller. With two hidden layers and
# more, relu and tanh networks below 0.0005 did not learn in 15 epochs, those above 0.002 did. One
# hidden layer learns whatever small weights it starts with, unless they are 0: the lecture's
# network does, at 0.005.
VANISHING, VANISHED = 1e-3, 1e-6
# The same, or of 1 if that is larger. Networks above a hundred begin with a loss that the first
# updates only undo; those above 3,000 diverged at every rate. The usual initializers stay below 3.
EXPLODING, EXPLODED = 1e2, 3e3
# Units that start with the same weights are one unit, the lecture's pitfall of all zero weights.
# Random ones are never equal; narrow layers on few inputs may have a pair that is.
REPEATED = 0.3

FITTING = "he before relu, xavier before tanh and sigmoid: the defaults, where init is left out"
NORMALIZE = "or put batch_norm behind every layer with weights"
ALL_THE_SAME = "the inputs are all the same"


def _low(value: float, warn: float, fail: float) -> Status:
    """Judge a value that should not be small; NaN fails."""
    return "pass" if value >= warn else "warn" if value >= fail else "fail"


def _high(value: float, warn: float, fail: float) -> Status:
    """Judge a value that should not be large; NaN fails."""
    return "pass" if value <= warn else "warn" if value < fail else "fail"


def _skip(rule: str, why: str) -> Finding:
    return Finding(rule=rule, status="skip", message=f"not judged: {why}")


def _judged(
    rule: str,
    status: Status,
    measured: float,
    threshold: float,
    *,
    sound: str,
    wrong: str,
    remedy: str,
    seconds: float = 0.0,
) -> Finding:
    """Return the finding: `sound` says what a pass saw, `wrong` what anything else did."""
    passed = status == "pass"
    return Finding(
        rule=rule,
        status=status,
        measured=measured,
        threshold=threshold,
        message=sound if passed else wrong,
        hint=None if passed else remedy,
        seconds=seconds,
    )


def vanishing_activations(
    inner: Sequence[LayerStatistics], input_std: float, seconds: float
) -> Finding:
    """Judge whether a signal gets to the last layer with weights."""
    rule = "vanishing-activations"
    finite = [layer for layer in inner if isfinite(layer.std)]
    if not finite:
        return _skip(rule, "no hidden layer" if not inner else "the activations are not finite")
    if not input_std > 0:
        return _skip(rule, ALL_THE_SAME)
    least = min(finite, key=lambda layer: layer.std)
    # What batch normalization or an initializer makes of large inputs, 1, is sound as well.
    share = least.std / min(input_std, 1.0)
    threshold = VANISHING if len(inner) > 1 else VANISHED
    path = f"from {input_std:.2g} at the input to {least.std:.2g} at {named(least)}"
    return _judged(
        rule,
        _low(share, threshold, VANISHED),
        share,
        threshold,
        sound=f"the standard deviation of the activations stays up: {path} at the lowest",
        wrong=f"the activations vanish: their standard deviation falls {path}",
        remedy=f"start with larger weights ({FITTING}), {NORMALIZE}",
        seconds=seconds,
    )


def exploding_activations(layers: Sequence[LayerStatistics], input_std: float) -> Finding:
    """Judge whether the signal grows out of bounds in some layer."""
    rule = "exploding-activations"
    if not input_std > 0:
        return _skip(rule, ALL_THE_SAME)
    largest = max(layers, key=lambda layer: layer.std if isfinite(layer.std) else np.inf)
    growth = largest.std / max(input_std, 1.0)
    path = f"from {input_std:.2g} at the input to {largest.std:.2g} at {named(largest)}"
    explode = f"the activations explode: their standard deviation rises {path}"
    overflow = f"the activations overflow at {named(largest)}"
    return _judged(
        rule,
        _high(growth, EXPLODING, EXPLODED),
        growth,
        EXPLODING,
        sound=f"the standard deviation of the activations stays low: {path} at the highest",
        wrong=explode if isfinite(largest.std) else overflow,
        remedy=f"start with smaller weights ({FITTING}), {NORMALIZE}",
    )


def saturated_units(layers: Sequence[LayerStatistics]) -> Finding:
    """Judge whether tanh and sigmoid units work where they have a slope."""
    rule = "saturated-units"
    found = most_saturated(layers)
    if found is None:
        return _skip(rule, "no layer that saturates (tanh, sigmoid)")
    share, worst = found
    count = sum((layer.saturated or 0) > SATURATING for layer in layers)
    return _judged(
        rule,
        _high(share, SATURATING, SATURATED),
        share,
        SATURATING,
        sound=f"at most {share:.0%} of the values of a layer are saturated, at {named(worst)}",
        wrong=f"{share:.0%} of the values of {named(worst)} are saturated, and over "
        f"{SATURATING:.0%} in {counted(count, 'layer')}: there the slope is almost 0",
        remedy="start with smaller weights (init: xavier), scale the inputs (standardize), or put "
        "batch_norm before the nonlinearity",
    )


def dead_units(inner: Sequence[LayerStatistics]) -> Finding:
    """Judge whether units answer to their inputs at all."""
    rule = "dead-units"
    worst = most_dead(inner)
    if worst is None:
        return _skip(rule, "no hidden layer")
    return _judged(
        rule,
        _high(worst.dead, DYING, DEAD),
        worst.dead,
        DYING,
        sound=f"at most {worst.dead:.0%} of the units of a layer are dead, at {named(worst)}",
        wrong=f"{worst.dead:.0%} of the units of {named(worst)} are dead: they give the same "
        f"for every example",
        remedy="center the inputs (center, standardize), start biases at 0 or slightly above "
        "(bias_init), weights not at 0, or use leaky_relu",
    )


def identical_units(inner: Sequence[LayerStatistics]) -> Finding:
    """Judge whether the units of a layer differ, as only random weights make them."""
    rule = "identical-units"
    if not inner:
        return _skip(rule, "no hidden layer")
    worst = max(inner, key=lambda layer: layer.alike)
    return _judged(
        rule,
        _high(worst.alike, REPEATED, REPEATED),
        worst.alike,
        REPEATED,
        sound="the units of a layer differ from each other",
        wrong=f"{worst.alike:.0%} of the units of {named(worst)} give the same as another "
        f"unit: they get the same gradient, and stay equal for ever",
        remedy=f"start with random weights ({FITTING})",
    )


def vanishing_gradient(inner: Sequence[LayerStatistics]) -> Finding:
    """Judge whether the gradient gets back to the first hidden layer."""
    rule = "vanishing-gradient"
    if len(inner) < 2:
        return _skip(rule, "fewer than two hidden layers, so no gradient has far to go")
    if inner[-1].gradient_std == 0:
        where = named(inner[-1])
        return _skip(rule, f"no gradient arrives at {where}, as before a layer at zero")
    share = gradient_share(inner)
    if not isfinite(share):
        return _skip(rule, "the gradients are not finite")
    path = gradient_path(inner)
    return _judged(
        rule,
        _low(share, FADING, FADED),
        share,
        FADING,
        sound=f"the gradients come through: their norm goes {path}",
        wrong=f"the gradients vanish on their way back: their norm falls {path}",
        remedy=f"use relu instead of sigmoid or tanh, start with larger weights ({FITTING}), "
        f"{NORMALIZE}",
    )
