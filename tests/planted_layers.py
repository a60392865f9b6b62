"""Sound layers, losses and penalties put to work with one thing wrong in what backward does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainer_cli.nn.regularization import Regularization


@dataclass(frozen=True, kw_only=True)
class Planted:
    """The settings of a sound layer or loss, whose working form gets its `fault`."""

    sound: Any
    fault: Callable[..., Any]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.sound, name)

    @staticmethod
    def bind(stack: Any, *place: Any) -> Any:
        work = type(stack[0].sound).bind([settings.sound for settings in stack], *place)
        return Faulty(work, stack[0].fault, place[0])


class Faulty:
    """A layer or loss at work whose backward is `fault(self, d, ...)`.

    `x` and `y` are copies of what the last forward got and gave, `sound` its true working form,
    `place` where it works.
    """

    def __init__(self, sound: Any, fault: Callable[..., Any], place: Any) -> None:
        self.sound, self.fault, self.place = sound, fault, place
        self.memory: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sound, name)

    def forward(self, x: Any, more: Any) -> Any:
        self.x = x.copy()
        y = self.sound.forward(x, more)
        self.y = y.copy()
        return y

    def backward(self, d: Any, *scale: Any) -> Any:
        return self.fault(self, d, *scale)


def gradient(change: Callable[[Any], Any], *names: str) -> Callable[..., Any]:
    """Return a fault that changes the named gradients, all if none is named."""

    def fault(layer: Faulty, d: Any) -> Any:
        below = layer.sound.backward(d)
        for name in names or layer.place.gradients:
            array = layer.place.gradients[name]
            array[...] = change(array)
        return below

    return fault


def handed_down(change: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a fault that changes the gradient of the input, or of a loss's scores."""
    return lambda layer, d, *scale: change(layer.sound.backward(d, *scale).copy())


def unscaled(loss: Faulty, d: Any, scale: Any) -> Any:
    """A loss that forgets the scale that its gradient is asked for at."""
    return loss.sound.backward(d, 1.0)


def cut_off(layer: Faulty, d: Any) -> None:
    """Hand down nothing."""
    layer.sound.backward(d)


def one(part: tuple[Any, ...], factor: float) -> Callable[[Any], Any]:
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


def transposed(layer: Faulty, d: Any) -> Any:
    """Hand down d W instead of d Wᵀ: of the right shape in a square layer."""
    layer.sound.backward(d)
    return np.einsum("nmo,omi->nmi", d, layer.place.values["weights"])


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


def unmasked(layer: Faulty, d: Any) -> Any:
    """Hand down everything, wherever the activation was cut off or dropped."""
    return d


def stale(layer: Faulty, d: Any) -> Any:
    """Hand down by the factors of the batch before: a dropout that keeps its mask too long."""
    factors = np.divide(layer.y, layer.x, out=np.zeros_like(layer.y), where=layer.x != 0)
    before = layer.memory.get("factors", factors)
    layer.memory["factors"] = factors
    return d * before[: len(d)]


def by_the_output(layer: Faulty, d: Any) -> Any:
    """A tanh whose slope is 1 - y instead of 1 - y²."""
    return d * (1 - layer.y)


def wrong_corner(layer: Faulty, d: Any) -> Any:
    """A maximum of windows of 2 × 2 that hands the gradient to the wrong corner."""
    return np.roll(layer.sound.backward(d), 1, axis=1)


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


PenaltyFault = Callable[[Any, float], None]


@dataclass(frozen=True, kw_only=True)
class PlantedPenalty(Regularization):
    """Regularization whose gradient is added by `fault(penalty, scale)`."""

    fault: Any = None

    @staticmethod
    def bind(stack: Any, *rest: Any) -> Any:
        penalty = Regularization.bind(
            [Regularization(l1=s.l1, l2=s.l2, max_norm=s.max_norm) for s in stack], *rest
        )
        return FaultyPenalty(penalty, stack[0].fault)


class FaultyPenalty:
    """A penalty at work, the gradient of which comes from `fault`."""

    def __init__(self, sound: Any, fault: PenaltyFault) -> None:
        self._sound, self._fault = sound, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sound, name)

    def add_gradient(self, scale: Any = 1.0) -> None:
        self._fault(self._sound, scale)


def no_penalty(penalty: Any, scale: Any) -> None:
    """Forget the gradient of the penalty."""


def penalty_twice(penalty: Any, scale: Any) -> None:
    """Forget the ½ of the cost in the gradient."""
    penalty.add_gradient(scale)
    penalty.add_gradient(scale)
