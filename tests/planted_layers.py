"""Faults of layers and losses in backward that only check-grad is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainer_cli.checks.selftest.planted import Change, Faulty


def unscaled(loss: Faulty, d: Any, scale: Any) -> Any:
    """A loss that forgets the scale that its gradient is asked for at."""
    return loss.sound.backward(d, 1.0)


def cut_off(layer: Faulty, d: Any) -> None:
    """Hand down nothing."""
    layer.sound.backward(d)


def one(part: tuple[Any, ...], factor: float) -> Change:
    """Return a change of one part of an array alone."""

    def change(array: Any) -> Any:
        array = array.copy()
        array[part] *= factor
        return array

    return change


def accumulated(layer: Faulty, d: Any) -> Any:
    """Add to the gradients of the batch before instead of replacing them."""
    below = layer.sound.backward(d)
    for name, array in layer.place.gradients.items():
        array += layer.memory.get(name, 0.0)
        layer.memory[name] = array.copy()
    return below


def transposed_weights(layer: Faulty, d: Any) -> Any:
    """Store (xᵀ d)ᵀ in a square layer."""
    below = layer.sound.backward(d)
    array = layer.place.gradients["weights"]
    array[...] = array.transpose(2, 1, 0).copy()
    return below


def small_batch_only(layer: Faulty, d: Any) -> Any:
    """Forget the last example of a batch that is not full."""
    if len(d) < layer.place.capacity:
        d = d.copy()
        d[-1] = 0
    return layer.sound.backward(d)


def by_the_output(layer: Faulty, d: Any) -> Any:
    """A tanh whose slope is 1 - y instead of 1 - y²."""
    return d * (1 - layer.y)


def wrong_corner(layer: Faulty, d: Any) -> Any:
    """A maximum of windows of 2 × 2 that hands the gradient to the wrong corner."""
    return np.roll(layer.sound.backward(d), 1, axis=1)
