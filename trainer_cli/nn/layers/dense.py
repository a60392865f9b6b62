"""The fully connected layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, doc

from trainer_cli.nn.initializers import He, Initializer
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape

# N examples, M members, I inputs (H·W·C of an image), O units.


@dataclass(frozen=True, kw_only=True)
class Dense:
    """y = x W + b.

    Shapes: x (N, M, I), or an image (N, H, W, M, C) with I = H·W·C; W (I, M, O); b (M, O);
    y (N, M, O). Gradients: dW = xᵀ dy, db = Σ dy over the examples, dx = dy Wᵀ.
    A shared input (N, 1, I) meets all members in one product (N, I) @ (I, M·O).
    Source: CS231n, "Neural Networks Part 1", section Neural Network architectures.
    """

    type: Literal["dense"] = "dense"
    units: Annotated[int, Ge(1), doc("number of outputs of the layer")]
    init: Annotated[Initializer, doc("rule by which the weights start")] = He()  # noqa: RUF009

    keeps_shared: ClassVar[bool] = False

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (O,)."""
        return (self.units,)

    def parameters(self, input_shape: Shape) -> tuple[ParameterShape, ...]:
        """Return the shapes of the weights (I, O) and biases (O,)."""
        return (
            ParameterShape(name="weights", shape=(prod(input_shape), self.units), penalized=True),
            ParameterShape(name="biases", shape=(self.units,), penalized=False),
        )

    def initialize(self, values: Mapping[str, Array], rng: np.random.Generator) -> None:
        """Fill one member's weights (I, O) by `init` and its biases (O,) with zeros."""
        weights = values["weights"]
        weights[:] = self.init.draw(rng, weights.shape, fan_in=len(weights))
        values["biases"][:] = 0

    def buffers(self, input_shape: Shape) -> int:
        """Return how many values a member keeps for one example: its outputs and dx."""
        return self.units + prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["Dense"], place: Place) -> "DenseAtWork":
        """Return the layer at work."""
        return DenseAtWork(place)


class DenseAtWork:
    """A dense layer of M members at work."""

    def __init__(self, place: Place) -> None:
        weights, biases = place.values["weights"], place.values["biases"]
        self._inputs, members, units = weights.shape  # I, M, O
        self._fat = place.input_members == 1
        self._image = len(place.input_shape) > 1
        self._input_shape = place.input_shape
        self._biases = biases.reshape(1, members * units)
        self._bias_gradient = place.gradients["biases"].reshape(1, members * units)
        self._weights = self._as_operand(weights)
        self._weight_gradient = self._as_operand(place.gradients["weights"])
        self._y = place.buffer((units,), members)
        self._dx = (
            place.buffer((self._inputs,), place.input_members) if place.input_gradient else None
        )
        self._ones = np.ones((1, place.capacity), place.dtype)
        self._x: Array = self._y  # replaced by every forward
        self._views: dict[int, tuple[Array, Array, Array, Array | None, Array | None]] = {}

    def _as_operand(self, array: Array) -> Array:
        """View (A, M, B) as the matrix (A, M·B), or as M matrices (M, A, B)."""
        if self._fat:
            return array.reshape(len(array), -1)
        return array.transpose(1, 0, 2)

    def _of(self, n: int) -> tuple[Array, Array, Array, Array | None, Array | None]:
        """Return the views for a batch of n: y, its matrix, its operand, dx and its operand."""
        if n not in self._views:
            y = self._y[:n]
            dx = None if self._dx is None else self._dx[:n]
            self._views[n] = (
                y,
                y.reshape(n, -1),
                self._as_operand(y),
                dx,
                None if dx is None else self._as_operand(dx),
            )
        return self._views[n]

    def forward(self, x: Array, training: bool) -> Array:
        """Return x W + b: (N, M, O)."""
        if self._image:
            x = self._flattened(x)
        y, matrix, operand, _, _ = self._of(len(x))
        self._x = self._as_operand(x)
        np.matmul(self._x, self._weights, out=operand)
        matrix += self._biases
        return y

    def backward(self, d: Array) -> Array | None:
        """Fill dW and db; return dx (N, M, I), in the shape of the input."""
        n = len(d)
        _, _, _, dx, dx_operand = self._of(n)
        d_operand = self._as_operand(d)
        np.matmul(self._x.swapaxes(-1, -2), d_operand, out=self._weight_gradient)
        np.matmul(self._ones[:, :n], d.reshape(n, -1), out=self._bias_gradient)
        if dx is None or dx_operand is None:
            return None
        np.matmul(d_operand, self._weights.swapaxes(-1, -2), out=dx_operand)
        return self._unflattened(dx) if self._image else dx

    def _flattened(self, x: Array) -> Array:
        if self._fat:  # (N, H, W, 1, C) -> (N, 1, I), a view
            return x.reshape(len(x), 1, self._inputs)
        return np.moveaxis(x, -2, 1).reshape(len(x), -1, self._inputs)  # (N, M, I), a copy

    def _unflattened(self, dx: Array) -> Array:
        *space, channels = self._input_shape
        return np.moveaxis(dx.reshape(*dx.shape[:2], *space, channels), 1, -2)  # (N, H, W, M, C)
