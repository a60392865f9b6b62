"""Initial weights have the promised size, and depend on nothing but seed, layer and settings."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from tests.nn.examples import INITIALIZERS
from tests.parts import members_of
from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.network import Network
from trainer_cli.nn.streams import stream

EVERY_INITIALIZER = pytest.mark.parametrize(
    ("initializer", "promised"),
    INITIALIZERS.values(),
    ids=[initializer.type for initializer, _ in INITIALIZERS.values()],
)
LAYERS = (Dense(units=4), Relu(), Dense(units=3))


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
    assert len(INITIALIZERS) >= 4


@EVERY_INITIALIZER
@pytest.mark.parametrize("fan_in", [10, 3072])
def test_mean_and_variance_are_as_promised(initializer, promised, fan_in) -> None:
    w, std = initializer.draw(stream(1), (400, 500), fan_in=fan_in), promised(fan_in)
    assert w.dtype == np.float64
    # Five standard errors: of the mean, σ / √n; of the variance of Gaussians, σ² √(2 / n).
    assert abs(w.mean()) <= 5 * std / sqrt(w.size)
    assert abs(w.var() - std**2) <= 5 * std**2 * sqrt(2 / w.size)


@EVERY_INITIALIZER
def test_dense_takes_its_inputs_for_the_fan_in_and_starts_biases_at_zero(
    initializer, promised
) -> None:
    layers = (Dense(units=300, init=initializer),)
    network = Network([layers], (8, 10, 5), capacity=1, dtype=np.dtype(np.float64))
    network.parameters.values.fill(7.0)
    network.initialize([[stream(0)]])
    weights = network.parameters["network[0].weights"]
    assert weights.std() == pytest.approx(promised(8 * 10 * 5), rel=0.02)
    assert not np.any(network.parameters["network[0].biases"])


@EVERY_INITIALIZER
def test_both_precisions_start_from_the_same_numbers(initializer, promised) -> None:
    layers = (Dense(units=4, init=initializer), Dense(units=3, init=initializer))
    narrow = started([7], layers, np.float32).parameters.values
    wide = started([7], layers, np.float64).parameters.values
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(narrow, wide.astype(np.float32))


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
    initializers = [initializer for initializer, _ in INITIALIZERS.values()]
    stack = [(Dense(units=4, init=i), Relu(), Dense(units=3, init=i)) for i in initializers]
    together = started([2] * len(stack), stack=stack)
    for m, layers in enumerate(stack):
        alone = started([2], layers)
        for entry in together.parameters.entries:
            found, expected = (n.parameters[entry.name] for n in (together, alone))
            np.testing.assert_array_equal(found[..., m, :], expected[..., 0, :])


def test_a_further_layer_changes_no_earlier_one() -> None:
    short, long = started([4]), started([4], (*LAYERS, Relu(), Dense(units=9)))
    for entry in short.parameters.entries:
        np.testing.assert_array_equal(short.parameters[entry.name], long.parameters[entry.name])


def test_layers_of_one_shape_start_differently() -> None:
    network = started([0], (Dense(units=5), Dense(units=5)))
    first, second = (network.parameters[f"network[{i}].weights"] for i in range(2))
    assert not np.any(first == second)
