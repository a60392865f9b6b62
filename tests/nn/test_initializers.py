"""Initial weights have the promised size, and depend on nothing but seed, layer and settings."""

from __future__ import annotations

from dataclasses import fields, replace
from math import exp, sqrt

import numpy as np
import pytest

from tests.nn.examples import INITIALIZERS
from tests.parts import members_of
from trainer_cli.nn.initializers import (
    Constant,
    Fans,
    Glorot,
    He,
    Initializer,
    Lsuv,
    Normal,
    Orthogonal,
    RandomWalk,
    Uniform,
    Xavier,
    Zeros,
)
from trainer_cli.nn.layers import Dense, Relu, Tanh
from trainer_cli.nn.network import Network
from trainer_cli.nn.streams import stream

EXAMPLES = [example for examples in INITIALIZERS.values() for example in examples]
EVERY_INITIALIZER = pytest.mark.parametrize(
    ("initializer", "promised"), EXAMPLES, ids=[initializer.type for initializer, _ in EXAMPLES]
)
# The weights of a dense layer, of one with few inputs and of a convolution with 3 × 3 windows.
SHAPES = {
    (400, 500): Fans(fan_in=400, fan_out=500),
    (10, 300): Fans(fan_in=10, fan_out=300, rectified=True),
    (3, 3, 4, 8): Fans(fan_in=36, fan_out=72),
}
LAYERS = (Dense(units=4), Relu(), Dense(units=3))
# Another value of every setting that decides what is drawn.
OTHER_SETTINGS = [
    (Constant(), "value", 0.5),
    (Glorot(), "distribution", "uniform"),
    (He(), "distribution", "uniform"),
    (Normal(), "std", 0.5),
    (Orthogonal(), "gain", 0.5),
    (RandomWalk(), "gain", 0.5),
    (Uniform(), "limit", 0.5),
    (Xavier(), "distribution", "uniform"),
]
# Settings that decide about the fit to data; test_calibration.py tries them.
FITTING = {("lsuv", "tolerance"), ("data_dependent", "balance")}


def started(
    seeds: list[int], layers: tuple = LAYERS, dtype: type = np.float64, stack: list | None = None
) -> Network:
    """Return a network on 5 inputs with one member for each seed."""
    stack = stack or [layers] * len(seeds)
    network = Network(stack, (5,), capacity=1, dtype=np.dtype(dtype))
    network.initialize([[stream(s, "init", i) for i in range(len(layers))] for s in seeds])
    return network


def test_every_initializer_has_an_example() -> None:
    assert set(INITIALIZERS) == set(members_of(Initializer))
    assert len(INITIALIZERS) >= 11


@EVERY_INITIALIZER
@pytest.mark.parametrize(("shape", "fans"), SHAPES.items(), ids=str)
def test_mean_and_variance_are_as_promised(initializer, promised, shape, fans) -> None:
    rng, std = stream(1), promised(shape, fans)
    draws = [initializer.draw(rng, shape, fans) for _ in range(1 if len(shape) == 2 else 300)]
    assert all(w.shape == shape and w.dtype == np.float64 for w in draws)
    w = np.stack(draws)
    mean = initializer.value if isinstance(initializer, Constant) else 0
    # Five standard errors: of the mean, σ / √n; of the variance of Gaussians, σ² √(2 / n).
    assert abs(w.mean() - mean) <= 5 * std / sqrt(w.size) + 1e-15
    assert abs(w.var() - std**2) <= 5 * std**2 * sqrt(2 / w.size) + 1e-30


@pytest.mark.parametrize("initializer", [Glorot, He, Xavier])
def test_uniform_numbers_end_at_the_root_of_three_standard_deviations(initializer) -> None:
    fans = Fans(fan_in=36, fan_out=72)
    [(_, promised), *_] = INITIALIZERS[initializer]
    w = initializer(distribution="uniform").draw(stream(0), (36, 2000), fans)
    limit = sqrt(3) * promised(w.shape, fans)
    assert 0.99 * limit < np.abs(w).max() < limit
    assert np.abs(initializer().draw(stream(0), (36, 2000), fans)).max() > 1.5 * limit


def test_constant_and_zeros_are_the_same_everywhere() -> None:
    fans = Fans(fan_in=2, fan_out=3)
    np.testing.assert_array_equal(
        Constant(value=-2.5).draw(stream(0), (2, 3), fans), [[-2.5] * 3] * 2
    )
    np.testing.assert_array_equal(Zeros().draw(stream(0), (2, 3), fans), np.zeros((2, 3)))


@pytest.mark.parametrize("initializer", [Orthogonal(), Orthogonal(gain=1.5), Lsuv()])
@pytest.mark.parametrize(("shape", "rows", "columns"), [
    ((7, 7), 7, 7), ((9, 4), 9, 4), ((4, 9), 4, 9), ((1, 1), 1, 1), ((3, 3, 4, 8), 36, 8),
    ((3, 3, 1, 20), 9, 20),
])  # fmt: skip
def test_orthogonal_weights_turn_and_do_not_stretch(initializer, shape, rows, columns) -> None:
    gain = getattr(initializer, "gain", 1.0)
    w = initializer.draw(stream(3), shape, Fans(fan_in=rows, fan_out=columns))
    matrix = w.reshape(rows, columns)
    product = matrix.T @ matrix if rows >= columns else matrix @ matrix.T
    np.testing.assert_allclose(product, gain**2 * np.eye(min(rows, columns)), atol=1e-12)


def test_orthogonal_matrices_are_drawn_evenly() -> None:
    fans, rng = Fans(fan_in=3, fan_out=3), stream(0)
    draws = np.array([Orthogonal().draw(rng, (3, 3), fans) for _ in range(4000)])
    # An unsigned QR decomposition would give a diagonal that is never or always positive at (0, 0).
    # Even: every entry has mean 0 and variance 1 / 3, and half of all determinants are negative.
    assert np.abs(draws.mean(axis=0)).max() < 5 * sqrt(1 / 3 / 4000)
    assert np.abs((draws**2).mean(axis=0) - 1 / 3).max() < 5 * 0.3 / sqrt(4000)
    assert abs(np.mean(np.linalg.det(draws) > 0) - 0.5) < 5 * 0.5 / sqrt(4000)


def test_random_walk_has_the_gains_of_the_paper() -> None:
    def gain(n: int, *, rectified: bool) -> float:
        fans = Fans(fan_in=n, fan_out=7, rectified=rectified)
        plain = Normal(std=1.0).draw(stream(0), (2, 2), fans)
        return float((RandomWalk().draw(stream(0), (2, 2), fans) / plain)[0, 0]) * sqrt(n)

    assert gain(10, rectified=False) == pytest.approx(exp(0.05))
    assert gain(10, rectified=True) == pytest.approx(sqrt(2) * exp(1.2 / 7.6))
    assert gain(2, rectified=True) == pytest.approx(sqrt(2) * exp(1.2 / 3.6))  # as for 6
    assert gain(100_000, rectified=True) == pytest.approx(sqrt(2), rel=1e-4)


@pytest.mark.parametrize("rectified", [False, True])
def test_random_walk_keeps_the_logarithm_of_the_gradient_level(rectified) -> None:
    n, steps, rng = 30, 4000, stream(5)
    fans = Fans(fan_in=n, fan_out=n, rectified=rectified)
    walks = {}
    for initializer in (RandomWalk(), He() if rectified else Xavier()):
        logs = []
        for _ in range(steps):
            d = rng.standard_normal(n)
            slopes = rng.integers(0, 2, n) if rectified else np.ones(n)
            below = initializer.draw(rng, (n, n), fans) @ d * slopes
            logs.append(np.log(np.linalg.norm(below) / np.linalg.norm(d)))
        walks[initializer.type] = np.mean(logs) / (np.std(logs) / sqrt(steps))
    assert abs(walks.pop("random_walk")) < 5  # standard errors
    assert all(z < -5 for z in walks.values())


@EVERY_INITIALIZER
def test_dense_takes_its_inputs_for_the_fan_in_and_starts_biases_at_zero(
    initializer, promised
) -> None:
    layers = (Dense(units=300, init=initializer),)
    network = Network([layers], (8, 10, 5), capacity=1, dtype=np.dtype(np.float64))
    network.parameters.values.fill(7.0)
    network.initialize([[stream(0)]])
    weights = network.parameters["network[0].weights"][:, 0]
    expected = promised(weights.shape, Fans(fan_in=8 * 10 * 5, fan_out=300))
    assert weights.std() == pytest.approx(expected, rel=0.02, abs=1e-15)
    assert not np.any(network.parameters["network[0].biases"])


@EVERY_INITIALIZER
def test_both_precisions_start_from_the_same_numbers(initializer, promised) -> None:
    layers = (Dense(units=4, init=initializer), Dense(units=3, init=initializer))
    narrow = started([7], layers, np.float32).parameters.values
    wide = started([7], layers, np.float64).parameters.values
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(narrow, wide.astype(np.float32))


def test_every_setting_is_tried() -> None:
    tried = {(settings.type, name) for settings, name, _ in OTHER_SETTINGS}
    every = {(f.name, part) for part in members_of(Initializer) for f in fields(part)}
    assert tried | FITTING == {(part.type, name) for name, part in every if name != "type"}


@pytest.mark.parametrize(("settings", "name", "value"), OTHER_SETTINGS)
def test_every_setting_matters(settings, name, value) -> None:
    fans = Fans(fan_in=5, fan_out=4)
    before = settings.draw(stream(0), (5, 4), fans)
    after = replace(settings, **{name: value}).draw(stream(0), (5, 4), fans)
    assert np.all(before != after)


def test_a_member_has_the_same_numbers_in_any_stack() -> None:
    together, other = started([3, 5, 8]), started([8, 3])
    for name in ("network[0].weights", "network[2].weights"):
        three = together.parameters[name]
        for m, seed in enumerate([3, 5, 8]):
            alone = started([seed]).parameters[name]
            np.testing.assert_array_equal(three[:, m], alone[:, 0])
        np.testing.assert_array_equal(other.parameters[name], three[:, [2, 0]])
        assert not np.any(three[:, 0] == three[:, 1])


def test_members_may_start_by_different_rules() -> None:
    initializers = [initializer for initializer, _ in EXAMPLES]
    stack = [(Dense(units=4, init=i), Relu(), Dense(units=3, init=i)) for i in initializers]
    together = started([2] * len(stack), stack=stack)
    for m, layers in enumerate(stack):
        alone = started([2], layers)
        for entry in together.parameters.entries:
            found, expected = (n.parameters[entry.name] for n in (together, alone))
            np.testing.assert_array_equal(found[..., m, :], expected[..., 0, :])


def test_a_further_layer_changes_no_earlier_one() -> None:
    short, long = started([4]), started([4], (*LAYERS, Dense(units=9)))
    for entry in short.parameters.entries:
        np.testing.assert_array_equal(short.parameters[entry.name], long.parameters[entry.name])


def test_layers_of_one_shape_start_differently() -> None:
    network = started([0], (Dense(units=5), Dense(units=5)))
    first, second = (network.parameters[f"network[{i}].weights"] for i in range(2))
    assert not np.any(first == second)


def levels(init: Initializer | None, nonlinearity: Relu | Tanh) -> np.ndarray:
    """Return the standard deviation (tanh) or root mean square (ReLU) behind each of ten layers."""
    layers, spread = [Dense(units=500, init=init), nonlinearity] * 10, []
    network = Network([layers], (500,), capacity=1000, dtype=np.dtype(np.float32))
    network.initialize([[stream(0, "init", i) for i in range(len(layers))]])
    x = stream(1).standard_normal((1000, 1, 500)).astype(np.float32)
    for i, layer in enumerate(network.layers):
        x = layer.forward(x, training=True)
        if i % 2:
            spread.append(np.sqrt(np.mean(np.square(x))))
    return np.array(spread)


def test_deep_networks_keep_their_activations_level_as_the_lecture_shows() -> None:
    np.testing.assert_allclose(
        levels(Normal(std=0.01), Tanh())[:4], [0.213, 0.048, 0.011, 0.0024], rtol=0.05
    )
    np.testing.assert_allclose(levels(Normal(std=1.0), Tanh()), 0.98, atol=0.01)
    np.testing.assert_allclose(levels(Xavier(), Tanh())[[0, 1, -1]], [0.63, 0.49, 0.23], atol=0.02)
    np.testing.assert_allclose(levels(He(), Relu()), 1.0, rtol=0.15)
    assert np.all(np.diff(levels(Xavier(), Relu())) < 0)  # halved in variance every time


@pytest.mark.parametrize(("nonlinearity", "init"), [(Relu(), He()), (Tanh(), Xavier())])
def test_the_default_is_what_fits_the_nonlinearity_that_follows(nonlinearity, init) -> None:
    np.testing.assert_array_equal(levels(None, nonlinearity), levels(init, nonlinearity))
