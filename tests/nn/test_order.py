"""A max_pool goes before a rectifier in front of it: fewer values to rectify, the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from trainer_cli.nn.layers import Conv, Dense, Dropout, LeakyRelu, MaxPool, Relu, Tanh
from trainer_cli.nn.network import Network
from trainer_cli.nn.order import pooled_first
from trainer_cli.nn.streams import stream

SHAPE = (9, 8, 2)


def started(layers, dtype=np.float64) -> Network:
    network = Network([layers] * 2, SHAPE, capacity=6, dtype=np.dtype(dtype), input_gradient=True)
    network.initialize([[stream(m, "init", i) for i in range(len(layers))] for m in range(2)])
    network.restart_noise([0, 1], "noise")
    return network


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rectifier", [Relu(), LeakyRelu(slope=0.2)], ids=lambda layer: layer.type)
@pytest.mark.parametrize("pool", [MaxPool(), MaxPool(size=3, stride=2)], ids=lambda p: str(p.size))
def test_the_numbers_are_the_same_bits(rectifier, pool, dtype) -> None:
    layers = (Conv(filters=3), rectifier, pool, Conv(filters=2), rectifier, pool, Dense(units=4))
    written, fast = started(layers, dtype), started(pooled_first(layers), dtype)
    assert pooled_first(layers) != layers
    np.testing.assert_array_equal(fast.parameters.values, written.parameters.values)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 9, 8, 1, 2)).astype(dtype)
    scores = written.forward(x.copy(), training=True).copy()
    np.testing.assert_array_equal(fast.forward(x.copy(), training=True), scores)
    d = rng.standard_normal(scores.shape).astype(dtype)
    dx = written.backward(d.copy())
    np.testing.assert_array_equal(fast.backward(d.copy()), dx)
    np.testing.assert_array_equal(fast.parameters.gradients, written.parameters.gradients)


@pytest.mark.parametrize(
    "layers",
    [
        (Conv(filters=2), MaxPool(), Relu(), Dense(units=4)),
        (Conv(filters=2), Tanh(), MaxPool(), Dense(units=4)),  # tanh rounds large values to ties
        (Conv(filters=2), Dropout(), MaxPool(), Dense(units=4)),
        (Conv(filters=2), Relu(), Dropout(), MaxPool(), Dense(units=4)),
        (Dense(units=4), Relu(), Dense(units=4)),
    ],
)
def test_other_orders_stay(layers) -> None:
    assert pooled_first(layers) == layers


def test_several_rectifiers_are_passed() -> None:
    ordered = pooled_first((Relu(), LeakyRelu(), MaxPool(), MaxPool(), Relu()))
    assert [layer.type for layer in ordered] == [
        "max_pool",
        "max_pool",
        "relu",
        "leaky_relu",
        "relu",
    ]
