"""Does `reg` add what it promises, to the loss and to the gradient, and to weights alone?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench, skipped
from trainer_cli.checks.own.network import OwnNetwork
from trainer_cli.config.rules import PenaltyOutweighsLoss, rule_of
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding, loss_text

LOSS, GRADIENT = "regularization-loss", "regularization-gradient"
STRENGTH, EXAMPLES = 1e3, 20
TOLERANCE = 1e-5
# Biases start at zero, where a penalty on them would not show; here they get this spread.
BIAS_STD = 0.1
DRAWN = "draw from np.random or from a generator that the network keeps: those are seeded"


@dataclass(frozen=True, kw_only=True)
class _Penalty:
    """A penalty at reg = 1: what it adds for a parameter, and its slope; both in words too."""

    text: str
    slope_text: str
    of: Callable[[Array], float]
    slope: Callable[[Array], Array]


# That of the assignments, that of their first years, and the other usual one.
USUAL = (
    _Penalty(
        text="½·reg·Σw²",
        slope_text="1·reg·w",
        of=lambda w: 0.5 * float(np.square(w).sum()),
        slope=lambda w: w,
    ),
    _Penalty(
        text="reg·Σw²",
        slope_text="2·reg·w",
        of=lambda w: float(np.square(w).sum()),
        slope=lambda w: 2 * w,
    ),
    _Penalty(
        text="reg·Σ|w|",
        slope_text="reg·sign(w)",
        of=lambda w: float(np.abs(w).sum()),
        slope=lambda w: np.sign(w),
    ),
)


def check_reg(bench: Bench) -> list[Finding]:
    """Return two findings: the loss rises by the penalty on the weights, the gradient by its slope.

    Weights are the parameters of two axes or more, but for biases that are a row. The penalty is
    looked at from `reg` = 0 to 1e3.
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
    weights, scales = _weights(network), _scales(network)
    for name, each in network.parameters.items():
        if name not in weights:
            each += BIAS_STD * rng.standard_normal(each.shape)
    x, y = bench.evenly(EXAMPLES)
    network.set_strength(0.0)
    if network.cost(x, y) != network.cost(x, y):
        return [skipped(LOSS, "the loss differs from call to call", DRAWN, begun)]
    costs, grads = [], []
    for strength in (0.0, STRENGTH):
        network.set_strength(strength)
        cost, given = network.gradients(x, y)
        costs.append(cost)
        grads.append(given)
    rise = (costs[1] - costs[0]) / STRENGTH
    loss, penalty = _loss(network, weights, scales, costs, rise, begun)
    if penalty is None:
        return [loss]
    strong = _strength(bench, rise)
    return [loss, _gradient(network, weights, scales, grads, penalty, begun), *strong]


def _strength(bench: Bench, rise: float) -> list[Finding]:
    """Judge how large the penalty is beside the loss of equal scores, as for a list of layers."""
    begun, rule = perf_counter(), rule_of(bench.experiment.checks, PenaltyOutweighsLoss)
    strength, loss = bench.as_built().strength, bench.reference.loss
    if not strength:
        return []
    equal = loss.at_zero_scores(bench.dataset.classes)
    times = strength * rise / equal
    often = f"{float(f'{times:.2g}'):,.10g} times"
    told = (
        f"at the start the penalty of reg = {strength:g} is {strength * rise:.3g}, {often} the "
        f"loss of equal scores, {equal:.4g}"
    )
    good = times <= rule.unusual
    return [
        Finding(
            rule=rule.type,
            status="pass" if good else "warn" if times < rule.wrong else "fail",
            measured=times,
            threshold=rule.unusual,
            message=told
            if good
            else f"{told}: training will make the weights small, and learn little else",
            hint=None if good else "lower reg: 1e-4 to 1e-2 is usual, and it must suit the loss",
            seconds=perf_counter() - begun,
        )
    ]


def _weights(network: OwnNetwork) -> Collection[str]:
    """Return what a penalty falls on: two axes or more, and no single row that starts equal."""
    return [
        name
        for name, each in network.parameters.items()
        if each.ndim > 1 and not (each.size == max(each.shape) and np.ptp(each) == 0)
    ]


def _scales(network: OwnNetwork) -> Collection[str]:
    """Return what starts as a row of ones, such as the gamma of batch normalization."""
    return [
        name
        for name, each in network.parameters.items()
        if each.ndim and each.size == max(each.shape) and (each == 1).all()
    ]


def _loss(
    network: OwnNetwork,
    weights: Collection[str],
    scales: Collection[str],
    costs: list[float],
    rise: float,
    begun: float,
) -> tuple[Finding, _Penalty | None]:
    """Return the finding about the loss, and which of the usual penalties it is, if it is one."""
    told = (
        f"from reg = 0 to {STRENGTH:g} the loss goes from {loss_text(costs[0])} to "
        f"{loss_text(costs[1])}"
    )
    for penalty in USUAL:
        total = sum(penalty.of(network.parameters[name]) for name in weights)
        if abs(rise - total) <= TOLERANCE * total:
            return _found(LOSS, "pass", f"{told}, by {penalty.text} exactly", None, begun), penalty
    half = sum(USUAL[0].of(network.parameters[name]) for name in weights)
    must = f"{USUAL[0].text} would add {loss_text(STRENGTH * half)}"
    return _found(
        LOSS, "fail", f"{told}, but {must}", _cause(network, weights, scales, rise), begun
    ), None


def _cause(
    network: OwnNetwork, weights: Collection[str], scales: Collection[str], rise: float
) -> str:
    """Return which mistake makes just this rise of one of the usual penalties."""
    for penalty in USUAL:
        sizes = {name: penalty.of(each) for name, each in network.parameters.items()}
        total = sum(sizes[name] for name in weights)
        near = TOLERANCE * total
        if abs(rise) <= near:
            return "the loss does not rise at all: add the penalty to it"
        if abs(EXAMPLES * rise - total) <= near:
            return "the penalty is divided by the number of examples: add it to their mean"
        for name, size in sizes.items():
            if name in weights and abs(rise - (total - size)) <= near:
                return f"the penalty leaves out {name}"
            kind = "which scales" if name in scales else "a bias"
            if name not in weights and abs(rise - (total + size)) <= near:
                return f"the penalty is on {name} too, {kind}: leave it out"
        if abs(rise - sum(sizes.values())) <= near:
            told = f"the biases and on {', '.join(scales)} too" if scales else "the biases too"
            return f"the penalty is on {told}: leave them out"
        if abs(rise - total - sum(sizes[name] for name in scales)) <= near:
            return f"the penalty is on {', '.join(scales)} too, which scale: leave them out"
        if abs(rise - sum(sizes.values()) + sum(sizes[name] for name in scales)) <= near:
            return "the penalty is on the biases too: leave them out"
    if rise < 0:
        return "the penalty is subtracted: add it"
    squares = sum(float(np.square(network.parameters[name]).sum()) for name in weights)
    return (
        f"the penalty is {rise / squares:.4g}·reg·Σw²: look for a factor that does not belong there"
    )


def _gradient(
    network: OwnNetwork,
    weights: Collection[str],
    scales: Collection[str],
    grads: list[dict[str, Array | None]],
    penalty: _Penalty,
    begun: float,
) -> Finding:
    wrong = []
    for name, values in network.parameters.items():
        off, on = grads[0][name], grads[1][name]
        if off is None or on is None or off.shape != values.shape or on.shape != values.shape:
            continue  # the gradient check says so
        rise = (on - off) / STRENGTH
        slope = penalty.slope(values) if name in weights else np.zeros_like(values)
        size = max(float(np.abs(slope).max(initial=0.0)), float(np.abs(values).max(initial=0.0)))
        if float(np.abs(rise - slope).max(initial=0.0)) > TOLERANCE * size:
            wrong.append(
                (name, _how(rise, slope, values, "scales" if name in scales else "is a bias"))
            )
    if not wrong:
        message = f"the gradient rises by {penalty.slope_text}, and that of biases not at all"
        return _found(GRADIENT, "pass", message, None, begun)
    told = "; ".join(f"{name}: {how}" for name, how in wrong)
    message = (
        f"the gradient does not rise by {penalty.slope_text}, the slope of the penalty: {told}"
    )
    hint = f"add {penalty.slope_text} to the gradient of each weight, as the loss has it"
    if not any(name in weights for name, _ in wrong):
        told = ", ".join(name for name, _ in wrong)
        hint = f"leave {told} out: the penalty of the loss is on weights alone"
    return _found(GRADIENT, "fail", message, hint, begun)


def _how(rise: Array, slope: Array, values: Array, kind: str) -> str:
    if not np.any(np.abs(rise) > TOLERANCE * np.abs(values).max()):
        return "not at all"
    if not slope.any():
        return f"though it {kind}, and the penalty leaves it out"
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
