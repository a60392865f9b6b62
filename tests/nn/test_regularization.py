"""The penalty is ½λΣw² of each member's weights, its gradient λw, and biases go free."""

from __future__ import annotations

import numpy as np
import pytest

from tests.nn.differences import central_differences, relative_error
from trainer_cli.nn.layers import Dense, Tanh
from trainer_cli.nn.network import Network
from trainer_cli.nn.parameters import Parameters
from trainer_cli.nn.regularization import Penalty, Regularization

STRENGTHS = [0.5, 0.0, 3.0]


def parameters(members: int, dtype: type = np.float64) -> Parameters:
    """Return random values and gradients of two dense layers."""
    layers = (Dense(units=4), Tanh(), Dense(units=3))
    made = Network([layers] * members, (5,), capacity=1, dtype=np.dtype(dtype)).parameters
    rng = np.random.default_rng(members)
    made.values[:] = rng.standard_normal(made.values.size)
    made.gradients[:] = rng.standard_normal(made.gradients.size)
    return made


def bound(strengths: list[float], on: Parameters) -> Penalty:
    return Regularization.bind([Regularization(l2=l2) for l2 in strengths], on)


def weights_of(on: Parameters, member: int) -> list[np.ndarray]:
    return [on[f"network[{i}].weights"][:, member] for i in (0, 2)]


@pytest.mark.parametrize("strengths", [[0.5], [1e-6], STRENGTHS, [2.0, 2.0]], ids=str)
def test_costs_are_half_lambda_times_the_sum_of_squares(strengths) -> None:
    on = parameters(len(strengths))
    costs = bound(strengths, on).costs()
    expected = [
        0.5 * l2 * sum(np.sum(w**2) for w in weights_of(on, m)) for m, l2 in enumerate(strengths)
    ]
    assert costs.shape == (len(strengths),)
    assert costs.dtype == np.float64
    np.testing.assert_allclose(costs, expected, rtol=1e-14)


def test_known_value() -> None:
    on = parameters(1)
    on.values[:] = 2.0
    assert bound([3.0], on).costs().tolist() == [0.5 * 3.0 * (5 * 4 + 4 * 3) * 4.0]


@pytest.mark.parametrize("strengths", [[0.5], STRENGTHS], ids=str)
def test_the_gradient_is_the_derivative_of_the_costs(strengths) -> None:
    on = parameters(len(strengths))
    penalty = bound(strengths, on)
    expected = central_differences(lambda: penalty.costs().sum(), on.values)
    on.gradients[:] = 0
    penalty.add_gradient()
    assert relative_error(on.gradients, expected) < 1e-9


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("strengths", [[0.5], STRENGTHS, [2.0, 2.0]], ids=str)
def test_lambda_w_is_added_to_the_weights_alone(strengths, dtype) -> None:
    on = parameters(len(strengths), dtype)
    before, values = on.gradients.copy(), on.values.copy()
    bound(strengths, on).add_gradient()
    np.testing.assert_array_equal(on.values, values)
    for entry in on.entries:
        added = entry.view(on.gradients) - entry.view(before)
        rows = np.asarray(strengths)[:, None]  # (M, 1)
        expected = rows * entry.view(values) if entry.name.endswith("weights") else 0
        np.testing.assert_allclose(added, expected, atol=8 * np.finfo(dtype).eps)


def test_float32_costs_are_exact_to_a_millionth() -> None:
    """The identity that is checked on them is judged at 1e-5."""
    layers = (Dense(units=50),)
    for members in (1, 4):
        network = Network([layers] * members, (3072,), capacity=1, dtype=np.dtype(np.float32))
        w = network.parameters["network[0].weights"]
        w[...] = np.random.default_rng(0).standard_normal(w.shape)
        exact = 0.5e3 * np.square(w, dtype=np.float64).sum(axis=(0, 2))
        np.testing.assert_allclose(
            bound([1e3] * members, network.parameters).costs(), exact, rtol=3e-6
        )


@pytest.mark.parametrize("members", [1, 3])
def test_off_means_no_cost_and_no_array_touched(members) -> None:
    on = parameters(members)
    before = on.gradients.copy()
    on.values[:] = np.inf  # would turn up as inf or NaN wherever it is multiplied
    penalty = bound([0.0] * members, on)
    assert penalty.costs().tolist() == [0.0] * members
    penalty.add_gradient()
    np.testing.assert_array_equal(on.gradients, before)


def test_the_default_is_off() -> None:
    assert Regularization() == Regularization(l2=0.0)
