"""The penalty is λ₁Σ|w| + ½λ₂Σw² of each member's weights, as section and layers say."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nn.differences import central_differences, relative_error
from tests.nn.penalties import layers, parameters, penalty
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.network import Network
from trainer_cli.nn.regularization import Regularization, strongest, without_own

L1, L2, NET = Regularization(l1=0.3), Regularization(l2=0.5), Regularization(l1=2.0, l2=0.25)
OFF = Regularization()
OWN = ({"l2": 2.0}, {"l1": 0.5, "l2": 0.0})
STACKS = [[L2], [L1], [NET], [L2, OFF, NET], [L1, OFF, OFF], [NET, NET], [OFF, OFF, L2]]


def expected_strengths(settings, own) -> list[tuple[float, float]]:
    """Return (l1, l2) of both dense layers."""
    return [(o.get("l1", settings.l1), o.get("l2", settings.l2)) for o in own]


def weights_of(on, member) -> list[np.ndarray]:
    return [on[f"network[{i}].weights"][:, member].astype(np.float64) for i in (0, 2)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("own", [({}, {}), OWN, ({}, {"l1": 0.0, "l2": 0.0})], ids=str)
@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_costs_are_the_sums_over_each_members_weights(stack, own, dtype) -> None:
    on = parameters(len(stack), dtype)
    costs = penalty(stack, on, own).costs()
    expected = [
        sum(
            l1 * np.abs(w).sum() + 0.5 * l2 * np.square(w).sum()
            for (l1, l2), w in zip(
                expected_strengths(settings, own), weights_of(on, m), strict=True
            )
        )
        for m, settings in enumerate(stack)
    ]
    assert costs.shape == (len(stack),)
    assert costs.dtype == np.float64
    np.testing.assert_allclose(costs, expected, rtol=1e-14 if dtype is np.float64 else 1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("own", [({}, {}), OWN], ids=str)
@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("scaled", ["not", "all alike", "each its own"])
def test_the_scaled_gradient_is_added_to_the_weights_alone(stack, own, dtype, scaled) -> None:
    on = parameters(len(stack), dtype)
    scales = (
        np.arange(1.0, len(stack) + 1) if scaled == "each its own" else np.full(len(stack), 0.5)
    )
    scale = {"not": 1.0, "all alike": 0.5, "each its own": scales}[scaled]
    scales = np.ones(len(stack)) if scaled == "not" else scales
    before, values = on.gradients.copy(), on.values.copy()
    penalty(stack, on, own).add_gradient(scale)
    np.testing.assert_array_equal(on.values, values)
    for entry in on.entries:
        added, w = entry.view(on.gradients) - entry.view(before), entry.view(values)
        for m, settings in enumerate(stack):
            l1, l2 = expected_strengths(settings, own)[entry.layer // 2]
            weight = entry.name.endswith("weights")
            slope = l1 * np.sign(w[..., m, :]) + l2 * w[..., m, :] if weight else 0.0
            np.testing.assert_allclose(
                added[..., m, :], scales[m] * slope, atol=40 * np.finfo(dtype).eps
            )


@pytest.mark.parametrize("own", [({}, {}), OWN], ids=str)
@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_the_gradient_is_the_derivative_of_the_costs(stack, own) -> None:
    on = parameters(len(stack))
    work = penalty(stack, on, own)
    expected = central_differences(lambda: work.costs().sum(), on.values)
    on.gradients[:] = 0
    work.add_gradient()
    assert relative_error(on.gradients, expected) < 1e-8


def test_known_values() -> None:
    on = parameters(1)
    on.values[:] = -2.0
    weights = 5 * 4 + 4 * 3
    assert penalty([Regularization(l2=3.0)], on).costs().tolist() == [0.5 * 3 * weights * 4]
    assert penalty([Regularization(l1=3.0)], on).costs().tolist() == [3 * weights * 2]
    on.gradients[:] = 0
    penalty([Regularization(l1=3.0, l2=0.25)], on).add_gradient(2.0)
    assert set(on.gradients[on.penalized].tolist()) == {2 * (-3 - 0.5)}


def test_the_slope_of_a_magnitude_at_zero_is_zero() -> None:
    on = parameters(1)
    on.values[:] = 0
    before = on.gradients.copy()
    penalty([L1], on).add_gradient()
    np.testing.assert_array_equal(on.gradients, before)


@given(st.lists(st.sampled_from([0.0, 0.5, 3.0]), min_size=6, max_size=6))
def test_members_are_penalized_as_alone(strengths) -> None:
    """Whatever they share with their neighbours: strengths of (l1, l2) for three members."""
    stack = [Regularization(l1=a, l2=b) for a, b in zip(strengths[:3], strengths[3:], strict=True)]
    together = parameters(3)
    start = together.gradients.copy()
    work = penalty(stack, together)
    costs = work.costs()
    work.add_gradient(0.1)
    for m, settings in enumerate(stack):
        alone = parameters(1)
        for mine, theirs in zip(alone.entries, together.entries, strict=True):
            mine.view(alone.values)[...] = theirs.view(together.values)[..., [m], :]
            mine.view(alone.gradients)[...] = theirs.view(start)[..., [m], :]
        work = penalty([settings], alone)
        np.testing.assert_allclose(work.costs(), costs[m], rtol=1e-13)
        work.add_gradient(0.1)
        for mine, theirs in zip(alone.entries, together.entries, strict=True):
            np.testing.assert_allclose(
                mine.view(alone.gradients), theirs.view(together.gradients)[..., [m], :], rtol=1e-13
            )


@pytest.mark.parametrize("settings", [Regularization(l2=1e3), Regularization(l1=1e3)], ids=str)
@pytest.mark.parametrize("members", [1, 4])
@pytest.mark.parametrize("units", [1, 50, 300])
def test_float32_costs_are_exact_to_a_millionth(settings, members, units) -> None:
    """The identity that is checked on them is judged at 1e-5."""
    network = [(Dense(units=units),)] * members
    parameters = Network(network, (3072,), capacity=1, dtype=np.dtype(np.float32)).parameters
    w = parameters["network[0].weights"]
    w[...] = np.random.default_rng(0).standard_normal(w.shape)
    squares = np.square(w, dtype=np.float64).sum(axis=(0, 2))
    magnitudes = np.abs(w.astype(np.float64)).sum(axis=(0, 2))
    exact = settings.l1 * magnitudes + 0.5 * settings.l2 * squares
    costs = Regularization.bind([settings] * members, network, parameters).costs()
    np.testing.assert_allclose(costs, exact, rtol=1e-6)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("own", [({}, {}), ({"l1": 0.0, "l2": 0.0}, {"l2": 0.0})], ids=str)
def test_off_means_no_cost_and_no_array_touched(members, own) -> None:
    on = parameters(members)
    before = on.gradients.copy()
    on.values[:] = np.inf  # would turn up as inf or NaN wherever it is multiplied
    work = penalty([OFF] * members, on, own)
    assert work.costs().tolist() == [0.0] * members
    work.add_gradient()
    np.testing.assert_array_equal(on.gradients, before)


@pytest.mark.parametrize("own", [({"l1": 0.0, "l2": 0.0}, {}), ({}, {"l1": 0.0, "l2": 0.0})])
def test_a_layer_that_is_exempt_is_not_touched(own) -> None:
    on = parameters(1)
    exempt = 0 if own[0] else 2
    on[f"network[{exempt}].weights"][...] = np.inf
    work = penalty([NET], on, own)
    assert np.isfinite(work.costs()).all()
    work.add_gradient()
    assert np.isfinite(on.gradients).all()


def test_the_default_is_off() -> None:
    assert Regularization(l1=0.0, l2=0.0, max_norm=None) == OFF


def test_what_holds_for_a_layer() -> None:
    section = Regularization(l1=1.0, l2=2.0, max_norm=3.0)
    assert section.of(Relu()) == section.of(Dense(units=1)) == section
    own = Dense(units=1, l1=0.0, l2=5.0, max_norm=6.0)
    assert section.of(own) == Regularization(l1=0.0, l2=5.0, max_norm=6.0)
    assert section.of(Dense(units=1, max_norm=0.0)).max_norm is None


def test_the_strongest_of_what_holds() -> None:
    section = Regularization(l1=1.0, l2=2.0, max_norm=3.0)
    network = layers(({"l1": 0.0, "l2": 5.0}, {"l1": 0.5, "max_norm": 2.0}))
    assert strongest(section, network) == Regularization(l1=0.5, l2=5.0, max_norm=2.0)
    network = layers(({"max_norm": 0.0}, {"max_norm": 0.0}))
    assert strongest(section, network) == Regularization(l1=1.0, l2=2.0)
    assert strongest(section, (Relu(),)) == OFF


def test_layers_without_settings_of_their_own() -> None:
    assert without_own(layers(({"l1": 0.0, "l2": 5.0}, {"max_norm": 2.0}))) == layers()


@pytest.mark.parametrize("scale", [1.0, 0.1], ids=str)
@pytest.mark.parametrize("members", [1, 3])
def test_nothing_large_is_allocated(members, scale) -> None:
    """NumPy's iterators buffer some 8,192 values; nothing as large as the weights is made."""
    network = [(Dense(units=300),)] * members
    on = Network(network, (500,), capacity=1, dtype=np.dtype(np.float32)).parameters
    on.values[:] = 1.0
    stack = [Regularization(l1=0.1, l2=0.2 * (m + 1), max_norm=0.9) for m in range(members)]
    work = Regularization.bind(stack, network, on)
    held = Regularization.bind_bounds(stack, network, on)
    scales = scale if members == 1 else scale * np.arange(1.0, members + 1)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(3):
            work.costs()
            work.add_gradient(scales)
            held.project()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2000
    assert peak - before < on.values.nbytes // 4 // members
