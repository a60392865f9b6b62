"""What goes forward and what comes back through every layer of a network, in numbers.

N examples, M members (here 1), F features, H W C image height, width and channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers import Dropout, Flatten, Layer
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.training.moments import Moments, in_blocks, moments_of
from trainer_cli.training.stack import Stack

BINS = 16
# A value within this share of an activation function's range of one of its bounds is saturated:
# the slope there is below a twentieth of the largest.
NEAR_A_BOUND = 0.0125
SAMPLED_ROWS, SAMPLED_UNITS = 1000, 500
# Two units are the same if their squared distance is this share of their squares, or less: what
# float32 makes of the same sum in another order.
SAME = 1e-9


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
    values     number of outputs for one example
    dead       share of the units (of an image: channels) whose output is the same for all examples
    alike      share of the other units that give what some other unit gives for all examples
    saturated  share of the values next to a bound of the function, None if it has none
    gradient_* those of N times the mean loss, so that they do not depend on the batch's size
    """

    layer: str
    kind: str
    values: int
    mean: float
    std: float
    gradient_mean: float
    gradient_std: float
    dead: float
    alike: float
    saturated: float | None
    histogram: Histogram | None

    @property
    def gradient_norm(self) -> float:
        """About the norm of an example's gradient, which does not depend on how many values it has.

        A gradient that is spread over more values, such as those of an image, is smaller in each.
        """
        return self.gradient_std * sqrt(self.values)


def layer_statistics(stack: Stack, x: Array, labels: NDArray[np.intp]) -> list[LayerStatistics]:
    """Run a batch forward and back through a stack of one member, layer by layer, as in training.

    `x` (N, 1, F) or (N, H, W, 1, C) is used up; dropout should have been taken out before.
    """
    network, settings = stack.network, stack.network.stack[0]
    forward = []
    for layer, work in zip(settings, network.layers, strict=True):
        x = work.forward(x, training=True)
        forward.append(forward_statistics(x, getattr(layer, "bounds", None)))
    stack.loss.forward(x, labels)
    d: Array | None = stack.loss.backward(x, float(len(x)))
    backward = []
    for i, work in reversed([*enumerate(network.layers)]):
        backward.append((nan, nan) if d is None else moments_of(in_blocks(d))[-2:])
        d = work.backward(d) if d is not None and i else None  # below the first are the inputs
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


def forward_statistics(y: Array, bounds: tuple[float, float] | None) -> dict[str, Any]:
    """Return what LayerStatistics tells of outputs (N, ..., C); `bounds` are the function's."""
    moments = moments_of(in_blocks(y))
    by_unit = y.reshape(-1, y.shape[-1])  # (N·H·W, C), one member
    return {
        "values": y[0].size,
        "mean": moments.mean,
        "std": moments.std,
        "dead": float(np.mean(by_unit.min(axis=0) == by_unit.max(axis=0))),
        "alike": _alike(by_unit),
        "saturated": _saturated(bounds, y),
        "histogram": _histogram(y, moments) if isfinite(moments.std) else None,
    }


def _alike(by_unit: Array) -> float:
    """Return the share of equal units, looking at no more than 1,000 rows of 500 of them."""
    sample = by_unit[:: max(1, len(by_unit) // SAMPLED_ROWS), :SAMPLED_UNITS].astype(np.float64)
    units = sample.shape[1]
    sample = sample[:, sample.min(axis=0) != sample.max(axis=0)]  # the living
    squares = np.einsum("nf,nf->f", sample, sample)
    apart = sample.T @ sample
    apart *= -2
    apart += squares
    apart += squares[:, None]  # |a - b|² of every two units
    close = apart <= SAME * squares
    np.fill_diagonal(close, False)
    return float(np.count_nonzero(close.any(axis=1)) / units)


def _saturated(bounds: tuple[float, float] | None, y: Array) -> float | None:
    if bounds is None:
        return None
    low, high = bounds
    margin = NEAR_A_BOUND * (high - low)
    return float(np.mean((y < low + margin) | (y > high - margin)))


def _histogram(y: Array, moments: Moments) -> Histogram:
    low, high = moments.min + 0.0, moments.max + 0.0  # no negative zero
    if low == high:  # one bin would be as wide as nothing
        return Histogram(low=low, high=high, counts=(y.size,) + (0,) * (BINS - 1))
    counts = np.zeros(BINS, np.intp)
    for block in in_blocks(y):
        places = (block - low) / (high - low) * BINS
        counts += np.bincount(np.minimum(places, BINS - 1).astype(np.intp), minlength=BINS)
    return Histogram(low=low, high=high, counts=tuple(counts.tolist()))


def feeders(layers: Sequence[Layer]) -> Iterator[int]:
    """Yield which layers make the activations that meet weights.

    The first layer with weights is left out: what it meets are the inputs of the network. What
    passes values on as they are, flatten and dropout, is passed over.
    """
    weighted = [i for i, layer in enumerate(layers) if isinstance(layer, Weighted)]
    for i in weighted[1:]:
        source = i - 1
        while isinstance(layers[source], Flatten | Dropout):
            source -= 1
        yield source
