"""What goes forward and what comes back through every layer of a network, in numbers.

N examples, M members (here 1), F features, H W C image height, width and channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers import Layer
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.stack import Stack

BINS = 16
# A value within this share of an activation function's range of one of its bounds is saturated:
# the slope there is below a twentieth of the largest.
NEAR_A_BOUND = 0.0125


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How many values lie in each of 16 equal bins from `low` to `high`."""

    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class LayerStatistics:
    """The outputs of one layer over a batch, and the gradient of the loss by them.

    kind       what the experiment file calls it
    dead       share of the units (of an image: channels) whose output is the same for all examples
    saturated  share of the values next to a bound of the function, None if it has none
    gradient_* those of N times the mean loss, so that they do not depend on the batch's size
    """

    layer: str
    kind: str
    mean: float
    std: float
    gradient_mean: float
    gradient_std: float
    dead: float
    saturated: float | None
    histogram: Histogram | None


def layer_statistics(stack: Stack, x: Array, labels: NDArray[np.intp]) -> list[LayerStatistics]:
    """Run a batch forward and back through a stack of one member, layer by layer, as in training.

    `x` (N, 1, F) or (N, H, W, 1, C) is used up; dropout should have been taken out before.
    """
    network, settings = stack.network, stack.network.stack[0]
    forward = []
    for layer, work in zip(settings, network.layers, strict=True):
        x = work.forward(x, training=True)
        forward.append(_forward_statistics(layer, x))
    stack.loss.forward(x, labels)
    d: Array | None = stack.loss.backward(x, float(len(x)))
    backward = []
    for work in reversed(network.layers):
        backward.append((nan, nan) if d is None else _moments(d))
        d = None if d is None else work.backward(d)
    return [
        LayerStatistics(
            layer=f"network[{i}]",
            kind=layer.type,
            gradient_mean=gradient[0],
            gradient_std=gradient[1],
            **values,
        )
        for i, (layer, values, gradient) in enumerate(
            zip(settings, forward, reversed(backward), strict=True)
        )
    ]


def _forward_statistics(layer: Layer, y: Array) -> dict[str, Any]:
    mean, std = _moments(y)
    by_unit = y.reshape(-1, y.shape[-1])  # (N·H·W, C), one member
    return {
        "mean": mean,
        "std": std,
        "dead": float(np.mean(by_unit.min(axis=0) == by_unit.max(axis=0))),
        "saturated": _saturated(getattr(layer, "bounds", None), y),
        "histogram": _histogram(y) if isfinite(mean) and isfinite(std) else None,
    }


def _moments(values: Array) -> tuple[float, float]:
    return float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))


def _saturated(bounds: tuple[float, float] | None, y: Array) -> float | None:
    if bounds is None:
        return None
    low, high = bounds
    margin = NEAR_A_BOUND * (high - low)
    return float(np.mean((y < low + margin) | (y > high - margin)))


def _histogram(y: Array) -> Histogram:
    low, high = float(y.min()) + 0.0, float(y.max()) + 0.0  # no negative zero
    if low == high:  # one bin would be as wide as nothing
        return Histogram(low=low, high=high, counts=(y.size,) + (0,) * (BINS - 1))
    counts, _ = np.histogram(y, BINS, (low, high))
    return Histogram(low=low, high=high, counts=tuple(counts.tolist()))


def entrances(layers: Sequence[Layer]) -> Iterator[tuple[int, int]]:
    """Yield where activations meet weights: a layer with weights, and the layer that feeds it.

    The first layer with weights is left out: what it meets are the inputs of the network.
    """
    weighted = [i for i, layer in enumerate(layers) if hasattr(layer, "init")]
    for i in weighted[1:]:
        yield i, i - 1
