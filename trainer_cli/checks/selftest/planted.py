"""Sound layers and losses put to work with one thing wrong, in forward or in backward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

Fault = Callable[..., Any]
Change = Callable[[Any], Any]


def remade(sound: Any, **methods: Callable[..., Any]) -> Any:
    """Return settings of a class with other methods, made of theirs as if somebody edited it."""
    kind = type(sound)
    made = type(kind.__name__, (kind,), {name: staticmethod(m) for name, m in methods.items()})
    return made(**{field.name: getattr(sound, field.name) for field in fields(sound)})


def planted(sound: Any, *, fault: Fault | None = None, made: Fault | None = None) -> Any:
    """Return the settings of a sound layer or loss, whose working form gets its faults.

    fault  what backward(d, ...) does in place of the sound one, given the layer first
    made   what forward(x, ...) gives in place of it, given the layer, y and what came beside x
    """
    kind = type(sound)

    def bind(stack: Any, *place: Any) -> Any:
        return Faulty(kind.bind(stack, *place), stack[0], place[0], fault, made)

    return remade(sound, bind=bind)


class Faulty:
    """A layer or loss at work, with faults.

    `x` and `y` are copies of what the last forward got and gave, `sound` its true working form,
    `settings` and `place` are what that works by, and where.
    """

    def __init__(
        self, sound: Any, settings: Any, place: Any, fault: Fault | None, made: Fault | None
    ) -> None:
        self.sound, self.settings, self.place = sound, settings, place
        self._fault, self._made = fault, made
        self.memory: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sound, name)

    def forward(self, x: Any, training: Any) -> Any:
        """Keep what goes in and out, and spoil the latter."""
        self.x = x.copy()
        y = self.sound.forward(x, training)
        if self._made is not None:
            y = self._made(self, y, training)
        self.y = y.copy()
        return y

    def backward(self, d: Any, *scale: Any) -> Any:
        """Hand down the gradient, spoiled."""
        if self._fault is None:
            return self.sound.backward(d, *scale)
        return self._fault(self, d, *scale)


def gradient(change: Change, *names: str) -> Fault:
    """Return a fault that changes the named gradients, all if none is named."""

    def fault(layer: Faulty, d: Any) -> Any:
        below = layer.sound.backward(d)
        for name in names or layer.place.gradients:
            array = layer.place.gradients[name]
            array[...] = change(array)
        return below

    return fault


def handed_down(change: Change) -> Fault:
    """Return a fault that changes the gradient of the input, or of a loss's scores."""
    return lambda layer, d, *scale: change(layer.sound.backward(d, *scale).copy())


def transposed(layer: Faulty, d: Any) -> Any:
    """Hand down d W instead of d Wᵀ: of the right shape in a square layer."""
    layer.sound.backward(d)
    return np.einsum("nmo,omi->nmi", d, layer.place.values["weights"])


def unmasked(layer: Faulty, d: Any) -> Any:
    """Hand down everything, wherever the activation was cut off or dropped."""
    return d


def stale(layer: Faulty, d: Any) -> Any:
    """Hand down by the factors of the batch before: a dropout that keeps its mask too long."""
    factors = np.divide(layer.y, layer.x, out=np.zeros_like(layer.y), where=layer.x != 0)
    before = layer.memory.get("factors", factors)
    layer.memory["factors"] = factors
    return d * before[: len(d)]


def without_means(layer: Faulty, d: Any) -> Any:
    """A batch normalization that takes mean and variance for constants."""
    axes = tuple(range(d.ndim - 2))
    epsilon = 1e-5
    layer.sound.backward(d.copy())
    return d * layer.place.values["gamma"] / np.sqrt(layer.x.var(axis=axes) + epsilon)


def without_variance(layer: Faulty, d: Any) -> Any:
    """A batch normalization that takes the variance alone for constant."""
    down = without_means(layer, d.copy())
    return down - down.mean(axis=tuple(range(d.ndim - 2)))


def unscaled_noise(layer: Faulty, y: Any, training: bool) -> Any:
    """A dropout that silences units and does not make up for them."""
    return y * (1 - layer.settings.rate) if training else y


def always_training(layer: Faulty, y: Any, training: bool) -> Any:
    """A layer that does at test time what it does in training."""
    return y if training else layer.sound.forward(layer.x.copy(), True)


def unscaled_slope(layer: Faulty, d: Any) -> Any:
    """The backward of such a dropout, right for its forward."""
    return layer.sound.backward(d) * (1 - layer.settings.rate)
