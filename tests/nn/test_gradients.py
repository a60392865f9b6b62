"""Every layer's backward is the derivative of its forward, alone and among other layers.

N examples, M members, F features, H W C image height, width and channels.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.nn.differences import (
    Probe,
    away_from_zero,
    batch_shape,
    central_differences,
    random_network,
    relative_error,
)
from tests.nn.examples import EXAMPLES, IMAGE, LAYERS, VECTOR
from tests.parts import members_of
from trainer_cli.nn.layers import Dense, Layer
from trainer_cli.nn.network import Network

TOLERANCE = 1e-7
ROUNDING = 1e-11
CAPACITY = 5

ALONE = [
    pytest.param([layer], shape, id=f"{layer.type}-{i}-{len(shape)}d")
    for i, (layer, shape) in enumerate(EXAMPLES)
]
BEFORE_DENSE = [
    pytest.param([layer, Dense(units=3)], shape, id=f"{layer.type}-{i}-dense-{len(shape)}d")
    for i, (layer, shape) in enumerate(EXAMPLES)
]
AFTER_DENSE = [
    pytest.param(
        [Dense(units=VECTOR[0]), layer, Dense(units=3), layer],
        shape,
        id=f"dense-{layer.type}-{i}-dense-{layer.type}-{len(shape)}d",
    )
    for i, (layer, example) in enumerate(EXAMPLES)
    if example == VECTOR
    for shape in (VECTOR, IMAGE)
]
PLACES = pytest.mark.parametrize(
    ("members", "shared"), [(1, True), (3, True), (3, False)], ids=["alone", "shared", "own"]
)


def test_every_layer_has_an_example() -> None:
    assert set(LAYERS) == set(members_of(Layer))
    assert len(LAYERS) >= 12


def check(layers, shape, members, shared, *, training, sizes=(CAPACITY, 3)) -> None:
    """Compare backward with differences of Σ y·d, for batches of these sizes one after another."""
    rng = np.random.default_rng(len(layers) + members)
    network = random_network([layers] * members, shape, rng, capacity=CAPACITY, shared_input=shared)
    for n in sizes:
        x = away_from_zero(rng, batch_shape(n, shape, 1 if shared else members))
        probe = Probe(network, x, training=training)
        found, expected = probe.written_down(), probe.measured()
        largest = max(np.nansum(np.abs(measured)) for measured in expected.values())
        assert largest > 0
        for name, measured in expected.items():
            assert np.all(np.isfinite(found[name]))
            judged = np.isfinite(measured)
            assert judged.mean() > 0.7, name
            a, b = found[name][judged], measured[judged]
            # Biases ahead of batch normalization do nothing: two gradients of 0, but for rounding.
            nothing = max(np.abs(a).max(), np.abs(b).max()) < ROUNDING * largest
            assert nothing or relative_error(a, b) < TOLERANCE, (n, name, relative_error(a, b))


@PLACES
@pytest.mark.parametrize(("layers", "shape"), ALONE + BEFORE_DENSE + AFTER_DENSE)
def test_backward_is_the_derivative_of_forward(layers, shape, members, shared) -> None:
    check(layers, shape, members, shared, training=True)


@pytest.mark.parametrize(("layers", "shape"), ALONE + BEFORE_DENSE)
def test_it_is_in_evaluation_too(layers, shape) -> None:
    check(layers, shape, 2, False, training=False)


def test_a_kink_between_the_points_is_noticed() -> None:
    x = np.array([0.0005, 0.1])
    found = central_differences(lambda: float(np.abs(x).sum()), x, sides=lambda: [x > 0])
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(1)


@pytest.mark.parametrize(("layer", "shape"), EXAMPLES, ids=lambda value: getattr(value, "type", ""))
def test_a_small_batch_may_come_before_a_full_one(layer, shape) -> None:
    check([layer, Dense(units=3)], shape, 2, False, training=False, sizes=[1, CAPACITY, 1])


@pytest.mark.parametrize(("layer", "shape"), EXAMPLES, ids=lambda value: getattr(value, "type", ""))
def test_a_network_without_input_gradient_has_the_same_other_gradients(layer, shape) -> None:
    rng = np.random.default_rng(3)
    layers = [layer, Dense(units=4), Dense(units=3)]
    for shared in (True, False):
        full = random_network([layers] * 2, shape, rng, capacity=4, shared_input=shared)
        lean = Network([layers] * 2, shape, capacity=4, dtype=np.float64, shared_input=shared)
        np.copyto(lean.parameters.stored, full.parameters.stored)
        x = away_from_zero(rng, batch_shape(4, shape, 1 if shared else 2))
        d = rng.standard_normal((4, 2, 3))
        for network in (full, lean):
            network.restart_noise([0, 1], "noise", 0)
            scores = network.forward(x.copy(), training=True).copy()
            below = network.backward(d.copy())
            assert (below is None) == (network is lean)
        np.testing.assert_array_equal(lean.parameters.gradients, full.parameters.gradients)
        np.testing.assert_array_equal(
            Probe(lean, x, training=True).forward(), Probe(full, x, training=True).forward()
        )
        assert scores.shape == d.shape


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize(("layer", "shape"), EXAMPLES, ids=lambda value: getattr(value, "type", ""))
def test_members_do_not_see_each_other(layer, shape, training) -> None:
    rng = np.random.default_rng(0)
    network = random_network([[layer]] * 3, shape, rng, capacity=4, shared_input=False)
    x = away_from_zero(rng, batch_shape(4, shape, 3))
    probe = Probe(network, x, training=training)
    before, gradients = probe.forward().copy(), probe.written_down()
    x[..., 1, :] = x[..., 1, :] ** 2 + 0.7
    probe.d[..., 1, :] *= 3
    after, changed = probe.forward(), probe.written_down()
    np.testing.assert_array_equal(after[..., [0, 2], :], before[..., [0, 2], :])
    assert np.any(after[..., 1, :] != before[..., 1, :])
    for name, gradient in gradients.items():
        others = changed[name][..., [0, 2], :]
        np.testing.assert_array_equal(others, gradient[..., [0, 2], :])
