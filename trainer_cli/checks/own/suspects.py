"""Which usual mistake makes just this wrong gradient?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.slopes import Compared
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels

# Ratios of slopes that differ by no more than this are the same.
SAME = 1e-3
# Slopes below this share of the largest one say nothing about a ratio.
SMALL = 1e-3


def suspect(
    network: OwnNetwork,
    compared: Sequence[Compared],
    wrong: Sequence[Compared],
    given: dict[str, Array | None],
    x: Inputs,
    y: Labels,
) -> str:
    """Return what to look at."""
    ratios = {each.name: _ratio(each) for each in wrong}
    of_all = next(iter(ratios.values()))
    together = of_all is not None and all(
        each is not None and abs(each - of_all) <= SAME * abs(of_all) for each in ratios.values()
    )
    names = ", ".join(each.name for each in wrong)
    whole = len(wrong) == len(compared)
    if together and of_all is not None:
        return _of_ratio(of_all, names, len(y), whole)
    zeros = [name for name, ratio in ratios.items() if ratio == 0]
    if zeros:
        return f"the gradient of {', '.join(zeros)} is missing: it is zero where it should not be"
    for each in wrong:
        grad = given[each.name]
        if grad is not None and _is_transposed(network, each, grad, x, y):
            return f"the gradient of {each.name} is transposed: write it as X.T.dot(dout)"
    unused = [each.name for each in wrong if not np.any(each.measured)]
    if unused:
        return f"the cost does not depend on {', '.join(unused)}: is it used in forward?"
    each = wrong[0]
    ratio = ratios[each.name]
    if ratio is not None and len(wrong) == 1:
        return _of_ratio(ratio, each.name, len(y), whole)
    penalized = [each.name for each in wrong if _is_of_values(network, each)]
    if len(penalized) == len(wrong):
        return (
            f"the gradient of {names} is off by a multiple of the parameter itself: look at the "
            f"penalty's part of it"
        )
    right = [each.name for each in compared if each not in wrong]
    if right and not whole:
        return (
            f"the fault lies between {names} and {', '.join(right)}: look at the nonlinearity "
            f"(does backward multiply by its slope, for relu by where its input is positive?), and "
            f"at what hands the gradient down to it"
        )
    if network.loss_is_own and _is_of_other_labels(network, wrong, x, y):
        return "the gradient of the loss takes the label beside: it is off by one there"
    if network.loss_is_own:
        return (
            "every gradient is wrong: look at the gradient of the loss first (for softmax "
            "(p - [y]) / N), then at the last layer's backward"
        )
    return "look at the backward of your own autograd functions, and at what is detached"


def _of_ratio(ratio: float, names: str, examples: int, whole: bool) -> str:
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
