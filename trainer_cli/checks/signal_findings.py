"""Judges the numbers of check-activations: six findings, each on one way to lose a signal."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan

import numpy as np

from trainer_cli.config.rules import (
    DeadUnits,
    ExplodingActivations,
    ExplodingGradient,
    IdenticalUnits,
    SaturatedUnits,
    VanishingActivations,
    VanishingGradient,
)
from trainer_cli.training.findings import Finding, Status, counted
from trainer_cli.training.layer_statistics import LayerStatistics
from trainer_cli.training.signals import (
    gradient_path,
    gradient_share,
    most_dead,
    most_saturated,
    named,
)

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
    inner: Sequence[LayerStatistics], input_std: float, seconds: float, limits: VanishingActivations
) -> Finding:
    """Judge whether a signal gets to the last layer with weights.

    One hidden layer learns whatever small weights it starts with, unless they are 0.
    """
    rule = limits.type
    finite = [layer for layer in inner if isfinite(layer.std)]
    if not finite:
        return _skip(rule, "no hidden layer" if not inner else "the activations are not finite")
    if not input_std > 0:
        return _skip(rule, ALL_THE_SAME)
    least = min(finite, key=lambda layer: layer.std)
    # What batch normalization or an initializer makes of large inputs, 1, is sound as well.
    share = least.std / min(input_std, 1.0)
    threshold = limits.unusual_share if len(inner) > 1 else limits.wrong_share
    path = f"from {input_std:.2g} at the input to {least.std:.2g} at {named(least)}"
    return _judged(
        rule,
        _low(share, threshold, limits.wrong_share),
        share,
        threshold,
        sound=f"the standard deviation of the activations stays up: {path} at the lowest",
        wrong=f"the activations vanish: their standard deviation falls {path}",
        remedy=f"start with larger weights ({FITTING}), {NORMALIZE}",
        seconds=seconds,
    )


def exploding_activations(
    layers: Sequence[LayerStatistics], input_std: float, limits: ExplodingActivations
) -> Finding:
    """Judge whether the signal grows out of bounds in some layer."""
    rule = limits.type
    if not input_std > 0:
        return _skip(rule, ALL_THE_SAME)
    largest = max(layers, key=lambda layer: layer.std if isfinite(layer.std) else np.inf)
    growth = largest.std / max(input_std, 1.0)
    path = f"from {input_std:.2g} at the input to {largest.std:.2g} at {named(largest)}"
    explode = f"the activations explode: their standard deviation rises {path}"
    overflow = f"the activations overflow at {named(largest)}"
    return _judged(
        rule,
        _high(growth, limits.unusual_growth, limits.wrong_growth),
        growth,
        limits.unusual_growth,
        sound=f"the standard deviation of the activations stays low: {path} at the highest",
        wrong=explode if isfinite(largest.std) else overflow,
        remedy=f"start with smaller weights ({FITTING}), {NORMALIZE}",
    )


def saturated_units(layers: Sequence[LayerStatistics], limits: SaturatedUnits) -> Finding:
    """Judge whether tanh and sigmoid units work where they have a slope."""
    rule = limits.type
    found = most_saturated(layers)
    if found is None:
        return _skip(rule, "no layer that saturates (tanh, sigmoid)")
    share, worst = found
    count = sum((layer.saturated or 0) > limits.unusual_share for layer in layers)
    return _judged(
        rule,
        _high(share, limits.unusual_share, limits.wrong_share),
        share,
        limits.unusual_share,
        sound=f"at most {share:.0%} of the values of a layer are saturated, at {named(worst)}",
        wrong=f"{share:.0%} of the values of {named(worst)} are saturated, and over "
        f"{limits.unusual_share:.0%} in {counted(count, 'layer')}: there the slope is almost 0",
        remedy="start with smaller weights (init: xavier), scale the inputs (standardize), or put "
        "batch_norm before the nonlinearity",
    )


def dead_units(inner: Sequence[LayerStatistics], limits: DeadUnits) -> Finding:
    """Judge whether units answer to their inputs at all."""
    rule = limits.type
    worst = most_dead(inner)
    if worst is None:
        return _skip(rule, "no hidden layer")
    return _judged(
        rule,
        _high(worst.dead, limits.unusual_share, limits.wrong_share),
        worst.dead,
        limits.unusual_share,
        sound=f"at most {worst.dead:.0%} of the units of a layer are dead, at {named(worst)}",
        wrong=f"{worst.dead:.0%} of the units of {named(worst)} are dead: they give the same "
        f"for every example",
        remedy="center the inputs (center, standardize), start biases at 0 or slightly above "
        "(bias_init), weights not at 0, or use leaky_relu",
    )


def identical_units(inner: Sequence[LayerStatistics], limits: IdenticalUnits) -> Finding:
    """Judge whether the units of a layer differ, as only random weights make them."""
    rule, most = limits.type, limits.wrong_share
    if not inner:
        return _skip(rule, "no hidden layer")
    worst = max(inner, key=lambda layer: layer.alike)
    return _judged(
        rule,
        _high(worst.alike, most, most),
        worst.alike,
        most,
        sound="the units of a layer differ from each other",
        wrong=f"{worst.alike:.0%} of the units of {named(worst)} give the same as another "
        f"unit: they get the same gradient, and stay equal for ever",
        remedy=f"start with random weights ({FITTING})",
    )


def vanishing_gradient(inner: Sequence[LayerStatistics], limits: VanishingGradient) -> Finding:
    """Judge whether the gradient gets back to the first hidden layer."""
    rule = limits.type
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
        _low(share, limits.unusual_share, limits.wrong_share),
        share,
        limits.unusual_share,
        sound=f"the gradients come through: their norm goes {path}",
        wrong=f"the gradients vanish on their way back: their norm falls {path}",
        remedy=f"use relu instead of sigmoid or tanh, start with larger weights ({FITTING}), "
        f"{NORMALIZE}",
    )


def exploding_gradient(inner: Sequence[LayerStatistics], limits: ExplodingGradient) -> Finding:
    """Judge whether the gradient grows out of bounds on its way back."""
    rule = limits.type
    if len(inner) < 2:
        return _skip(rule, "fewer than two hidden layers, so no gradient has far to go")
    growth = gradient_share(inner) if inner[-1].gradient_std else nan
    if not isfinite(growth):
        return _skip(rule, "the gradients are zero at the last hidden layer, or not finite")
    path = gradient_path(inner)
    return _judged(
        rule,
        "pass" if growth <= limits.unusual_growth else "warn",
        growth,
        limits.unusual_growth,
        sound=f"the gradients do not grow out of bounds: their norm goes {path}",
        wrong=f"the gradients explode on their way back: their norm rises {path}",
        remedy=f"start with smaller weights ({FITTING}), {NORMALIZE}",
    )
