"""Which usual mistake makes just this wrong gradient?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.slopes import Compared
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels

# Ratios of slopes that differ by no more than this are the same.
SAME = 1e-3
# Slopes below this share of the largest one say nothing about a ratio.
SMALL = 1e-3
# A long step makes values so many times as large.
LONG = 1.5
OF_HINGE = "a hinge loss 1 / N where a margin is not kept, and minus their number at the label"


def suspect(
    network: OwnNetwork,
    compared: Sequence[Compared],
    wrong: Sequence[Compared],
    given: dict[str, Array | None],
    x: Inputs,
    y: Labels,
    *,
    softmax: bool = True,
) -> str:
    """Return what to look at; `softmax` says whether the loss is that one."""
    ratios = {each.name: _ratio(each) for each in wrong}
    of_all = next(iter(ratios.values()))
    together = of_all is not None and all(
        each is not None and abs(each - of_all) <= SAME * abs(of_all) for each in ratios.values()
    )
    names = ", ".join(each.name for each in wrong)
    whole = len(wrong) == len(compared)
    if together and of_all is not None:
        return of_ratio(of_all, names, len(y), whole)
    zeros = [name for name, ratio in ratios.items() if ratio == 0]
    if zeros:
        return f"the gradient of {', '.join(zeros)} is missing: it is zero where it should not be"
    for each in wrong:
        grad = given[each.name]
        if grad is not None and _is_transposed(network, each, grad, x, y):
            return f"the gradient of {each.name} is transposed: write it as X.T.dot(dout)"
    unused = [each.name for each in wrong if not np.any(each.measured)]
    if unused:
        if _in_jumps(network, unused, x, y):
            return (
                f"the cost changes with {', '.join(unused)} in jumps alone: look for an array of "
                f"integers in forward, or for rounding"
            )
        return f"the cost does not depend on {', '.join(unused)}: is it used in forward?"
    each = wrong[0]
    ratio = ratios[each.name]
    if ratio is not None and len(wrong) == 1:
        return of_ratio(ratio, each.name, len(y), whole)
    penalized = [each.name for each in wrong if _is_of_values(network, each)]
    if len(penalized) == len(wrong):
        return (
            f"the gradient of {names} is off by a multiple of the parameter itself: look at the "
            f"penalty's part of it"
        )
    swapped = _swapped(wrong, given)
    if swapped is not None:
        return f"the gradients of {' and '.join(swapped)} are swapped"
    right = [each.name for each in compared if each not in wrong]
    if right and not whole:
        return _between([each.name for each in wrong], right, network)
    if network.loss_is_own and _is_of_other_labels(network, wrong, x, y):
        return "the gradient of the loss takes the label beside: it is off by one there"
    if network.loss_is_own:
        formula = "softmax (p - [y]) / N" if softmax else OF_HINGE
        return (
            f"every gradient is wrong: look at the gradient of the loss first (for {formula}), "
            f"then at the last layer's backward"
        )
    return "look at the backward of your own autograd functions, and at what is detached"


def _in_jumps(network: OwnNetwork, names: Sequence[str], x: Inputs, y: Labels) -> bool:
    """Whether a long step changes the cost where short ones do not."""
    begun = network.cost(x, y)
    for name in names:
        values = network.parameters[name]
        before = values.copy()
        values *= LONG
        after = network.cost(x, y)
        values[...] = before
        if after != begun:
            return True
    return False


def _swapped(wrong: Sequence[Compared], given: dict[str, Array | None]) -> list[str] | None:
    """Return two parameters of which each has the other's gradient."""
    for a, b in combinations(wrong, 2):
        if a.shape == b.shape and all(
            _is_gradient_of(given[one.name], other) for one, other in ((a, b), (b, a))
        ):
            return [a.name, b.name]
    return None


def _is_gradient_of(grad: Array | None, other: Compared) -> bool:
    pairs = [
        (m, grad[p])
        for m, p in zip(other.measured, other.places, strict=True)
        if p and grad is not None
    ]
    size = max((abs(m) for m, _ in pairs), default=0.0)
    return size > 0 and all(abs(m - g) <= SAME * size + other.noise for m, g in pairs)


def _between(wrong: Sequence[str], right: Sequence[str], network: OwnNetwork) -> str:
    """Say where to look where some are right: in a layer, or between layers."""
    beside = {
        name: [each for each in right if _layer(each) == _layer(name) != ""] for name in wrong
    }
    if all(beside.values()):
        told = "; ".join(f"of its layer {', '.join(each)} is right" for each in beside.values())
        names = ", ".join(f"d{name}" for name in wrong)
        return f"{told}: look at the formula of {names} itself, and at the input that it takes"
    kinds = [
        "the nonlinearity (does backward multiply by its slope, for relu by where its input is "
        "positive?)"
    ]
    if any(name.lower().startswith(("gamma", "beta")) for name in network.parameters):
        kinds.append("normalization (through mean and variance too?)")
    if any(each.ndim == 4 for each in network.parameters.values()):
        kinds.append("pooling and convolution")
    return (
        f"the fault lies between {', '.join(wrong)} and {', '.join(right)}: look at "
        f"{', at '.join(kinds)}, and at what hands the gradient down to it"
    )


def _layer(name: str) -> str:
    """Return the number of a layer at the end of a name, if there is one."""
    return name[len(name.rstrip("0123456789")) :]


def of_ratio(ratio: float, names: str, examples: int, whole: bool) -> str:
    """Return what to look at where a gradient is off by one factor."""
    if ratio == 0:
        return f"the gradient of {names} is missing: it is zero where it should not be"
    if abs(ratio + 1) <= SAME:
        return f"the sign of the gradient of {names} is wrong"
    if abs(ratio - examples) <= SAME * examples:
        return (
            f"the gradient of {names} is {examples} times too large, the number of examples: it is "
            f"not divided by the batch size, and the loss is"
        )
    if abs(ratio * examples - 1) <= SAME:
        return (
            f"the gradient of {names} is {examples} times too small, the number of examples: it is "
            f"divided by the batch size twice, or where the loss is not"
        )
    where = "of the loss, which all of them share" if whole else "in its backward"
    if f"{ratio:.4g}" == "1":
        return f"the gradient of {names} is nearly right: look for what is rounded, or left out"
    return (
        f"the gradient of {names} is {ratio:.4g} times what it should be: look for a factor {where}"
    )


def _ratio(each: Compared) -> float | None:
    """Return by what factor the gradient is off everywhere, if it is one factor; 0 for none."""
    given, measured = np.array(each.given), np.array(each.measured)
    if not given.any():
        return 0.0
    large = np.abs(measured) > max(SMALL * np.abs(measured).max(initial=0.0), 10 * each.noise)
    if large.sum() < 2:
        return None
    ratios = given[large] / measured[large]
    middle = float(np.median(ratios))
    same = np.abs(ratios - middle) <= SAME * max(abs(middle), SAME)
    return middle if same.all() else None


def _is_transposed(network: OwnNetwork, each: Compared, grad: Array, x: Inputs, y: Labels) -> bool:
    """Whether the gradient of a square matrix has rows for columns."""
    if len(each.shape) != 2 or each.shape[0] != each.shape[1]:
        return False
    pairs = [(k, place) for k, place in enumerate(each.places) if place]
    off = [grad[place[::-1]] - each.measured[k] for k, place in pairs]
    size = max((abs(each.measured[k]) for k, _ in pairs), default=0.0)
    return bool(off) and float(np.abs(off).max()) <= SAME * size


def _is_of_other_labels(
    network: OwnNetwork, wrong: Sequence[Compared], x: Inputs, y: Labels
) -> bool:
    """Whether the gradient would be right for labels that are one higher or lower."""
    classes = network.scores(x).shape[-1]
    for shift in (1, -1):
        grads = network.gradients(x, (y + shift) % classes)[1]
        off = [
            (abs(grad[place] - measured), abs(measured))
            for each in wrong
            if (grad := grads[each.name]) is not None
            for place, measured in zip(each.places, each.measured, strict=True)
            if place
        ]
        if off and max(o for o, _ in off) <= SAME * max(size for _, size in off):
            return True
    return False


def _is_of_values(network: OwnNetwork, each: Compared) -> bool:
    """Whether the gradient is off by one multiple of the parameter's own values."""
    values = network.parameters[each.name]
    pairs = [
        (given - measured, values[place])
        for given, measured, place in zip(each.given, each.measured, each.places, strict=True)
        if place
    ]
    if len(pairs) < 3:
        return False
    off, own = np.array(pairs).T
    factor = float(off @ own / max(float(own @ own), 1e-300))
    return bool(
        np.abs(off - factor * own).max() <= SAME * max(float(np.abs(off).max()), each.noise)
    )
