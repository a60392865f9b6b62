"""A network of M members: layers in a row over one flat array of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from trainer_cli.nn.layers import Layer
from trainer_cli.nn.layers.place import Array, ParameterShape, Place, Shape, Working
from trainer_cli.nn.parameters import Parameters

# N examples, M members, F features, C classes.
Layers = Sequence[Layer]


def shapes_through(layers: Layers, input_shape: Shape) -> list[Shape]:
    """Return the shape of one example before each layer and after the last one."""
    shapes = [input_shape]
    for layer in layers:
        shapes.append(layer.output_shape(shapes[-1]))
    return shapes


def parameter_shapes(layers: Layers, input_shape: Shape) -> list[tuple[str, ParameterShape]]:
    """Return every parameter, named like "network[0].weights", before anything is allocated."""
    shapes = shapes_through(layers, input_shape)
    return [
        (f"network[{i}].{parameter.name}", parameter)
        for i, layer in enumerate(layers)
        for parameter in layer.parameters(shapes[i])
    ]


def parameter_count(layers: Layers, input_shape: Shape) -> int:
    """Return the number of values that one member learns."""
    return sum(prod(p.shape) for _, p in parameter_shapes(layers, input_shape))


def largest_layer(layers: Layers, input_shape: Shape) -> int:
    """Return the index of the layer that learns the most values."""
    shapes = shapes_through(layers, input_shape)
    sizes = [
        sum(prod(p.shape) for p in layer.parameters(shape))
        for layer, shape in zip(layers, shapes, strict=False)
    ]
    return sizes.index(max(sizes))


def _refuse_mixed(stack: Sequence[Layers]) -> None:
    kinds = {tuple(type(layer).__name__ for layer in layers) for layers in stack}
    if len(kinds) > 1:
        raise ValueError(f"the members of a stack have the same layers, got {sorted(kinds)}")


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
        _refuse_mixed(stack)
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
                values=self._of_layer(i, self.parameters.values),
                gradients=self._of_layer(i, self.parameters.gradients),
            )
            yield type(layer).bind([layers[i] for layers in self.stack], place)  # type: ignore[misc]
            shared = shared and layer.keeps_shared
            wanted = wanted or bool(layer.parameters(shapes[i]))

    def _of_layer(self, i: int, flat: Array) -> dict[str, Array]:
        prefix = f"network[{i}]."
        return {
            entry.name.removeprefix(prefix): entry.view(flat)
            for entry in self.parameters.entries
            if entry.name.startswith(prefix)
        }

    def initialize(self, streams: Sequence[Sequence[np.random.Generator]]) -> None:
        """Start every member's parameters: `streams[m]` gives one generator for each layer."""
        for m, (layers, generators) in enumerate(zip(self.stack, streams, strict=True)):
            for i, (layer, rng) in enumerate(zip(layers, generators, strict=True)):
                values = self._of_layer(i, self.parameters.values)
                layer.initialize({name: v[..., m, :] for name, v in values.items()}, rng)

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
        self.parameters.copy_members(
            self.parameters.values, smaller.parameters, smaller.parameters.values, kept
        )
        return smaller

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Copy named parameters, (..., M, F), into the network.

        Raises ValueError for a name that is missing or unknown, or a shape that differs.
        """
        shapes = {entry.name: entry.shape for entry in self.parameters.entries}
        given = {name: array.shape for name, array in arrays.items()}
        if given != shapes:
            raise ValueError(f"the network's parameters are {shapes}, got {given}")
        for entry in self.parameters.entries:
            entry.view(self.parameters.values)[...] = arrays[entry.name]
