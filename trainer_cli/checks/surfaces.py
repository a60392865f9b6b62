"""Loss and penalty as functions of the arrays that they depend on, and where those have kinks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.coordinates import signs
from trainer_cli.nn.layers.place import Array, Shape
from trainer_cli.nn.losses import Labels
from trainer_cli.training.stack import Stack

# N examples, M = 1 member, F features.
# Every value and parameter is moved by this many roundings to see how well the loss is known.
NUDGE = 2 * float(np.finfo(np.float64).eps)
NUDGES = 6
# Training folds the learning rate into the gradients, so they are asked for at a scale; a power of
# two is divided out again without rounding.
SCALE = 0.5

Sides = Sequence[NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Point:
    """The summands whose mean is the function, and on which sides of its kinks it was taken.

    `sides` are views: they hold until the next point.
    """

    summands: Array
    sides: Sides


class Surface(Protocol):
    """A function of arrays that are moved from outside, in place."""

    def at(self, first: int) -> Point:
        """Return the value where everything stands now, if nothing below layer `first` moved."""
        ...

    @property
    def rounding(self) -> float:
        """How far rounding alone may put a value off."""
        ...


@dataclass(frozen=True, kw_only=True)
class Gradients:
    """What backward gives: of the input of every layer, the scores last, and of the parameters.

    `again` is what it gives once more where all parameters were nudged by a few roundings;
    `repeats` says that it gives the same where nothing was.
    """

    inputs: Sequence[Array]
    parameters: Array
    again: Gradients | None = None
    repeats: bool = True


class NoGradientError(Exception):
    """The backward of a layer gives no gradient of its input, or one of another shape."""

    def __init__(self, layer: int, shape: Shape, given: Shape | None) -> None:
        super().__init__(f"network[{layer}]: {given} for {shape}")
        self.layer = layer
        self.shape = shape
        self.given = given


class LossSurface:
    """The mean loss of one batch, without penalty; dropout draws the same numbers every time.

    `inputs` holds what every layer gets, and at last the scores: moving one of these arrays and
    asking for the value from that layer on looks at the upper layers alone.
    """

    def __init__(self, stack: Stack, x: Array, labels: Labels) -> None:
        self._stack = stack
        self._labels = labels.copy()
        self.inputs: list[Array] = []
        stack.restart_noise(0)
        for layer in stack.network.layers:
            self.inputs.append(x.copy())
            x = layer.forward(x.copy(), True)
        self.inputs.append(x.copy())
        self.rounding = self._rounding()

    def at(self, first: int) -> Point:
        """Return the losses of the examples, (N,), with the layers from `first` on evaluated."""
        scores = self._forward(self.inputs[first].copy(), first)
        summands = self._stack.loss.forward(scores, self._labels)[:, 0].copy()  # (N, 1) -> (N,)
        sides = [*self._stack.network.sides(first), *self._stack.loss.sides()]
        return Point(summands=summands, sides=sides)

    def gradients(self) -> Gradients:
        """Return what backward gives, after a backward for other examples and other noise.

        What a layer leaves behind there, or adds to instead of replacing it, shows in these.
        """
        found, same = self._gradients(), self._gradients()
        stored = self._stack.network.parameters.stored
        before, rng = stored.copy(), np.random.default_rng(0)
        _nudge(stored, before, rng)
        again = self._gradients()
        stored[:] = before
        repeats = np.array_equal(found.parameters, same.parameters)
        return replace(found, again=again, repeats=repeats)

    def _gradients(self) -> Gradients:
        self._backward(self.inputs[0][::-1].copy(), epoch=1)
        inputs = [each / SCALE for each in self._backward(self.inputs[0].copy())]
        parameters = self._stack.network.parameters.gradients / SCALE
        return Gradients(inputs=inputs, parameters=parameters)

    def _forward(self, x: Array, first: int, epoch: int = 0) -> Array:
        self._stack.restart_noise(epoch)
        for layer in self._stack.network.layers[first:]:
            x = layer.forward(x, True)
        return x

    def _backward(self, x: Array, epoch: int = 0) -> list[Array]:
        scores = self._forward(x, 0, epoch)
        self._stack.loss.forward(scores, self._labels)
        d: Array = self._stack.loss.backward(scores, SCALE)
        gradients = []
        for i, layer in reversed(list(enumerate(self._stack.network.layers))):
            gradients.append(d.copy())
            below = layer.backward(d)
            # The network was built with input gradients.
            if below is None or below.shape != self.inputs[i].shape:
                given = None if below is None else below.shape
                raise NoGradientError(i, self.inputs[i].shape, given)
            d = below
        return [d.copy(), *reversed(gradients)]

    def _rounding(self) -> float:
        """Nudge everything by a few roundings: what the loss changes by is noise."""
        stored, x = self._stack.network.parameters.stored, self.inputs[0]
        before, x_before = stored.copy(), x.copy()
        losses, rng = self.at(0).summands, np.random.default_rng(0)
        largest = float(np.abs(self.inputs[-1]).max(initial=0.0))
        noise = NUDGE * (abs(float(losses.mean())) + largest / sqrt(len(losses)))
        for _ in range(NUDGES):
            for values, start in ((stored, before), (x, x_before)):
                _nudge(values, start, rng)
            noise = max(noise, abs(float((self.at(0).summands - losses).mean())))
        stored[:], x[...] = before, x_before
        return noise


def _nudge(values: Array, before: Array, rng: np.random.Generator) -> None:
    """Set `values` to what they were `before`, moved by a few roundings."""
    np.multiply(before, signs(rng, before.shape), out=values)
    values *= NUDGE
    values += before


class PenaltySurface:
    """The penalty, which has a kink only where a weight is zero.

    Its steps are shares of the weights, so that none of them changes a sign. At zero |w| is as
    steep on either side, and a central difference gives 0, as the gradient must be.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        # The penalty is a sum over all weights, each rounding of which is independent.
        self.rounding = NUDGE * float(stack.penalty.costs()[0])

    def at(self, first: int) -> Point:
        """Return the penalty as the only summand."""
        return Point(summands=self._stack.penalty.costs().copy(), sides=())

    def gradient(self) -> Array:
        """Return what the penalty adds to the gradients of all parameters."""
        gradients = self._stack.network.parameters.gradients
        gradients[~np.isfinite(gradients)] = 0  # those of the loss are judged elsewhere
        before = gradients.copy()
        self._stack.penalty.add_gradient(SCALE)
        added = (gradients - before) / SCALE
        gradients[:] = before
        return added
