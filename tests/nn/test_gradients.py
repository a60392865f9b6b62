"""Every layer's backward is the derivative of its forward, alone and among other layers.

N examples, M members, F features, H W C image height, width and channels.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.nn.differences import (
    away_from_zero,
    central_differences,
    relative_error,
    smooth_network,
)
from tests.nn.examples import IMAGE, LAYERS, VECTOR
from tests.parts import members_of
from trainer_cli.nn.layers import Dense, Layer
from trainer_cli.nn.network import Network

TOLERANCE = 1e-7
CAPACITY = 5

ALONE = [
    pytest.param([layer], shape, id=f"{layer.type}-{len(shape)}d")
    for layer, shapes in LAYERS.values()
    for shape in shapes
]
BEFORE_DENSE = [
    pytest.param([layer, Dense(units=4)], shape, id=f"{layer.type}-dense-{len(shape)}d")
    for layer, shapes in LAYERS.values()
    for shape in shapes
]
AFTER_DENSE = [
    pytest.param(
        [Dense(units=VECTOR[0]), layer, Dense(units=3), layer],
        shape,
        id=f"dense-{layer.type}-dense-{layer.type}-{len(shape)}d",
    )
    for layer, shapes in LAYERS.values()
    if VECTOR in shapes
    for shape in (VECTOR, IMAGE)
]


def test_every_layer_has_an_example() -> None:
    assert set(LAYERS) == set(members_of(Layer))
    assert len(LAYERS) >= 4


def input_shape(n: int, shape: tuple[int, ...], members: int) -> tuple[int, ...]:
    """Return (N, M, F) or (N, H, W, M, C)."""
    return (n, *shape[:-1], members, shape[-1])


def check(layers: list, shape: tuple[int, ...], members: int, shared: bool, sizes: list[int]):
    """Compare backward with differences of Σ y·d, for batches of these sizes one after another."""
    rng = np.random.default_rng(len(layers) + members)
    network = smooth_network(
        layers, shape, rng, members=members, capacity=CAPACITY, shared_input=shared
    )
    for n in sizes:
        x = away_from_zero(rng, input_shape(n, shape, 1 if shared else members))
        d = rng.standard_normal(network.forward(x.copy(), training=True).shape)

        def total(x: np.ndarray = x, d: np.ndarray = d) -> float:
            return float(np.sum(network.forward(x.copy(), training=True) * d))

        network.parameters.gradients.fill(np.nan)  # whatever was there must not matter
        network.forward(x.copy(), training=True)
        dx = network.backward(d.copy())
        assert dx is not None
        found = {"input": dx.copy()}
        expected = {"input": central_differences(total, x)}
        for entry in network.parameters.entries:
            found[entry.name] = entry.view(network.parameters.gradients).copy()
            expected[entry.name] = central_differences(total, entry.view(network.parameters.values))
        errors = {name: relative_error(found[name], expected[name]) for name in expected}
        assert all(error < TOLERANCE for error in errors.values()), (n, errors)
        assert any(np.any(gradient) for gradient in expected.values())


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(("layers", "shape"), ALONE + BEFORE_DENSE + AFTER_DENSE)
def test_backward_is_the_derivative_of_forward(layers, shape, members, shared) -> None:
    check(layers, shape, members, shared, sizes=[CAPACITY, 2])


def test_a_small_batch_may_come_before_a_full_one() -> None:
    for layer, shapes in LAYERS.values():
        check([layer, Dense(units=3)], shapes[0], 2, False, sizes=[1, CAPACITY, 1])


def test_a_network_without_input_gradient_has_the_same_other_gradients() -> None:
    rng = np.random.default_rng(3)
    for layer, shapes in LAYERS.values():
        layers = [layer, Dense(units=4), Dense(units=3)]
        full = smooth_network(layers, shapes[0], rng, members=2, capacity=4, shared_input=False)
        lean = Network(full.stack, shapes[0], capacity=4, dtype=np.float64, shared_input=False)
        np.copyto(lean.parameters.values, full.parameters.values)
        x = away_from_zero(rng, input_shape(4, shapes[0], 2))
        scores = full.forward(x.copy(), training=True)
        d = rng.standard_normal(scores.shape)
        np.testing.assert_array_equal(lean.forward(x.copy(), training=True), scores)
        assert full.backward(d.copy()) is not None
        assert lean.backward(d.copy()) is None
        np.testing.assert_array_equal(lean.parameters.gradients, full.parameters.gradients)


def test_members_do_not_see_each_other() -> None:
    for layer, shapes in LAYERS.values():
        for shape in shapes:
            rng = np.random.default_rng(0)
            network = smooth_network([layer], shape, rng, members=3, capacity=4, shared_input=False)
            x = away_from_zero(rng, input_shape(4, shape, 3))
            before = network.forward(x.copy(), training=True).copy()
            x[..., 1, :] *= 2
            after = network.forward(x.copy(), training=True)
            np.testing.assert_array_equal(after[..., [0, 2], :], before[..., [0, 2], :])
            assert np.any(after[..., 1, :] != before[..., 1, :])
