"""Which parameters of somebody's network have no gradient, and does the cost depend on them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels

NAMED = 3
# A block that is left out one time in three is left out so many times in a row once in 20,000.
DRAWS = 10


def without_effect(
    network: OwnNetwork, given: Mapping[str, Array | None], x: Inputs, y: Labels
) -> list[str]:
    """Return the parameters that have no gradient, and that the cost does not depend on."""
    idle, begun = [], network.cost(x, y)
    for name in [name for name, grad in given.items() if grad is None]:
        values = network.parameters[name]
        before = values.copy()
        values += np.sin(1.0 + np.arange(values.size)).reshape(values.shape)  # all different
        if network.cost(x, y) == begun:
            idle.append(name)
        values[...] = before
    return idle


def never_used(network: OwnNetwork, idle: list[str], x: Inputs, y: Labels) -> list[str]:
    """Return those of the parameters that get no gradient whatever chance leaves out."""
    for network.noise in range(1, DRAWS):
        if idle:
            grads = network.gradients(x, y)[1]
            idle = [name for name in idle if grads[name] is None]
    network.noise = 0
    return idle


def detached(names: Sequence[str], parameters: int) -> tuple[str, str]:
    """Return what is to be said of parameters without a gradient, of so many, and a hint."""
    by = "detach(), .data, torch.no_grad() or NumPy"
    if len(names) == parameters:
        return "no parameter has a gradient", f"the scores are detached from the graph, by {by}"
    told = ", ".join(names[:NAMED])
    told += f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    it = "it" if len(names) == 1 else "them"
    hint = f"something between {it} and the scores is detached from the graph, by {by}"
    return f"there is no gradient of {told}", hint
