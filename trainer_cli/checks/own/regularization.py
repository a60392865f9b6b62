"""Does `reg` add what it promises, to the loss and to the gradient, and to weights alone?"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.network import OwnNetwork
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding, loss_text

LOSS, GRADIENT = "regularization-loss", "regularization-gradient"
STRENGTH, EXAMPLES = 1e3, 20
TOLERANCE = 1e-5
# Biases start at zero, where a penalty on them would not show; here they get this spread.
BIAS_STD = 0.1
# The assignments' penalty is ½·reg·Σw², or in their first years reg·Σw².
USUAL = ((0.5, "½·reg·Σw²"), (1.0, "reg·Σw²"))


def check_reg(bench: Bench) -> list[Finding]:
    """Return two findings: the loss rises by the penalty on the weights, the gradient by its slope.

    Weights are the parameters of two axes or more. The penalty is looked at from `reg` = 0 to 1e3.
    Source: CS231n, "Babysitting the learning process": crank up regularization, the loss goes up.
    """
    begun = perf_counter()
    network = bench.as_built()
    if network.strength is None:
        why = "the network has no reg to turn up" if network.loss_is_own else "a module has no reg"
        hint = "give it the attribute reg, the strength of its penalty, if it has one"
        hint = hint if network.loss_is_own else "weight decay is the optimizer's: see optimizer"
        return [skipped(LOSS, why, hint, begun)]
    rng = stream(bench.experiment.seed, "check-own-reg")
    for each in network.parameters.values():
        if each.ndim < 2:
            each += BIAS_STD * rng.standard_normal(each.shape)
    x, y = bench.evenly(EXAMPLES)
    costs, grads = [], []
    for strength in (0.0, STRENGTH):
        network.set_strength(strength)
        cost, given = network.gradients(x, y)
        costs.append(cost)
        grads.append(given)
    rise = (costs[1] - costs[0]) / STRENGTH
    loss, factor = _loss(network, costs, rise, begun)
    if factor is None:
        return [loss]
    return [loss, _gradient(network, grads, factor, begun)]


def _squares(network: OwnNetwork) -> dict[str, float]:
    return {name: float(np.square(each).sum()) for name, each in network.parameters.items()}


def _loss(
    network: OwnNetwork, costs: list[float], rise: float, begun: float
) -> tuple[Finding, float | None]:
    """Return the finding about the loss, and the factor of Σw² if it is one of the usual ones."""
    squares = _squares(network)
    weights = {n: s for n, s in squares.items() if network.parameters[n].ndim >= 2}
    total = sum(weights.values())
    told = (
        f"from reg = 0 to {STRENGTH:g} the loss goes from {loss_text(costs[0])} to "
        f"{loss_text(costs[1])}"
    )
    for factor, formula in USUAL:
        if abs(rise - factor * total) <= TOLERANCE * factor * total:
            return _found(LOSS, "pass", f"{told}, by {formula} exactly", None, begun), factor
    must = f"½·reg·Σw² would add {loss_text(0.5 * STRENGTH * total)}"
    return _found(LOSS, "fail", f"{told}, but {must}", _cause(rise, squares, weights), begun), None


def _cause(rise: float, squares: dict[str, float], weights: dict[str, float]) -> str:
    total, every = sum(weights.values()), sum(squares.values())
    if abs(rise) <= TOLERANCE * total:
        return "the loss does not rise at all: add the penalty to it"
    for factor, _ in USUAL:
        if abs(EXAMPLES * rise - factor * total) <= TOLERANCE * factor * total:
            return "the penalty is divided by the number of examples: add it to their mean"
        for name, size in squares.items():
            if name in weights and abs(rise - factor * (total - size)) <= TOLERANCE * total:
                return f"the penalty leaves out {name}"
            if name not in weights and abs(rise - factor * (total + size)) <= TOLERANCE * total:
                return f"the penalty is on {name} too, a bias: leave it out"
        if abs(rise - factor * every) <= TOLERANCE * every:
            return "the penalty is on the biases too: leave them out"
    if rise < 0:
        return "the penalty is subtracted: add it"
    return (
        f"the penalty is {rise / total:.4g}·reg·Σw²: look for a factor that does not belong there"
    )


def _gradient(
    network: OwnNetwork, grads: list[dict[str, Array | None]], factor: float, begun: float
) -> Finding:
    wrong = []
    for name, values in network.parameters.items():
        off, on = grads[0][name], grads[1][name]
        if off is None or on is None or off.shape != values.shape or on.shape != values.shape:
            continue  # the gradient check says so
        rise = (on - off) / STRENGTH
        slope = 2 * factor * values if values.ndim >= 2 else np.zeros_like(values)
        size = max(float(np.abs(slope).max(initial=0.0)), float(np.abs(values).max(initial=0.0)))
        if float(np.abs(rise - slope).max(initial=0.0)) > TOLERANCE * size:
            wrong.append((name, _how(rise, slope, values)))
    if not wrong:
        message = f"the gradient rises by {2 * factor:g}·reg·w, and that of biases not at all"
        return _found(GRADIENT, "pass", message, None, begun)
    told = "; ".join(f"{name}: {how}" for name, how in wrong)
    message = (
        f"the gradient does not rise by {2 * factor:g}·reg·w, the slope of the penalty: {told}"
    )
    hint = f"add {2 * factor:g}·reg·w to the gradient of each weight, as the loss has it"
    return _found(GRADIENT, "fail", message, hint, begun)


def _how(rise: Array, slope: Array, values: Array) -> str:
    if not np.any(np.abs(rise) > TOLERANCE * np.abs(values).max()):
        return "not at all"
    if not slope.any():
        return "though it is a bias, which the penalty leaves out"
    ratio = float((rise * slope).sum() / np.square(slope).sum())
    return f"by {ratio:.4g} times that"


def _found(rule: str, status: str, message: str, hint: str | None, begun: float) -> Finding:
    return Finding(
        rule=rule,
        status="pass" if status == "pass" else "fail",
        message=message,
        hint=hint,
        seconds=perf_counter() - begun,
    )
