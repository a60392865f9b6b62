"""Dropout silences the share of units that it promises, and makes up for it."""

from __future__ import annotations

import numpy as np
import pytest

from trainer_cli.nn.layers import Dropout
from trainer_cli.nn.network import Network


def bound(*settings: Dropout, dtype: type = np.float64, shape=(50,), shared=True) -> Network:
    stack = [[layer] for layer in settings]
    network = Network(stack, shape, capacity=400, dtype=np.dtype(dtype), shared_input=shared)
    network.restart_noise(range(len(stack)), "noise", 0)
    return network


def ones(n: int = 400, members: int = 1, dtype: type = np.float64) -> np.ndarray:
    return np.ones((n, members, 50), dtype)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_of_silent_units_is_the_rate(rate) -> None:
    y = bound(Dropout(rate=rate)).forward(ones(), training=True)
    silent = np.mean(y == 0)
    assert abs(silent - rate) < 5 * np.sqrt(rate * (1 - rate) / y.size)  # five standard errors
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-15)


def test_vanilla_scales_in_evaluation_and_inverted_in_training() -> None:
    vanilla, inverted = bound(Dropout(rate=0.2, style="vanilla")), bound(Dropout(rate=0.2))
    assert set(np.unique(vanilla.forward(ones(), training=True))) == {0.0, 1.0}
    assert set(np.unique(vanilla.forward(ones(), training=False))) == {0.8}
    assert set(np.unique(inverted.forward(ones(), training=True))) == {0.0, 1 / 0.8}
    assert set(np.unique(inverted.forward(ones(), training=False))) == {1.0}


@pytest.mark.parametrize("style", ["inverted", "vanilla"])
def test_a_rate_of_0_changes_nothing_and_draws_nothing(style) -> None:
    network = bound(Dropout(rate=0.0, style=style))
    drawn = network._noise[0].of(0).bit_generator.state
    x = np.random.default_rng(0).standard_normal((7, 1, 50))
    for training in (True, False):
        np.testing.assert_array_equal(network.forward(x.copy(), training), x)
    assert network._noise[0].of(0).bit_generator.state == drawn


def test_the_gradient_passes_where_the_activation_did() -> None:
    network = Network([[Dropout(rate=0.3)]], (50,), capacity=9, dtype=np.float64)
    network.restart_noise([0], "noise", 0)
    y = network.forward(ones(9), training=True).copy()
    np.testing.assert_array_equal(network.backward(ones(9)), y)


def test_every_batch_is_drawn_anew_and_a_restart_brings_it_back() -> None:
    network = bound(Dropout())
    first = network.forward(ones(), training=True).copy()
    assert np.any(network.forward(ones(), training=True) != first)
    network.restart_noise([0], "noise", 0)
    np.testing.assert_array_equal(network.forward(ones(), training=True), first)
    network.restart_noise([0], "noise", 1)
    assert np.any(network.forward(ones(), training=True) != first)


def test_evaluation_draws_nothing() -> None:
    network, other = bound(Dropout()), bound(Dropout())
    network.forward(ones(), training=False)
    np.testing.assert_array_equal(
        network.forward(ones(), training=True), other.forward(ones(), training=True)
    )


def test_both_precisions_and_every_stack_silence_the_same_units() -> None:
    exact = bound(Dropout(rate=0.4)).forward(ones(), training=True)
    single = bound(Dropout(rate=0.4), dtype=np.float32)
    np.testing.assert_array_equal(
        single.forward(ones(dtype=np.float32), training=True) == 0, exact == 0
    )
    others = (Dropout(rate=0.4), Dropout(rate=0.0), Dropout(rate=0.1, style="vanilla"))
    for shared in (True, False):
        stack = bound(*others, shared=shared)
        y = stack.forward(ones(members=1 if shared else 3), training=True)
        np.testing.assert_array_equal(y[:, :1], exact)
        assert set(np.unique(y[:, 1])) == {1.0}
        assert set(np.unique(y[:, 2])) == {0.0, 1.0}


def test_members_of_one_rate_have_noise_of_their_own() -> None:
    y = bound(Dropout(), Dropout()).forward(ones(), training=True)
    agree = np.mean(y[:, 0] == y[:, 1])
    assert 0.45 < agree < 0.55
