"""What a layer is told when it takes its place in a network, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn import aligned
from trainer_cli.nn.streams import Noise

# N examples of a batch, M members, F features (I in, O out), H, W, C an image.
Array = NDArray[np.floating[Any]]
Shape = tuple[int, ...]
Role = Literal["weight", "other", "statistic"]


class UnfitError(ValueError):
    """A layer cannot take examples of the shape it is given; `setting` names the key to blame."""

    def __init__(self, message: str, *, setting: str | None = None, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.setting = setting
        self.hint = hint


@dataclass(frozen=True, kw_only=True)
class ParameterShape:
    """One array that a layer keeps, before it exists.

    `shape` is that of a single member, features last: (I, O) for the weights of a dense layer.
    The network puts the member axis before the features: (I, M, O). Regularization applies to
    the role "weight" alone; "other" is learned as well (biases, the parameters of batch
    normalization); a "statistic" is kept, saved and copied, but not learned (running averages).
    """

    name: str
    shape: Shape
    role: Role


@dataclass(frozen=True, kw_only=True)
class Place:
    """A layer's place in a network of M members.

    `capacity` is the largest batch and `input_shape` the shape of one example, without the member
    axis. With `shared_input` all members receive the same array, whose member axis has length 1.
    Without `input_gradient` nobody needs the gradient of the input. `values` and `gradients` map
    a parameter's name to its view into the network's flat arrays; a statistic has no gradient.
    `noise` is what the layer draws from while training.
    """

    members: int
    capacity: int
    input_shape: Shape
    shared_input: bool
    input_gradient: bool
    dtype: np.dtype[Any]
    values: Mapping[str, Array]
    gradients: Mapping[str, Array]
    noise: Noise

    @property
    def input_members(self) -> int:
        """Length of the input's member axis: 1 where the input is shared, else M."""
        return 1 if self.shared_input else self.members

    def buffer(self, shape: Shape, members: int, dtype: Any = None) -> NDArray[Any]:
        """Return an array (capacity, ..., members, features) for examples of `shape`."""
        return aligned.zeros((self.capacity, *shape[:-1], members, shape[-1]), dtype or self.dtype)


class Working(Protocol):
    """A layer at work: forward and backward over buffers of its own.

    It may overwrite the array it is handed. It allocates nothing for a batch: what it keeps of one
    lies in buffers made at bind. A `backward` belongs to the `forward` just before it and fills
    the layer's gradients.
    """

    def forward(self, x: Array, training: bool) -> Array:
        """Return the activations (N, ..., M, F) for `x`.

        They hold until the next call, unless the layer above overwrites them.
        """
        ...

    def backward(self, d: Array) -> Array | None:
        """Return the gradient of the input for `d`, that of the output; None if not needed."""
        ...

    def sides(self) -> tuple[NDArray[Any], ...]:
        """Return on which piece of a piecewise function every value of the last forward lay.

        A ReLU gives its mask, a maximum the index of the largest; a smooth layer gives nothing.
        A difference quotient between two points with different sides says nothing about a slope.
        """
        ...
