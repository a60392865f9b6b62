"""Dropout: silences a random share of the units at every training step."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Lt, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers.apart import apart
from trainer_cli.nn.layers.place import Array, Place, Shape, Working
from trainer_cli.nn.layers.unlearned import Unlearned


@dataclass(frozen=True, kw_only=True)
class Dropout(Unlearned):
    """y = x · u in training, where every u is 0 with probability p, the rate, and else 1.

    Inverted: u is 1 / (1 - p) instead of 1, and y = x in evaluation. Vanilla: y = (1 - p) x in
    evaluation. Either way the expected value is the same in both.
    Shapes: (N, ..., M, F) to the same. Gradient: dx = dy · u.
    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, "Dropout: A Simple Way
    to Prevent Neural Networks from Overfitting"; CS231n, "Neural Networks Part 2".
    """

    type: Literal["dropout"] = "dropout"
    rate: Annotated[float, Ge(0), Lt(1), doc("share p of the units that are silenced")] = 0.5
    style: Annotated[
        Literal["inverted", "vanilla"],
        doc("when to make up for the silent units: inverted in training, vanilla in evaluation"),
    ] = "inverted"

    keeps_shared: ClassVar[bool] = False
    follower_init: ClassVar[Initializer | None] = None

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return `input_shape`."""
        return input_shape

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps at most: draws, factors, masks, a shared x."""
        return 3 * prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["Dropout"], place: Place) -> Working:
        """Return the layer at work."""
        return apart(place, lambda own: DropoutAtWork(stack, own))


class DropoutAtWork:
    """Dropout of M members at work, each with a rate, a style and a stream of its own."""

    def __init__(self, stack: Sequence[Dropout], place: Place) -> None:
        self._rates = [settings.rate for settings in stack]
        # By what the activations that stay are multiplied, (M, 1): 1, or what makes up for p.
        inverted = np.array([[settings.style == "inverted"] for settings in stack])
        kept = np.array([[1 - settings.rate] for settings in stack])
        self._training = np.where(inverted, 1 / kept, 1).astype(place.dtype)
        self._evaluation = np.where(inverted, 1, kept).astype(place.dtype)
        self._trained = False  # whether the last forward was one in training
        self._noise = place.noise
        # Alike in both precisions, and in a stack as alone: float32, one member after another.
        self._draws = place.buffer(place.input_shape, 1, np.float32)
        self._stay = place.buffer(place.input_shape, 1, np.bool_)
        self._factors = place.buffer(place.input_shape, place.members)
        self._factors.fill(1)  # where the rate is 0 they stay that way

    def forward(self, x: Array, training: bool) -> Array:
        """Return the activations that stay, scaled, in the array of `x`: (N, ..., M, F)."""
        self._trained = training
        if training:
            self._draw(len(x))
        return self._scaled(x)

    def backward(self, d: Array) -> Array:
        """Return the gradient of the input, in the array of `d`: (N, ..., M, F)."""
        return self._scaled(d)

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return nothing: with given factors the layer is linear."""
        return ()

    def _draw(self, n: int) -> None:
        """Draw the factors of n examples; a member that silences nothing draws nothing."""
        draws, stay, factors = self._draws[:n], self._stay[:n], self._factors[:n]
        for m, rate in enumerate(self._rates):
            if rate:
                self._noise.of(m).random(dtype=np.float32, out=draws)
                np.greater_equal(draws, rate, stay)
                np.copyto(factors[..., m, :], stay[..., 0, :])
        if np.any(self._training != 1):
            factors *= self._training

    def _scaled(self, x: Array) -> Array:
        """Multiply activations or gradients (N, ..., M, F) by the factors, in place."""
        if self._trained and any(self._rates):
            x *= self._factors[: len(x)]
        elif not self._trained and np.any(self._evaluation != 1):
            x *= self._evaluation
        return x
