"""Puts layers into the order in which they are computed fastest, where that changes no number."""

from collections.abc import Sequence

from trainer_cli.nn.layers import Layer, LeakyRelu, MaxPool, Relu

# They never decrease, and strictly increase wherever their slope is not 0: the largest value of a
# window is the same one before and after them.
MONOTONE = (Relu, LeakyRelu)


def pooled_first(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the layers with every max_pool in front of a rectifier that stands before it.

    max f(x) = f(max x) for a function that never decreases, and a window's gradient goes to the
    same value either way. The rectifier then sees a quarter of the values and less. Both have no
    parameters, so that all parameters keep their names.

    >>> [layer.type for layer in pooled_first([Relu(), MaxPool(), Relu()])]
    ['max_pool', 'relu', 'relu']
    """
    ordered = list(layers)
    for i, layer in enumerate(ordered):
        while i and isinstance(layer, MaxPool) and isinstance(ordered[i - 1], MONOTONE):
            ordered[i - 1], ordered[i] = layer, ordered[i - 1]
            i -= 1
    return tuple(ordered)
