"""Members that share an input where each does something else with it."""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array, Place, Working


def apart(place: Place, work: Callable[[Place], Working]) -> Working:
    """Return the layer that `work` makes, for a place where every member has its own input.

    If the members share their input it is copied for each, and the gradients are summed.
    """
    if place.members == 1 or not place.shared_input:
        return work(place)
    return _Apart(place, work(replace(place, shared_input=False)))


class _Apart:
    """A layer at work, with a copy of the shared input for every member."""

    def __init__(self, place: Place, work: Working) -> None:
        self._work = work
        self._x = place.buffer(place.input_shape, place.members)
        self._input_gradient = place.input_gradient

    def forward(self, x: Array, training: bool) -> Array:
        """Return the activations for a shared `x`, (N, ..., 1, F): (N, ..., M, F)."""
        own = self._x[: len(x)]
        np.copyto(own, x)
        return self._work.forward(own, training)

    def backward(self, d: Array) -> Array | None:
        """Return the sum of the members' gradients: (N, ..., 1, F)."""
        d_own = self._work.backward(d)
        if d_own is None or not self._input_gradient:
            return None
        shape = (*d_own.shape[:-2], 1, d_own.shape[-1])
        dx = self._x.reshape(-1)[: prod(shape)].reshape(shape)  # the copies have been used
        return np.add.reduce(d_own, axis=-2, keepdims=True, out=dx)

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return the sides of the layer itself."""
        return self._work.sides()
