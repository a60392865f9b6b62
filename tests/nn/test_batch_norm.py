"""Batch normalization by hand, its running averages, and its numbers where rounding threatens."""

from __future__ import annotations

import numpy as np
import pytest

from trainer_cli.nn.layers import BatchNorm
from trainer_cli.nn.layers.columns import Columns
from trainer_cli.nn.network import Network
from trainer_cli.nn.streams import stream


def bound(
    layer: BatchNorm, shape: tuple[int, ...], capacity: int, dtype: type = np.float64
) -> Network:
    network = Network(
        [[layer]], shape, capacity=capacity, dtype=np.dtype(dtype), input_gradient=True
    )
    network.initialize([[stream(0, "init", 0)]])
    return network


def statistic(network: Network, name: str) -> np.ndarray:
    return network.parameters[f"network[0].{name}"][0]


def test_values_by_hand() -> None:
    network = bound(BatchNorm(epsilon=1.0), (2,), 4)
    network.parameters["network[0].gamma"][:] = [[2.0, 1.0]]
    network.parameters["network[0].beta"][:] = [[0.5, -1.0]]
    # Means 4 and 1; variances (9 + 1 + 1 + 9) / 4 = 5, and 3 of (1, -1, 3, 1) less 1 is 2.
    x = np.array([[1.0, 1], [3, -1], [5, 3], [7, 1]])[:, None]
    y = network.forward(x.copy(), training=True)[:, 0]
    np.testing.assert_allclose(y[:, 0], 0.5 + 2 * np.array([-3, -1, 1, 3]) / np.sqrt(6))
    np.testing.assert_allclose(y[:, 1], -1 + np.array([0, -2, 2, 0]) / np.sqrt(3))
    # Each running average keeps 0.9 of its start, 0 or 1; the variance of the batch is 4/3 as much.
    np.testing.assert_allclose(statistic(network, "mean"), [0.4, 0.1])
    np.testing.assert_allclose(
        statistic(network, "variance"), [0.9 + 0.1 * 20 / 3, 0.9 + 0.1 * 8 / 3]
    )


def test_evaluation_goes_by_the_running_averages_and_keeps_them() -> None:
    network = bound(BatchNorm(epsilon=0.5), (1,), 3)
    statistic(network, "mean")[:], statistic(network, "variance")[:] = 2.0, 3.5
    for n in (3, 1):
        y = network.forward(np.full((n, 1, 1), 6.0), training=False)
        assert y.ravel().tolist() == [2.0] * n
    assert (statistic(network, "mean")[0], statistic(network, "variance")[0]) == (2.0, 3.5)


@pytest.mark.parametrize("shape", [(3,), (4, 5, 3)])
def test_every_feature_gets_mean_0_and_variance_1(shape) -> None:
    network = bound(BatchNorm(epsilon=1e-12), shape, 8)
    x = np.random.default_rng(0).standard_normal((8, *shape[:-1], 1, 3)) * [1, 10, 100] + 7
    y = network.forward(x.copy(), training=True).reshape(-1, 3)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(y.var(axis=0), 1, rtol=1e-9)


@pytest.mark.parametrize("n", [64, 97])
def test_single_precision_stays_exact_far_from_zero(n) -> None:
    rng = np.random.default_rng(0)
    x = (1e3 + rng.standard_normal((n, 16, 16, 1, 3))).astype(np.float32)
    d = rng.standard_normal(x.shape).astype(np.float32)
    found = []
    for dtype in (np.float32, np.float64):
        network = bound(BatchNorm(), (16, 16, 3), n, dtype)
        y = network.forward(x.astype(dtype), training=True).copy()
        dx = network.backward(d.astype(dtype))
        found.append((y, dx, statistic(network, "mean"), statistic(network, "variance")))
    for single, exact in zip(*found, strict=True):
        np.testing.assert_allclose(single, exact, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("mean", [0.0, 2.9, 3.1, 100.0, 1e5])
def test_a_feature_far_from_zero_is_as_exact_and_changes_no_other(mean, training) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 1, 2)).astype(np.float32) + np.float32([1, mean])
    d = rng.standard_normal(x.shape).astype(np.float32)
    found = []
    for dtype, own in ((np.float32, x), (np.float64, x), (np.float32, x * np.float32([1, 0]))):
        network = bound(BatchNorm(), (2,), 256, dtype)
        statistic(network, "mean")[:] = [1, own[0, 0, 1] and mean]
        y = network.forward(own.astype(dtype), training=training).copy()
        dx = network.backward(d.astype(dtype)).copy()
        found.append((y, dx, network.parameters.gradients.reshape(-1, 1, 2)))
    for single, exact, alone in zip(*found, strict=True):
        np.testing.assert_allclose(single, exact, rtol=1e-5, atol=5e-6)
        np.testing.assert_array_equal(single[..., 0], alone[..., 0])


def test_the_averages_approach_those_of_the_data() -> None:
    network, rng = bound(BatchNorm(momentum=0.99), (2,), 50), np.random.default_rng(0)
    for _ in range(2000):
        network.forward(rng.normal([3, -1], [2, 0.5], (50, 1, 2)), training=True)
    np.testing.assert_allclose(statistic(network, "mean"), [3, -1], atol=0.1)
    np.testing.assert_allclose(statistic(network, "variance"), [4, 0.25], rtol=0.1)


def test_a_single_value_gives_beta_and_leaves_the_running_variance_alone() -> None:
    network = bound(BatchNorm(), (2,), 4)
    network.parameters["network[0].beta"][:] = [[3.0, -1.0]]
    y = network.forward(np.array([[[1e6, -5.0]]]), training=True)
    assert y.ravel().tolist() == [3.0, -1.0]
    assert network.backward(np.ones((1, 1, 2))).ravel().tolist() == [0.0, 0.0]
    np.testing.assert_allclose(statistic(network, "mean"), [1e5, -0.5])
    assert statistic(network, "variance").tolist() == [1.0, 1.0]


def test_a_constant_feature_is_no_reason_for_nan() -> None:
    network = bound(BatchNorm(), (2,), 4)
    y = network.forward(np.full((4, 1, 2), 0.1), training=True)
    np.testing.assert_allclose(y, 0, atol=1e-12)
    assert np.all(np.isfinite(network.backward(np.ones((4, 1, 2)))))


def test_the_smallest_batch_with_a_variance() -> None:
    assert BatchNorm().smallest_batch((5,)) == 2
    assert BatchNorm().smallest_batch((1, 1, 5)) == 2
    assert BatchNorm().smallest_batch((2, 1, 5)) == 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 1, 3), (97, 2, 4), (6, 5, 4, 3, 2), (4096, 1, 7)])
def test_columns_sum_and_spread(shape) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, *shape))
    columns, size = Columns(a), shape[-2] * shape[-1]
    rows = a.reshape(-1, size), b.reshape(-1, size)
    assert columns.count == len(rows[0])
    np.testing.assert_allclose(columns.sums(columns.view(a)), rows[0].sum(axis=0), atol=1e-10)
    products = columns.sums_of_products(columns.view(a), columns.view(b))
    np.testing.assert_allclose(products, (rows[0] * rows[1]).sum(axis=0), atol=1e-10)
    values = rng.standard_normal(size)
    spread = columns.view(a) - columns.row(values)
    np.testing.assert_array_equal(spread.reshape(-1, size), rows[0] - values)
    usual = np.getbufsize()
    columns.multiply(columns.view(a), values, columns.view(b))
    np.testing.assert_array_equal(rows[1], rows[0] * values)
    columns.add(columns.view(a), values, columns.view(b))
    np.testing.assert_array_equal(rows[1], rows[0] + values)
    assert np.getbufsize() == usual
