"""Trains a network of one's own by its gradients, for as long as a check needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.config.experiment import ABORT_RATIO
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels

# Adam's usual settings: Kingma and Ba 2015.
BETA1, BETA2, TINY = 0.9, 0.999, 1e-8

Update = Callable[[OwnNetwork, dict[str, Array | None]], None]


@dataclass(frozen=True, kw_only=True)
class Learned:
    """The costs before each update and after the last, and the network as it is then."""

    costs: list[float]
    network: OwnNetwork
    diverged: bool


def descent(rate: float, momentum: float = 0.0) -> Update:
    """Return plain gradient descent, with momentum where that is asked for."""
    velocity: dict[str, Array] = {}

    def update(network: OwnNetwork, grads: dict[str, Array | None]) -> None:
        for name, values, grad in _pairs(network, grads):
            step = -rate * grad
            if momentum:
                step += momentum * velocity.get(name, np.zeros_like(step))
                velocity[name] = step
            values += step

    return update


def adam(rate: float) -> Update:
    """Return Adam, which learns where the gradients of layers are of very different size."""
    moments: dict[str, tuple[Array, Array]] = {}
    steps = [0]

    def update(network: OwnNetwork, grads: dict[str, Array | None]) -> None:
        steps[0] += 1
        for name, values, grad in _pairs(network, grads):
            first, second = moments.get(name, (np.zeros_like(grad), np.zeros_like(grad)))
            first = BETA1 * first + (1 - BETA1) * grad
            second = BETA2 * second + (1 - BETA2) * grad * grad
            moments[name] = first, second
            root = np.sqrt(second / (1 - BETA2 ** steps[0])) + TINY
            values -= rate / (1 - BETA1 ** steps[0]) * first / root

    return update


def _pairs(
    network: OwnNetwork, grads: dict[str, Array | None]
) -> Iterator[tuple[str, Array, Array]]:
    """Yield name, values and gradient of what has a gradient of its own shape."""
    for name, values in network.parameters.items():
        grad = grads[name]
        if grad is not None and grad.shape == values.shape:
            yield name, values, grad


def learn(
    network: OwnNetwork,
    batches: Iterator[tuple[Inputs, Labels]],
    update: Update,
    chance: float,
    enough: float = -np.inf,
) -> Learned:
    """Update on each batch in turn; stop where the cost explodes, or falls below `enough`."""
    costs: list[float] = []
    with np.errstate(all="ignore"):
        for k, (x, y) in enumerate(batches):
            network.noise = k
            cost, grads = network.gradients(x, y)
            costs.append(cost)
            if not cost <= ABORT_RATIO * max(costs[0], chance):
                return Learned(costs=costs, network=network, diverged=True)
            if cost < enough:
                break
            update(network, grads)
    network.noise = 0
    return Learned(costs=costs, network=network, diverged=False)
