"""Asks a network with the interface of the CS231n assignments: `params`, and `loss(X, y)`."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from trainer_cli.checks.own.network import Inputs, Parameters
from trainer_cli.checks.own.raised import given, guarded, refuse
from trainer_cli.config.imported import Imported
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels

LOSS = "loss(X, y) gives (loss, grads), and loss(X) the scores, one row for each example"


class NumpyNetwork:
    """An object with `params` and `loss`, its parameters in float64."""

    def __init__(self, network: Any, own: Imported, build: Callable[..., Any]) -> None:
        self._network = network
        self._loss = network.loss
        self._blame = getattr(self._loss, "__func__", self._loss)
        self.noise = 0
        self.loss_is_own = True
        if hasattr(network, "dtype"):  # which the assignments cast the inputs to
            with guarded("setting dtype", build):
                network.dtype = np.float64
        for name, value in network.params.items():
            array = value if isinstance(value, np.ndarray) else np.asarray(value)
            if array.dtype.kind not in "fiu":
                message = f"params[{name!r}] holds {array.dtype}, not numbers"
                raise refuse(message, "params is a dict of arrays of floats", build)
            if array is not value or array.dtype != np.float64 or not array.flags.writeable:
                network.params[name] = np.array(array, np.float64)

    @property
    def parameters(self) -> Parameters:
        """The arrays it learns, by name: to be changed in place."""
        params: Parameters = self._network.params
        return params

    @property
    def strength(self) -> float | None:
        """Its `reg`; None where it has none, or none that is a number."""
        reg = getattr(self._network, "reg", None)
        return float(reg) if isinstance(reg, int | float | np.number) else None

    def set_strength(self, strength: float) -> None:
        """Set `reg`."""
        self._network.reg = strength

    def scores(self, x: Inputs) -> Array:
        """Return what `loss(X)` gives."""
        return np.asarray(self._ask("loss(X)", x))

    def learned_scores(self, x: Inputs) -> Array:
        """Return the scores by which it is judged what has been learned: those of `loss(X)`."""
        return self.scores(x)

    def cost(self, x: Inputs, y: Labels) -> float:
        """Return the loss of `loss(X, y)`."""
        return self._both(x, y)[0]

    def gradients(self, x: Inputs, y: Labels) -> tuple[float, dict[str, Array | None]]:
        """Return both that `loss(X, y)` gives, gradients by the names of the parameters."""
        loss, grads = self._both(x, y)
        named = {name: grads.get(name) for name in self.parameters}
        with guarded("reading the gradients", self._blame):
            return loss, {
                name: None if each is None else np.array(each, np.float64)
                for name, each in named.items()
            }

    def _both(self, x: Inputs, y: Labels) -> tuple[float, dict[str, Any]]:
        both = self._ask("loss(X, y)", x, y)
        pair = isinstance(both, tuple | list) and len(both) == 2
        if not pair or not isinstance(both[1], dict) or np.size(both[0]) != 1:
            message = f"loss(X, y) must return (loss, grads), got {_kind(both)}"
            raise refuse(message, LOSS, self._blame)
        return float(np.asarray(both[0]).reshape(())), both[1]

    def _ask(self, what: str, *arguments: Any) -> Any:
        np.random.seed(self.noise)  # noqa: NPY002 - the state that the user's code draws from
        random.seed(self.noise)
        with guarded(what, self._blame, given(arguments[0])):
            return self._loss(*(each.copy() for each in arguments))


def _kind(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"({', '.join(type(each).__name__ for each in value)})"
    return "None" if value is None else f"a {type(value).__name__}"
