"""The fully connected layer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, doc

from trainer_cli.nn.initializers import Fans, He, Initializer, Xavier, Zeros
from trainer_cli.nn.layers.biases import BiasInit
from trainer_cli.nn.layers.flatten import FlattenAtWork
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape
from trainer_cli.nn.layers.weighted import OwnL1, OwnL2, OwnMaxNorm

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
    init: Annotated[
        Initializer | None,
        doc("rule by which the weights start, unless given the one that fits what follows"),
    ] = None
    bias_init: BiasInit = Zeros()  # noqa: RUF009
    l1: OwnL1 = None
    l2: OwnL2 = None
    max_norm: OwnMaxNorm = None

    keeps_shared: ClassVar[bool] = False
    follower_init: ClassVar[Initializer] = Xavier()

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (O,)."""
        return (self.units,)

    def parameters(self, input_shape: Shape) -> tuple[ParameterShape, ...]:
        """Return the shapes of the weights (I, O) and biases (O,)."""
        return (
            ParameterShape(name="weights", shape=(prod(input_shape), self.units), role="weight"),
            ParameterShape(name="biases", shape=(self.units,), role="other"),
        )

    def initialize(
        self, values: Mapping[str, Array], rng: np.random.Generator, follower: Initializer
    ) -> None:
        """Fill one member's weights (I, O) and its biases (O,)."""
        weights = values["weights"]
        rectified = isinstance(follower, He)
        fans = Fans(fan_in=len(weights), fan_out=self.units, rectified=rectified)
        weights[:] = (self.init or follower).draw(rng, weights.shape, fans)
        values["biases"][:] = self.bias_init.draw(rng, (self.units,), fans)

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps for one example: its outputs and dx."""
        return self.units + prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["Dense"], place: Place) -> "DenseAtWork":
        """Return the layer at work."""
        return DenseAtWork(place)


class _Views:
    """What a dense layer at work computes with for batches of n examples.

    A network hands over the same arrays step after step: their views are kept until another
    array comes.
    """

    def __init__(self, work: "DenseAtWork", n: int) -> None:
        self.y = work.y[:n]
        self.matrix = self.y.reshape(n, -1)  # (N, M·O)
        self.operand = work.as_operand(self.y)
        self.ones = work.ones[:, :n]
        self.dx = None if work.dx is None else work.dx[:n]
        self.dx_operand = None if self.dx is None else work.as_operand(self.dx)
        self.x: Array | None = None
        self.d: Array | None = None

    def take_x(self, given: Array, x: Array, work: "DenseAtWork") -> None:
        """Remember the batch (N, M, I); one that had to be copied is copied again next time."""
        self.x_operand = work.as_operand(x)
        self.x = given if np.may_share_memory(given, self.x_operand) else None
        self.x_turned = self.x_operand.swapaxes(-1, -2)

    def take_d(self, d: Array, work: "DenseAtWork") -> None:
        """Remember the gradient of the outputs (N, M, O)."""
        self.d_operand, self.d_matrix = work.as_operand(d), d.reshape(len(d), -1)
        self.d = d if np.may_share_memory(d, self.d_matrix) else None


class DenseAtWork:
    """A dense layer of M members at work."""

    def __init__(self, place: Place) -> None:
        weights, biases = place.values["weights"], place.values["biases"]
        inputs, members, units = weights.shape  # I, M, O
        self._fat = place.input_members == 1
        self._flat = FlattenAtWork(place)
        self._biases = biases.reshape(1, members * units)
        self._bias_gradient = place.gradients["biases"].reshape(1, members * units)
        self._weights = self.as_operand(weights)
        self._weights_turned = self._weights.swapaxes(-1, -2)
        self._weight_gradient = self.as_operand(place.gradients["weights"])
        self.y = place.buffer((units,), members)
        self.dx: Array | None = None
        if place.input_gradient:  # a flattened copy of x is no longer needed where dx goes
            rows = self._flat.y
            self.dx = place.buffer((inputs,), place.input_members) if rows is None else rows
        self.ones = np.ones((1, place.capacity), place.dtype)
        self._views: dict[int, _Views] = {}

    def as_operand(self, array: Array) -> Array:
        """View (A, M, B) as the matrix (A, M·B), or as M matrices (M, A, B)."""
        if self._fat:
            return array.reshape(len(array), -1)
        return array.transpose(1, 0, 2)

    def _of(self, n: int) -> _Views:
        views = self._views.get(n)
        if views is None:
            views = self._views[n] = _Views(self, n)
        return views

    def forward(self, x: Array, training: bool) -> Array:
        """Return x W + b: (N, M, O)."""
        views = self._of(len(x))
        if views.x is not x:
            views.take_x(x, self._flat.forward(x, training), self)
        matrix = views.matrix
        np.matmul(views.x_operand, self._weights, views.operand)
        np.add(matrix, self._biases, matrix)
        return views.y

    def backward(self, d: Array) -> Array | None:
        """Fill dW and db; return dx (N, M, I), in the shape of the input."""
        views = self._given(d)
        np.matmul(views.x_turned, views.d_operand, self._weight_gradient)
        np.matmul(views.ones, views.d_matrix, self._bias_gradient)
        dx = views.dx
        if dx is None:
            return None
        np.matmul(views.d_operand, self._weights_turned, views.dx_operand)
        return self._flat.backward(dx)

    def backward_in_pieces(
        self, d: Array, pieces: Iterable[tuple[slice, Array]]
    ) -> Iterator[Array]:
        """Fill db; write dW piece after piece, and yield each: rows (R, M, O) for some inputs.

        `pieces` says which inputs, and where their rows go.
        """
        views = self._given(d)
        np.matmul(views.ones, views.d_matrix, self._bias_gradient)
        for inputs, gradient in pieces:
            x_turned = views.x_turned[..., inputs, :]
            np.matmul(x_turned, views.d_operand, self.as_operand(gradient))
            yield gradient

    def _given(self, d: Array) -> _Views:
        views = self._of(len(d))
        if views.d is not d:
            views.take_d(d, self)
        return views

    def sides(self) -> tuple[Array, ...]:
        """Return nothing: the layer is linear."""
        return ()
