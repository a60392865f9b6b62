"""Units beyond their bound are scaled back to it after an update, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.nn.penalties import bounds, parameters
from tests.nn.stacks import arrays_of, build, mixed, train, vectors
from trainer_cli.nn.layers import Conv, Dense, Relu
from trainer_cli.nn.network import Network
from trainer_cli.nn.regularization import Regularization


def bound(c: float) -> Regularization:
    return Regularization(max_norm=c)


def test_known_values() -> None:
    network = [(Dense(units=3),)]
    on = Network(network, (2,), capacity=1, dtype=np.dtype(np.float64)).parameters
    on["network[0].weights"][:, 0] = [[3.0, 0.6, 0.0], [4.0, 0.8, 0.0]]  # Σw² of 25, 1 and 0
    on["network[0].biases"][:] = 100.0
    Regularization.bind_bounds([bound(4.0)], network, on).project()
    np.testing.assert_allclose(
        on["network[0].weights"][:, 0], [[1.2, 0.6, 0.0], [1.6, 0.8, 0.0]], rtol=1e-15
    )
    assert set(on["network[0].biases"].ravel().tolist()) == {100.0}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("own", [({}, {}), ({"max_norm": 0.5}, {"max_norm": 0.0})], ids=str)
@pytest.mark.parametrize("stack", [[1.5], [1.5, None, 0.01], [None, None]], ids=str)
def test_every_unit_of_every_member_is_kept_by_itself(stack, own, dtype) -> None:
    on = parameters(len(stack), dtype)
    before = on.values.copy()
    bounds([Regularization(max_norm=c) for c in stack], on, own).project()
    for entry in on.entries:
        for m, c in enumerate(stack):
            w, old = (entry.view(flat)[..., m, :] for flat in (on.values, before))
            c = own[entry.layer // 2].get("max_norm", c)
            if entry.name.endswith("biases") or not c:
                np.testing.assert_array_equal(w, old)
                continue
            sums = np.square(old, dtype=np.float64).sum(axis=0)
            within = sums <= c
            np.testing.assert_array_equal(w[:, within], old[:, within])
            np.testing.assert_allclose(w, old * np.sqrt(np.minimum(1, c / sums)), rtol=3e-7)
            assert (np.square(w, dtype=np.float64).sum(axis=0) <= c * (1 + 1e-6)).all()


def test_some_units_of_the_test_above_are_beyond_and_some_within() -> None:
    sums = np.square(parameters(1)["network[0].weights"]).sum(axis=0)
    assert 0 < np.count_nonzero(sums > 1.5) < sums.size


def test_a_filter_and_a_piece_are_units() -> None:
    """The last axis counts units, whatever stands before the members."""
    network = [(Conv(filters=4, kernel=3),)]
    on = Network(network, (5, 5, 2), capacity=1, dtype=np.dtype(np.float64)).parameters
    w = on["network[0].weights"]  # (3, 3, 2, 1, 4)
    w[...] = np.arange(1.0, 5.0)
    Regularization.bind_bounds([bound(18 * 4.0)], network, on).project()
    assert np.allclose(w, np.minimum(np.arange(1.0, 5.0), 2.0), rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_weight_is_too_large_as_long_as_its_square_is_a_number(dtype) -> None:
    on = parameters(1, dtype)
    w = on["network[0].weights"]
    huge = float(np.finfo(dtype).max) ** (0.9 if dtype is np.float32 else 0.49)
    w[..., 1] = huge
    with np.errstate(over="ignore"):
        bounds([bound(5.0)], on).project()
    np.testing.assert_allclose(w[..., 1], 1.0, rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_unit_that_has_diverged_is_left_alone(value) -> None:
    on = parameters(2)
    on["network[0].weights"][..., 0, 1] = value
    with np.errstate(all="ignore"):
        bounds([bound(0.1), bound(0.1)], on).project()
    w = on["network[0].weights"]
    np.testing.assert_array_equal(w[..., 0, 1], value)
    sums = np.square(np.delete(w.reshape(5, -1), 1, axis=1)).sum(axis=0)
    np.testing.assert_allclose(sums, 0.1, rtol=1e-12)


def test_training_keeps_the_bound_and_starts_where_the_initializer_does() -> None:
    """Two members with bounds of their own, one free: each as alone, and within its bound."""
    experiments = [
        replace(e, regularization=replace(e.regularization, max_norm=c))
        for e, c in zip(mixed(3), (0.3, None, 2.0), strict=True)
    ]
    stack, dataset = build(experiments, vectors(), shared=True), vectors()
    sums = np.square(stack.network.parameters["network[0].weights"]).sum(axis=0)  # (M, F)
    assert (sums[0] > 0.3).any()
    steps = range(7)
    batch = np.arange(10)
    train(stack, dataset, steps, lambda step: batch)
    for m, experiment in enumerate(experiments):
        alone = build([experiment], dataset, shared=True)
        train(alone, dataset, steps, lambda step: batch)
        theirs = arrays_of(alone, 0)
        for name, array in arrays_of(stack, m).items():
            np.testing.assert_allclose(array, theirs[name], rtol=1e-9, atol=1e-12)
        c = experiment.regularization.max_norm
        for i in (0, 2):
            w = alone.network.parameters[f"network[{i}].weights"]
            assert c is None or (np.square(w).sum(axis=0) <= c * (1 + 1e-12)).all()


def test_a_network_without_weights_has_nothing_to_bound() -> None:
    network = [(Relu(),)]
    on = Network(network, (2,), capacity=1, dtype=np.dtype(np.float64)).parameters
    Regularization.bind_bounds([bound(1.0)], network, on).project()
    assert Regularization.bind([Regularization(l1=1.0)], network, on).costs().tolist() == [0.0]
