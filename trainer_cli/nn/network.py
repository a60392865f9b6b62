"""A network of M members: layers in a row over one flat array of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.initializers import Initializer, Xavier
from trainer_cli.nn.layers import BatchNorm, Layer
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape, Working
from trainer_cli.nn.parameters import Parameters
from trainer_cli.nn.streams import Noise

# N examples, M members, F features, C classes.
Layers = Sequence[Layer]


def shapes_through(layers: Layers, input_shape: Shape) -> list[Shape]:
    """Return the shape of one example before each layer and after the last one.

    Raises UnfitError where a layer cannot take what the one before it gives.
    """
    shapes = [input_shape]
    for layer in layers:
        shapes.append(layer.output_shape(shapes[-1]))
    return shapes


def parameter_shapes(layers: Layers, input_shape: Shape) -> list[tuple[int, ParameterShape]]:
    """Return every array that is learned or kept, with its layer, before it is allocated."""
    shapes = shapes_through(layers, input_shape)
    return [
        (i, parameter)
        for i, layer in enumerate(layers)
        for parameter in layer.parameters(shapes[i])
    ]


def parameter_count(layers: Layers, input_shape: Shape) -> int:
    """Return the number of values that one member learns or keeps."""
    return sum(prod(p.shape) for _, p in parameter_shapes(layers, input_shape))


def smallest_batches(layers: Layers, input_shape: Shape) -> list[int]:
    """Return how many examples each layer needs in a batch to make something of one of them."""
    shapes = shapes_through(layers, input_shape)
    return [
        layer.smallest_batch(shape) if isinstance(layer, BatchNorm) else 1
        for layer, shape in zip(layers, shapes, strict=False)
    ]


def largest_layer(layers: Layers, input_shape: Shape) -> int:
    """Return the index of the layer that learns the most values."""
    sizes = [0] * len(layers)
    for i, parameter in parameter_shapes(layers, input_shape):
        sizes[i] += prod(parameter.shape)
    return sizes.index(max(sizes))


def follower_init(layers: Layers, i: int) -> Initializer:
    """Return the initializer that fits what follows layer i: its nonlinearity, else none."""
    for layer in layers[i + 1 :]:
        if layer.follower_init is not None:
            return layer.follower_init
    return Xavier()


def _refuse_mixed(stack: Sequence[Layers], input_shape: Shape) -> None:
    kinds = {tuple(type(layer).__name__ for layer in layers) for layers in stack}
    if not kinds:
        raise ValueError("a stack has at least one member, got none")
    if len(kinds) > 1:
        raise ValueError(f"the members of a stack have the same layers, got {sorted(kinds)}")
    first = _named_shapes(stack[0], input_shape)
    for layers in (each for each in stack[1:] if each != stack[0]):
        for name, shape in _named_shapes(layers, input_shape).items():
            if shape != first[name]:
                raise ValueError(
                    "the members of a stack have the same shapes, "
                    f"got {first[name]} and {shape} for {name}"
                )


def _named_shapes(layers: Layers, input_shape: Shape) -> dict[str, Shape]:
    """Return the shapes of all that layers learn or keep, and of what they give."""
    kept = {f"network[{i}].{p.name}": p.shape for i, p in parameter_shapes(layers, input_shape)}
    given = enumerate(shapes_through(layers, input_shape)[1:])
    return kept | {f"the outputs of network[{i}]": shape for i, shape in given}


class Network:
    """M networks of one shape, trained side by side.

    `stack` holds the layers of every member: the same kinds in the same order, with any settings
    that leave shapes alone; ValueError otherwise. `capacity` is the largest batch. With
    `shared_input` all members see the same batch, (N, 1, F); otherwise each has its own,
    (N, M, F). `input_gradient` asks `backward` for the gradient of the input too.
    """

    def __init__(
        self,
        stack: Sequence[Layers],
        input_shape: Shape,
        *,
        capacity: int,
        dtype: np.dtype[Any],
        shared_input: bool = True,
        input_gradient: bool = False,
    ) -> None:
        _refuse_mixed(stack, input_shape)
        self.stack = stack
        self.input_shape = input_shape
        self.capacity = capacity
        self.shared_input = shared_input
        self.members = len(stack)
        self._input_gradient = input_gradient
        self.output_shape = shapes_through(stack[0], input_shape)[-1]
        self.parameters = Parameters(
            parameter_shapes(stack[0], input_shape), self.members, np.dtype(dtype)
        )
        self._noise = [Noise() for _ in stack[0]]
        self.layers: tuple[Working, ...] = tuple(self._bind())

    def _bind(self) -> Iterator[Working]:
        first, shapes = self.stack[0], shapes_through(self.stack[0], self.input_shape)
        shared, wanted = self.shared_input, self._input_gradient
        for i, layer in enumerate(first):
            place = Place(
                members=self.members,
                capacity=self.capacity,
                input_shape=shapes[i],
                shared_input=shared,
                input_gradient=wanted,
                dtype=self.parameters.values.dtype,
                values=self._of_layer(i, self.parameters.stored),
                gradients=self._of_layer(i, self.parameters.gradients),
                noise=self._noise[i],
            )
            yield type(layer).bind([layers[i] for layers in self.stack], place)  # type: ignore[misc]
            shared = shared and layer.keeps_shared
            wanted = wanted or bool(layer.parameters(shapes[i]))

    def _of_layer(self, i: int, flat: Array) -> dict[str, Array]:
        """Return the views of a layer's parameters, and of its statistics if `flat` has them."""
        return {
            entry.name.partition(".")[2]: entry.view(flat)
            for entry in self.parameters.everything
            if entry.layer == i and entry.region.stop <= len(flat)
        }

    def initialize(self, streams: Sequence[Sequence[np.random.Generator]]) -> None:
        """Start every member's parameters: `streams[m]` gives one generator for each layer."""
        for m, (layers, generators) in enumerate(zip(self.stack, streams, strict=True)):
            for i, (layer, rng) in enumerate(zip(layers, generators, strict=True)):
                values = self._of_layer(i, self.parameters.stored)
                own = {name: v[..., m, :] for name, v in values.items()}
                layer.initialize(own, rng, follower_init(layers, i))

    def restart_noise(self, seeds: Sequence[int], *path: str | int) -> None:
        """Let layer i of member m draw from the beginning of `stream(seeds[m], *path, i)`."""
        for i, noise in enumerate(self._noise):
            noise.restart(seeds, *path, i)

    def noise_state(self) -> list[list[tuple[int, Any]]]:
        """Return where the random numbers of every layer are since the last restart."""
        return [noise.state() for noise in self._noise]

    def restore_noise(self, state: Sequence[Sequence[tuple[int, Any]]]) -> None:
        """Let every layer go on drawing where `state` was taken; after the same restart."""
        for noise, where in zip(self._noise, state, strict=True):
            noise.restore(where)

    def forward(self, x: Array, training: bool) -> Array:
        """Return the scores (N, M, C) for a batch; the array of `x` may be overwritten."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, d: Array) -> Array | None:
        """Fill all gradients from `d`, the gradient of the scores (N, M, C).

        Returns the gradient of the input if it was asked for.
        """
        for layer in reversed(self.layers):
            below = layer.backward(d)
            if below is None:
                return None
            d = below
        return d

    def backward_to(self, i: int, d: Array) -> Array:
        """Fill the gradients of all layers above layer i; return that of its outputs.

        Some layer up to i learns, so that all above hand a gradient down.
        """
        for layer in reversed(self.layers[i + 1 :]):
            below = layer.backward(d)
            assert below is not None
            d = below
        return d

    def sides(self, first: int = 0) -> list[NDArray[Any]]:
        """Return on which piece every value of the last forward lay, from layer `first` on."""
        return [side for layer in self.layers[first:] for side in layer.sides()]

    def keep(self, kept: Sequence[int]) -> Network:
        """Return a network of the members `kept` alone, with copies of their parameters."""
        smaller = Network(
            [self.stack[m] for m in kept],
            self.input_shape,
            capacity=self.capacity,
            dtype=self.parameters.values.dtype,
            shared_input=self.shared_input,
            input_gradient=self._input_gradient,
        )
        old, new = self.parameters, smaller.parameters
        new.take_members(new.stored, old, old.stored, kept)
        for own, noise in zip(smaller._noise, self._noise, strict=True):
            own.take_members(noise, kept)
        return smaller

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Copy named parameters and statistics, (..., M, F), into the network.

        Raises ValueError for a name that is missing or unknown, or a shape that differs.
        """
        shapes = {entry.name: entry.shape for entry in self.parameters.everything}
        given = {name: array.shape for name, array in arrays.items()}
        if given != shapes:
            raise ValueError(f"the network's parameters are {shapes}, got {given}")
        for entry in self.parameters.everything:
            entry.view(self.parameters.stored)[...] = arrays[entry.name]
