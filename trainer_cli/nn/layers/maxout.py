"""Units that pass on the largest of several linear functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.nn.initializers import Fans, Initializer, Xavier, Zeros
from trainer_cli.nn.layers.biases import BiasInit
from trainer_cli.nn.layers.dense import DenseAtWork
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape
from trainer_cli.nn.layers.weighted import OwnL1, OwnL2, OwnMaxNorm

# N examples, M members, I inputs, O units, P pieces.


@dataclass(frozen=True, kw_only=True)
class Maxout:
    """y = max over p of (x W_p + b_p), the largest of P pieces of each unit.

    Shapes: x (N, M, I), or an image (N, H, W, M, C) with I = H·W·C; W (I, M, P·O) and b (M, P·O),
    piece after piece; y (N, M, O). Gradients: those of a dense layer with P·O outputs, where dy
    goes to the piece that was the largest, the first of equals.
    Of two pieces of one variance, the larger has the second moment of either: weights by `xavier`
    keep the size of the signal. Of three pieces it is 1.28 times as large, of four 1.55 times.
    Source: Goodfellow, Warde-Farley, Mirza, Courville, Bengio 2013, "Maxout Networks", section 3.
    """

    type: Literal["maxout"] = "maxout"
    units: Annotated[int, Ge(1), doc("number of outputs of the layer")]
    pieces: Annotated[
        int, Ge(2), Le(255), doc("number of linear functions that a unit takes the largest of")
    ] = 2
    init: Annotated[
        Initializer | None, doc("rule by which the weights start, xavier unless given")
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
        """Return the shapes of the weights (I, P·O) and biases (P·O,)."""
        outputs = self.pieces * self.units
        return (
            ParameterShape(name="weights", shape=(prod(input_shape), outputs), role="weight"),
            ParameterShape(name="biases", shape=(outputs,), role="other"),
        )

    def initialize(
        self, values: Mapping[str, Array], rng: np.random.Generator, follower: Initializer
    ) -> None:
        """Fill one member's weights (I, P·O) and its biases (P·O,)."""
        weights, biases = values["weights"], values["biases"]
        fans = Fans(fan_in=len(weights), fan_out=self.pieces * self.units)
        weights[:] = (self.init or Xavier()).draw(rng, weights.shape, fans)
        biases[:] = self.bias_init.draw(rng, biases.shape, fans)

    def values_per_example(self, input_shape: Shape) -> int:
        """Return how many values a member keeps at most: pieces, dx, y, index and mask."""
        return (self.pieces + 3) * self.units + prod(input_shape)

    @staticmethod
    def bind(stack: Sequence["Maxout"], place: Place) -> "MaxoutAtWork":
        """Return the layer at work."""
        return MaxoutAtWork(stack[0], place)


class MaxoutAtWork:
    """Maxout units of M members at work: a dense layer, then a maximum."""

    def __init__(self, first: Maxout, place: Place) -> None:
        self._dense = DenseAtWork(place)
        outputs = (first.units,)
        pieces = self._dense.y.reshape(*self._dense.y.shape[:-1], first.pieces, first.units)
        self._pieces = [pieces[..., p, :] for p in range(first.pieces)]  # P times (N, M, O)
        self._y = place.buffer(outputs, place.members)
        self._index = place.buffer(outputs, place.members, np.uint8)  # of the largest piece
        self._chosen = place.buffer(outputs, place.members, np.bool_)
        self._n = 0  # examples of the last forward

    def forward(self, x: Array, training: bool) -> Array:
        """Return the largest piece of each unit: (N, M, O)."""
        n = self._n = len(x)
        self._z = self._dense.forward(x, training)  # (N, M, P·O), which the pieces are views of
        y, index, chosen = self._y[:n], self._index[:n], self._chosen[:n]
        np.copyto(y, self._pieces[0][:n])
        index.fill(0)
        for p, piece in enumerate(self._pieces[1:], start=1):
            np.greater(piece[:n], y, chosen)
            np.copyto(index, p, where=chosen)
            np.maximum(piece[:n], y, out=y)
        return y

    def backward(self, d: Array) -> Array | None:
        """Fill dW and db; return dx (N, M, I), in the shape of the input."""
        n = len(d)
        index, chosen = self._index[:n], self._chosen[:n]
        for p, piece in enumerate(self._pieces):
            np.equal(index, p, chosen)
            below = piece[:n]  # the gradient of the piece, where its outputs were
            below.fill(0)
            np.copyto(below, d, where=chosen)
        return self._dense.backward(self._z)

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return which piece of each unit was the largest: (N, M, O)."""
        return (self._index[: self._n],)
