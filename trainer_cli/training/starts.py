"""Measures untrained networks: what training begins with, and the cost that it may not exceed."""

from __future__ import annotations

import numpy as np

from trainer_cli.nn.losses.constant_scores import class_shares
from trainer_cli.training.divergence import cost_limits
from trainer_cli.training.history import Start
from trainer_cli.training.material import Material
from trainer_cli.training.stack import Figures, Stack

# M members.


def measure_starts(
    stack: Stack, material: Material, classes: int, abort_ratio: float
) -> list[Start]:
    """Return the start of every member; no more than `abort_ratio` times its cost is allowed."""
    figures, penalties = _measure_untrained(stack, material), stack.penalty.costs()
    losses = [e.loss for e in stack.experiments]
    bounds: dict[object, tuple[float, float]] = {}  # seldom more than one pair
    equal = np.array([loss.at_zero_scores(classes) for loss in losses])
    costs = figures.loss + penalties
    limits = cost_limits(costs, penalties, equal, abort_ratio)
    starts = []
    for m, loss in enumerate(losses):
        shares = class_shares(material.sample(m), classes)
        kind = (loss, shares.tobytes())
        if kind not in bounds:
            bounds[kind] = loss.at_best_constant(shares), loss.floor(shares)
        starts.append(
            Start(
                loss=float(figures.loss[m]),
                cost=float(costs[m]),
                accuracy=float(figures.accuracy[m]),
                limit=float(limits[m]),
                constant=bounds[kind][0],
                floor=bounds[kind][1],
            )
        )
    return starts


def _measure_untrained(stack: Stack, material: Material) -> Figures:
    """Measure the members before the first update: those that begin as one network once.

    It is seen as the batches will see it: running averages mean nothing yet.
    """
    begins = [(e.seed, e.network, e.loss) for e in stack.experiments]
    distinct = list(dict.fromkeys(begins))
    if not material.one_sample or len(distinct) == len(begins):
        return material.measure(stack, training=True)
    figures = material.measure(stack.keep([begins.index(each) for each in distinct]), training=True)
    own = [distinct.index(each) for each in begins]
    return Figures(figures.loss[own], figures.accuracy[own])
