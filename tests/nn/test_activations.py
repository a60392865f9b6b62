"""The activation functions and maxout against values worked out by hand."""

from __future__ import annotations

from math import erf, exp, expm1, log, log1p, sqrt, tanh

import numpy as np
import pytest

from tests.parts import members_of
from trainer_cli.nn.layers import (
    Elu,
    Gelu,
    Layer,
    LeakyRelu,
    Maxout,
    Prelu,
    Relu,
    Sigmoid,
    Softplus,
    Tanh,
)
from trainer_cli.nn.layers.pointwise import Pointwise
from trainer_cli.nn.network import Network
from trainer_cli.nn.streams import stream

# Settings and the function that they stand for.
FUNCTIONS = [
    (Relu(), lambda x: max(x, 0)),
    (Tanh(), tanh),
    (Sigmoid(), lambda x: 1 / (1 + exp(-x)) if x > 0 else exp(x) / (1 + exp(x))),
    (LeakyRelu(), lambda x: x if x > 0 else 0.01 * x),
    (LeakyRelu(slope=0.3), lambda x: x if x > 0 else 0.3 * x),
    (Prelu(), lambda x: x if x > 0 else 0.25 * x),
    (Prelu(start=-2.0), lambda x: x if x > 0 else -2 * x),
    (Elu(), lambda x: x if x > 0 else expm1(x)),
    (Elu(alpha=0.5), lambda x: x if x > 0 else 0.5 * expm1(x)),
    (Softplus(), lambda x: max(x, 0) + log1p(exp(-abs(x)))),
    (Gelu(), lambda x: x / 2 * (1 + erf(x / sqrt(2)))),
]
POINTS = [0.0, 1e-8, 0.3, 0.5, 1.0, 2.0, 3.7, 5.5, 9.0, 30.0, 200.0]
XS = np.array([-x for x in POINTS[:0:-1]] + POINTS)


def started(layer: Layer, inputs: int, dtype: type = np.float64) -> Network:
    network = Network([[layer]], (inputs,), capacity=2, dtype=np.dtype(dtype), input_gradient=True)
    network.initialize([[stream(0, "init", 0)]])
    return network


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 2e-15), (np.float32, 3e-7)])
@pytest.mark.parametrize(("layer", "function"), FUNCTIONS, ids=lambda v: getattr(v, "type", ""))
def test_values(layer, function, dtype, tolerance) -> None:
    y = started(layer, len(XS), dtype).forward(XS.astype(dtype).reshape(1, 1, -1), training=False)
    expected = [function(float(x)) for x in XS.astype(dtype)]
    np.testing.assert_allclose(y[0, 0], expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("layer", [Relu(), LeakyRelu(slope=0.3), Elu(), Elu(alpha=0.5), Prelu()])
def test_a_function_with_a_kink_says_where_x_was_above_it(layer) -> None:
    x = np.array(
        [-2.0, -1e-20, 0.0, 1e-20, 2.0]
    )  # next to 0 the slope of an elu is 1 on both sides
    network = started(layer, len(x))
    network.forward(x.reshape(1, 1, -1).copy(), training=True)
    (side,) = network.sides()
    np.testing.assert_array_equal(side[0, 0], x > 0)


@pytest.mark.parametrize("layer", [Gelu(), Sigmoid(), Softplus(), Tanh()])
def test_a_smooth_function_has_no_sides(layer) -> None:
    network = started(layer, 3)
    network.forward(np.ones((1, 1, 3)), training=True)
    assert network.sides() == []


def test_every_activation_function_has_its_values() -> None:
    pointwise = {kind for kind in members_of(Layer) if issubclass(kind, Pointwise)}
    assert {type(layer) for layer, _ in FUNCTIONS} == pointwise | {Prelu}
    assert len(pointwise) >= 7


@pytest.mark.parametrize(("layer", "function"), FUNCTIONS, ids=lambda v: getattr(v, "type", ""))
def test_the_slope_below_zero_is_that_at_zero(layer, function) -> None:
    network = started(layer, 2)
    network.forward(np.array([[[0.0, -1e-12]]]), training=True)
    at, below = network.backward(np.ones((1, 1, 2))).ravel()
    assert at == pytest.approx(below, abs=1e-9)


@pytest.mark.parametrize(("layer", "function"), FUNCTIONS, ids=lambda v: getattr(v, "type", ""))
def test_huge_inputs_neither_overflow_nor_give_nan(layer, function) -> None:
    for dtype in (np.float32, np.float64):
        network = started(layer, 2, dtype)
        y = network.forward(np.array([[[1e15, -1e15]]], dtype), training=True)
        assert np.all(np.isfinite(y))
        assert np.all(np.isfinite(network.backward(np.ones((1, 1, 2), dtype))))


def test_softplus_does_not_round_to_zero() -> None:
    y = started(Softplus(), 1, np.float32).forward(np.full((1, 1, 1), -40, np.float32), True)
    assert y.item() == pytest.approx(exp(-40), rel=1e-6)
    assert started(Softplus(), 1).forward(np.zeros((1, 1, 1)), True).item() == pytest.approx(log(2))


def test_gelu_is_exact_block_after_block() -> None:
    xs = np.linspace(-12, 12, 30_001)
    network = started(Gelu(), len(xs))
    y = network.forward(np.stack([xs, xs[::-1]])[:, None].copy(), training=True)
    phi = np.array([0.5 * (1 + erf(x / sqrt(2))) for x in xs])
    np.testing.assert_allclose(y[0, 0], xs * phi, rtol=0, atol=5e-15)
    np.testing.assert_array_equal(y[1, 0], y[0, 0, ::-1])
    slopes = network.backward(np.ones((2, 1, len(xs))))[0, 0]
    density = np.exp(-(xs**2) / 2) / sqrt(2 * np.pi)
    np.testing.assert_allclose(slopes, phi + xs * density, rtol=0, atol=5e-15)


def test_gelu_is_exact_to_the_rounding_of_single_precision() -> None:
    xs = np.concatenate([np.linspace(-15, 15, 20_001), np.linspace(-100, 100, 2001)])
    xs = xs.astype(np.float32)
    network = started(Gelu(), len(xs), np.float32)
    y = network.forward(xs[None, None].copy(), training=True)[0, 0].copy()
    slopes = network.backward(np.ones((1, 1, len(xs)), np.float32))[0, 0]
    exact = xs.astype(np.float64)
    phi = np.array([0.5 * (1 + erf(x / sqrt(2))) for x in exact])
    np.testing.assert_allclose(y, exact * phi, rtol=2e-7, atol=2e-7)
    density = np.exp(-(exact**2) / 2) / sqrt(2 * np.pi)
    np.testing.assert_allclose(slopes, phi + exact * density, rtol=0, atol=3e-7)


def test_a_prelu_learns_a_slope_for_each_feature() -> None:
    network = started(Prelu(), 2)
    network.forward(np.array([[[-3.0, 2.0]], [[-1.0, -4.0]]]), training=True)
    dx = network.backward(np.array([[[1.0, 1.0]], [[2.0, 0.5]]]))
    assert network.parameters.gradients.tolist() == [-3 - 2, -2]
    assert dx[:, 0].tolist() == [[0.25, 1.0], [0.5, 0.125]]


def test_maxout_by_hand() -> None:
    network = started(Maxout(units=2, pieces=2), 1)
    network.parameters["network[0].weights"][0, 0] = [1.0, -1.0, -1.0, 2.0]  # piece after piece
    network.parameters["network[0].biases"][0] = [0.0, 0.0, 0.0, 1.0]
    y = network.forward(np.array([[[3.0]], [[-2.0]]]), training=True)
    assert y[:, 0].tolist() == [[3.0, 7.0], [2.0, 2.0]]
    assert [side[:, 0].tolist() for side in network.sides()] == [[[0, 1], [1, 0]]]
    dx = network.backward(np.array([[[1.0, 10.0]], [[1.0, 10.0]]]))
    assert dx.ravel().tolist() == [1.0 + 20.0, -1.0 - 10.0]
    assert network.parameters.gradients[:4].tolist() == [3.0, -20.0, -2.0, 30.0]
    assert network.parameters.gradients[4:].tolist() == [1.0, 10.0, 1.0, 10.0]


def test_of_equal_pieces_the_first_gets_the_gradient() -> None:
    network = started(Maxout(units=1, pieces=3), 1)
    network.parameters["network[0].weights"][:] = 1.0
    network.forward(np.ones((1, 1, 1)), training=True)
    network.backward(np.ones((1, 1, 1)))
    assert network.parameters.gradients[:3].tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(("pieces", "growth"), [(2, 1.0), (3, 1.276), (4, 1.551)])
def test_maxout_keeps_the_size_of_the_signal_as_it_says(pieces, growth) -> None:
    layer = Maxout(units=4000, pieces=pieces)
    network = started(layer, 300)
    x = np.random.default_rng(0).standard_normal((2, 1, 300))
    size = np.mean(x**2)
    y = network.forward(x, training=True)
    assert np.mean(y**2) / size == pytest.approx(growth, rel=0.06)
