"""Do loss(X, y) and loss(X) of a network of one's own compute the same scores?

D directions, C classes, L labels that are asked for.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import SAME, Bench
from trainer_cli.checks.own.network import Inputs, OwnNetwork, Reference
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.streams import stream

# Labels whose losses are compared with each other, and directions beyond one for each class.
LABELS, BEYOND = 3, 5
# Batches of these sizes tell whether the loss of a batch is the mean of those of its examples.
EXAMPLES = 6
SECONDS = 0.4
# All parameters are drawn anew with this spread, biases too, and moved by this step.
STEP = 1e-5
# What of the losses' changes the scores leave open, as a share. Rounding makes up 1e-6 of it.
OPEN = 1e-2
# Factors that scores may be multiplied by before the loss.
FACTORS = (1e-3, 0.01, 0.1, 0.5, 2.0, 5.0, 10.0, 20.0, 100.0, 1e3)


def apart(bench: Bench) -> tuple[str, str] | None:
    """Return how the loss departs from the scores, and a hint; None where it does not.

    Any loss is a function of the scores. Near one set of parameters its changes must then follow
    from theirs, whichever way the parameters are moved: whatever else there is, a way exists that
    moves the one and not the other. A penalty is in the losses of all labels, and not in their
    differences.
    """
    network = bench.network()
    x, _ = bench.evenly(EXAMPLES)
    if not network.loss_is_own or network.scores(x).dtype != np.float64:
        return None
    begun = perf_counter()
    draw(network, bench.experiment.seed)
    if not is_a_mean(network, x):
        return None  # batch normalization, or dropout, of which others ask
    took = (perf_counter() - begun) / (2 + 2 * len(x))
    classes = bench.dataset.classes
    directions = classes + BEYOND
    if directions * (LABELS + 1) * took > SECONDS:
        return None
    one = x[:1]
    if not np.isfinite(network.scores(one)).all():
        return None
    if _left_open(network, one, directions, bench.experiment.seed) > OPEN:
        lone = ", ".join(_unread(network, one))
        told = "loss(X, y) does not go by the scores that loss(X) gives: there are ways to change "
        told += "the parameters that change the one and not the other"
        if lone:
            return (
                f"loss(X, y) depends on {lone}, and the scores of loss(X) do not",
                f"use {lone} in both: the forward pass is one and the same",
            )
        return told, (
            "let both run the same forward pass: one of them leaves out a nonlinearity or a bias, "
            "or scales something that the other does not"
        )
    return _multiplied(network, x, bench.reference)


def draw(network: OwnNetwork, seed: int) -> None:
    """Draw all parameters anew, biases too, of the size that suits each."""
    rng = stream(seed, "check-own-paths")
    for each in network.parameters.values():
        fan = each.size / max(1, min(each.shape, default=1))
        spread = (2 / max(1.0, fan)) ** 0.5 if each.ndim > 1 else 0.1
        each[...] = (0 if each.ndim > 1 else each) + spread * rng.standard_normal(each.shape)


def is_a_mean(network: OwnNetwork, x: Inputs) -> bool:
    """Whether the loss of a batch is the mean of its examples', always the same."""
    y = np.zeros(len(x), np.intp)
    whole = network.cost(x, y)
    network.noise = 1
    again = network.cost(x, y)
    network.noise = 0
    each = [network.cost(x[k : k + 1], y[:1]) for k in range(len(x))]
    small = SAME * max(abs(whole), SAME)
    return abs(again - whole) <= small and abs(float(np.mean(each)) - whole) <= small


def _answers(network: OwnNetwork, x: Inputs) -> tuple[Array, Array]:
    """Return the scores of one example, (C,), and its losses less that of label 0, (L - 1,)."""
    scores = network.scores(x)[0].copy()
    labels = range(min(LABELS, len(scores)))
    costs = np.array([network.cost(x, np.array([c])) for c in labels])
    return scores, costs[1:] - costs[0]


def _left_open(network: OwnNetwork, x: Inputs, directions: int, seed: int) -> float:
    """Return what share of the losses' changes does not follow from those of the scores."""
    rng = stream(seed, "check-own-paths-ways")
    scores, costs = _answers(network, x)
    begun = {name: each.copy() for name, each in network.parameters.items()}
    moved = []
    for _ in range(directions):
        for name, each in network.parameters.items():
            each[...] = begun[name] + STEP * rng.standard_normal(each.shape)
        after = _answers(network, x)
        moved.append(((after[0] - scores) / STEP, (after[1] - costs) / STEP))
    for name, each in network.parameters.items():
        each[...] = begun[name]
    by_scores, by_costs = (np.array(side) for side in zip(*moved, strict=True))  # (D, C), (D, L-1)
    if not (np.isfinite(by_scores).all() and np.isfinite(by_costs).all() and by_costs.any()):
        return 0.0
    law = np.linalg.lstsq(by_scores, by_costs, rcond=1e-6)[0]
    rest = by_costs - by_scores @ law
    return float(np.linalg.norm(rest) / np.linalg.norm(by_costs))


def _unread(network: OwnNetwork, x: Inputs) -> list[str]:
    """Return the parameters that the losses depend on, and the scores do not."""
    scores, costs = _answers(network, x)
    found = []
    for name, each in network.parameters.items():
        before = each.copy()
        each += STEP * np.arange(1, each.size + 1).reshape(each.shape) / each.size
        after = _answers(network, x)
        each[...] = before
        if np.array_equal(after[0], scores) and not np.array_equal(after[1], costs):
            found.append(name)
    return found


def _multiplied(network: OwnNetwork, x: Inputs, reference: Reference) -> tuple[str, str] | None:
    """Say whether the loss is that of the scores times a factor."""
    scores, y = network.scores(x), np.arange(len(x)) % reference.classes
    found, other = network.cost(x, y), network.cost(x, (y + 1) % reference.classes)
    size = SAME * max(abs(found), abs(other))
    for factor in (1.0, *FACTORS):
        pair = [reference.of(factor * scores, (y + k) % reference.classes) for k in (0, 1)]
        if abs(pair[0] - found) <= size and abs(pair[1] - other) <= size:
            return (
                None
                if factor == 1
                else (
                    f"the loss of loss(X, y) is that of {factor:g} times the scores of loss(X)",
                    "give both the same scores: look for a factor, or a temperature, in one alone",
                )
            )
    return None
