"""Does regularization add exactly what it promises to the loss and to the gradient?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.untrained import Untrained, untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding

# The lecture cranks the strength up to 1e3 and sees the loss rise from 2.30 to 3.07.
CRANKED_UP = 1e3
# In float64 both sides of the identity are exact to about 1e-12; a wrong factor, a forgotten
# layer or a penalized bias misses it by far more than 1e-5.
TOLERANCE = 1e-5
# A penalty this much smaller than the loss drowns in the rounding of their sum.
DROWNED = 1e-9
# What float64 can resolve: no error smaller than this is worth a number.
EPSILON = float(np.finfo(np.float64).eps)
# Biases start at zero, where a penalty on them would not show; here they get this spread.
BIAS_STD = 0.1


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """The same network with the penalty off and on: its costs, the rise of its gradients.

    `penalty` is ½ λ Σ w², computed here from the weights themselves.
    """

    off: float
    on: float
    penalty: float
    rise: NDArray[np.float64]
    network: Untrained


def check_reg(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return two findings: the loss rises by ½·λ·Σw², the gradient by λ·w, and no more.

    λ is 1e3, or the experiment's own l2 if that is larger. Both are computed in float64 on up to
    1,000 training examples, and the expectation from the weights themselves.
    Source: CS231n, "Babysitting the learning process": crank up regularization, the loss goes up.
    """
    strength = max(CRANKED_UP, float(experiment.regularization.l2))
    with np.errstate(all="ignore"):
        return [_loss(experiment, dataset, strength), _gradient(experiment, dataset, strength)]


def _is_weight(name: str) -> bool:
    # Told by name, not by the flag that the penalty itself goes by.
    return name.endswith(".weights")


def _pair(experiment: Experiment, dataset: Dataset, strength: float, bias_std: float) -> _Pair:
    """Compute costs and gradients of the same start with l2 = 0 and l2 = `strength`."""
    network = untrained(experiment, dataset, np.float64)
    stack, parameters = network.stack, network.stack.network.parameters
    rng = stream(experiment.seed, "check-reg")
    squares = 0.0
    for entry in parameters.entries:
        values = entry.view(parameters.values)
        if _is_weight(entry.name):
            squares += float(np.sum(np.square(values)))
        else:
            values += bias_std * rng.standard_normal(entry.shape)
    costs, gradients = [], []
    for l2 in (0.0, strength):
        settings = replace(experiment.regularization, l2=l2)
        stack.penalty = type(settings).bind([settings], parameters)
        costs.append(float(stack.gradients(*network.feed.fill(network.sample))[0]))
        gradients.append(parameters.gradients.copy())
    return _Pair(
        off=costs[0],
        on=costs[1],
        penalty=0.5 * strength * squares,
        rise=gradients[1] - gradients[0],
        network=network,
    )


def _unjudged(rule: str, what: str, pair: _Pair, begun: float) -> Finding | None:
    """Return a skip where the penalty cannot be told from rounding, else None."""
    if not np.isfinite(pair.off):
        why = "the initial loss is not finite"
    elif not pair.penalty > DROWNED * pair.off:
        why = f"the penalty, {pair.penalty:.3g}, drowns in the loss, {_short(pair.off)}"
    else:
        return None
    return Finding(
        rule=rule,
        status="skip",
        message=f"whether the penalty is added to the {what} cannot be judged: {why}",
        hint="give the weights a sound init and check again (nntrain check-loss)",
        seconds=perf_counter() - begun,
    )


def _loss(experiment: Experiment, dataset: Dataset, strength: float) -> Finding:
    begun, rule = perf_counter(), "regularization-loss"
    pair = _pair(experiment, dataset, strength, bias_std=0.0)
    unjudged = _unjudged(rule, "loss", pair, begun)
    if unjudged:
        return unjudged
    rise = pair.on - pair.off
    good = abs(rise - pair.penalty) <= TOLERANCE * pair.penalty
    return Finding(
        rule=rule,
        status="pass" if good else "fail",
        measured=rise,
        expected=pair.penalty,
        threshold=TOLERANCE,
        message=(
            f"with l2 = {strength:g} the loss goes from {_short(pair.off)} to {_short(pair.on)}, "
            f"by {rise:.6g}, "
            + ("which is ½·l2·Σw²" if good else f"but ½·l2·Σw² is {pair.penalty:.6g}")
        ),
        hint=None
        if good
        else "look for a wrong factor, a layer left out, or a penalty on more than the weights",
        seconds=perf_counter() - begun,
        evidence={"l2": strength, "loss_off": pair.off, "loss_on": pair.on},
    )


def _short(cost: float) -> str:
    return f"{cost:.4f}" if cost < 100 else f"{cost:.6g}"


def _gradient(experiment: Experiment, dataset: Dataset, strength: float) -> Finding:
    begun, rule = perf_counter(), "regularization-gradient"
    pair = _pair(experiment, dataset, strength, bias_std=BIAS_STD)
    unjudged = _unjudged(rule, "gradient", pair, begun)
    if unjudged:
        return unjudged
    worst, where = _worst(pair, strength)
    good = worst <= TOLERANCE
    wrong = "does not rise by l2·w" if _is_weight(where) else "rises, but it must not"
    return Finding(
        rule=rule,
        status="pass" if good else "fail",
        measured=worst,
        expected=0.0,
        threshold=TOLERANCE,
        message=(
            f"the gradient of every weight rises by l2·w, that of no bias does "
            f"(largest relative error {max(worst, EPSILON):.1e})"
            if good
            else f"the gradient of {where} {wrong} (relative error {worst:.1e})"
        ),
        hint=None
        if good
        else "look at the penalty's gradient: it is l2·w for weights, 0 for all other parameters",
        seconds=perf_counter() - begun,
        evidence={"l2": strength, "parameter": where},
    )


def _worst(pair: _Pair, strength: float) -> tuple[float, str]:
    """Return the largest relative error of a parameter's gradient, and the parameter's name."""
    parameters = pair.network.stack.network.parameters
    errors = []
    for entry in parameters.entries:
        values, rise = entry.view(parameters.values), entry.view(pair.rise)
        expected = strength * values if _is_weight(entry.name) else np.zeros_like(values)
        # A rise that is this much smaller than the gradient itself is lost in its rounding.
        rounding = DROWNED * float(np.linalg.norm(entry.view(parameters.gradients)))
        scale = max(strength * float(np.linalg.norm(values)), rounding)
        error = float(np.linalg.norm(rise - expected))
        errors.append((error / scale if scale > 0 else error, entry.name))
    return max(errors, key=lambda each: (not np.isfinite(each[0]), each[0]))
