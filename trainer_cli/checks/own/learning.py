"""Trains a network of one's own by its gradients, for as long as a check needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.config.experiment import ABORT_RATIO
from trainer_cli.nn.layers.place import Array, ParameterShape
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.parameters import Parameters
from trainer_cli.optim.optimizers import Adam, Optimizer, Sgd

Update = Callable[[OwnNetwork, Mapping[str, Array | None]], None]


@dataclass(frozen=True, kw_only=True)
class Learned:
    """The costs before each update and after the last, and the network as it is then."""

    costs: list[float]
    network: OwnNetwork
    diverged: bool


def descent(rate: float) -> Update:
    """Return plain gradient descent."""
    return updates_by(Sgd(learning_rate=rate))


def adam(rate: float) -> Update:
    """Return Adam, which learns where the gradients of layers are of very different size."""
    return updates_by(Adam(learning_rate=rate))


def updates_by(optimizer: Optimizer, share: Callable[[int], float] = lambda _: 1.0) -> Update:
    """Return an optimizer's updates of one network; `share` of its rate is left to each, from 0."""
    flat: list[Flat] = []

    def update(network: OwnNetwork, grads: Mapping[str, Array | None]) -> None:
        if not flat:
            flat.append(Flat(optimizer, network))
        flat[0].update(network, grads, share(flat[0].rule.updates))

    return update


class Flat:
    """One of nntrain's optimizers at work on the arrays of somebody else's network.

    Arrays with two axes or more are weights, on which decay falls; what has no gradient stays.
    """

    def __init__(self, optimizer: Optimizer, network: OwnNetwork) -> None:
        shapes = [
            ParameterShape(
                name=name,
                shape=values.shape or (1,),
                role="weight" if values.ndim > 1 else "other",
            )
            for name, values in network.parameters.items()
        ]
        self._names = [shape.name for shape in sorted(shapes, key=lambda s: s.role != "weight")]
        self._rate = optimizer.learning_rate
        self._parameters = Parameters([(0, shape) for shape in shapes], 1, np.dtype(np.float64))
        self.rule = type(optimizer).bind([optimizer], self._parameters)  # type: ignore[list-item]

    def update(self, network: OwnNetwork, grads: Mapping[str, Array | None], share: float) -> None:
        """Move the network's own arrays one step."""
        parameters, moved = self._parameters, []
        for name, entry in zip(self._names, parameters.entries, strict=True):
            values, grad = network.parameters[name], grads[name]
            own, slope = entry.view(parameters.values), entry.view(parameters.gradients)
            own[...] = values.reshape(own.shape)
            slope[...] = 0.0
            if grad is not None and grad.shape == values.shape:
                slope[...] = grad.reshape(slope.shape)
                moved.append((values, own))
        self.rule.update(self._rate * share)
        for values, own in moved:
            values[...] = own.reshape(values.shape)


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
