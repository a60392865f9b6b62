"""Looks at the weights of the first layer as images.

U units or filters, H W C height, width and channels of what one of them sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers import Conv, Dense
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.network import Network, shapes_through
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.pixels import Image, shades
from trainer_cli.report.page.smoothness import Reading, read_filters, read_units

Values = NDArray[np.float64]

# All images of a page together have no more values than this: 3 bytes in 4 become text.
MOST_VALUES, MOST_IMAGES, LEAST_IMAGES = 250_000, 64, 4


@dataclass(frozen=True, kw_only=True)
class FirstLayer:
    """The weights of the first layer as images (H, W, 1) or (H, W, 3), each with what it is.

    `units` counts all units or filters, of which the first are shown, and `member` is the number
    of the member they belong to.
    """

    name: str
    noun: str
    units: int
    member: int
    members: int
    images: Sequence[tuple[str, Image]]
    reading: Reading | Missing


def first_layer(network: Network, members: Sequence[int], dataset: Dataset) -> FirstLayer | Missing:
    """Return the weights of the first layer of the first of `members`, as images."""
    layers = network.stack[0]
    place = next((i for i, layer in enumerate(layers) if isinstance(layer, Weighted)), None)
    if len(dataset.shape) != 3:
        return Missing("the inputs of the network are no images")
    if place is None or not isinstance(layers[place], Dense | Conv):
        return Missing("the first layer with weights is neither dense nor conv")
    layer, sees = layers[place], shapes_through(layers, dataset.shape)[place]
    name = f"network[{place}].weights"
    values = network.parameters[name][..., 0, :].astype(np.float64)  # (..., U)
    if isinstance(layer, Dense):
        if prod(sees) != prod(dataset.shape):
            return Missing("the first dense layer does not see the pixels themselves")
        values = values.reshape(*dataset.shape, -1)  # (H, W, C, U)
    units = np.moveaxis(values, -1, 0)  # (U, H, W, C)
    noun, read = ("filter", read_filters) if isinstance(layer, Conv) else ("unit", read_units)
    return FirstLayer(
        name=name,
        noun=noun,
        units=len(units),
        member=members[0],
        members=len(members),
        images=_images(units, noun),
        reading=read(units, dataset),
    )


def _images(units: Values, noun: str) -> list[tuple[str, Image]]:
    """Return images of (U, H, W, C): in colours or grey, or by channel where neither fits."""
    shown = min(MOST_IMAGES, max(LEAST_IMAGES, MOST_VALUES // units[0].size))
    if units.shape[-1] in (1, 3):
        return [(f"{noun} {u}", shades(each, *_ends(each))) for u, each in enumerate(units[:shown])]
    shown = max(1, shown // units.shape[-1])
    return [
        (f"{noun} {u}, channel {c}", shades(each[..., c : c + 1], *_ends(each)))
        for u, each in enumerate(units[:shown])
        for c in range(units.shape[-1])
    ][:MOST_IMAGES]


def _ends(values: Values) -> tuple[float, float]:
    return float(values.min()), float(values.max())
