"""Update rules move parameters as their formulas say, for every member at its own rate."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optim.examples import OPTIMIZERS, TRAJECTORIES
from tests.parts import members_of
from trainer_cli.nn.layers.place import ParameterShape
from trainer_cli.nn.parameters import Parameters, per_member
from trainer_cli.optim.optimizers import Momentum, Optimizer, Sgd

EVERY_ROW = pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=lambda row: row[0].type)


def parameters(members: int, dtype: type = np.float64) -> Parameters:
    """Return parameters of a matrix of 3 × 4 weights and 2 biases for each member."""
    shapes = [
        ("w", ParameterShape(name="w", shape=(3, 4), penalized=True)),
        ("b", ParameterShape(name="b", shape=(2,), penalized=False)),
    ]
    return Parameters(shapes, members, np.dtype(dtype))


def bound(row, on: Parameters):
    return type(row[0]).bind(row, on)


def rates(row):
    return per_member([optimizer.learning_rate for optimizer in row])


def test_every_optimizer_has_examples() -> None:
    assert set(OPTIMIZERS) == set(TRAJECTORIES) == set(members_of(Optimizer))
    assert len(OPTIMIZERS) >= 2
    for part, row in OPTIMIZERS.items():
        assert {type(optimizer) for optimizer in row} == {part}
        assert len({optimizer.learning_rate for optimizer in row}) == len(row) == 3


@pytest.mark.parametrize(("optimizer", "expected"), TRAJECTORIES.values(), ids=TRAJECTORIES)
def test_two_steps_by_hand(optimizer, expected) -> None:
    shape = ParameterShape(name="w", shape=(2,), penalized=True)
    on = Parameters([("w", shape)], 1, np.dtype(np.float64))
    rule = bound([optimizer], on)
    on.values[:] = 1.0, -2.0
    for gradient, values in zip([(0.5, 1.0), (-1.0, 2.0)], expected, strict=True):
        on.gradients[:] = gradient
        rule.update(optimizer.learning_rate)
        np.testing.assert_allclose(on.values, values, rtol=1e-15)


@EVERY_ROW
def test_a_parabola_is_descended_to_its_lowest_point(row) -> None:
    on = parameters(3)
    rule, lowest = bound(row, on), np.random.default_rng(0).standard_normal(on.values.size)
    rate = rates(row)
    for _ in range(1500):
        np.subtract(on.values, lowest, out=on.gradients)  # of ½ (w - lowest)²
        rule.update(rate)
    np.testing.assert_allclose(on.values, lowest, atol=1e-9)


@EVERY_ROW
def test_members_move_as_if_alone(row) -> None:
    together, rng = parameters(3), np.random.default_rng(0)
    single = [parameters(1) for _ in row]
    rule, rules = bound(row, together), [bound([o], on) for o, on in zip(row, single, strict=True)]
    for factor in (1.0, 1.0, 0.5, 0.25):
        together.gradients[:] = rng.standard_normal(together.gradients.size)
        for m, on in enumerate(single):
            together.copy_members(together.gradients, on, on.gradients, [m])
            rules[m].update(factor * row[m].learning_rate)
        rule.update(per_member([factor * optimizer.learning_rate for optimizer in row]))
        for m, on in enumerate(single):
            for name in ("w", "b"):
                np.testing.assert_allclose(
                    together[name][..., m, :], on[name][..., 0, :], rtol=1e-14, atol=1e-16
                )


@EVERY_ROW
def test_a_rate_of_its_own_for_each_member_or_one_for_all_come_to_the_same(row) -> None:
    same = [row[0], row[0]]
    one, each = parameters(2), parameters(2)
    rule_one, rule_each = bound(same, one), bound(same, each)
    for _ in range(3):
        one.gradients[:] = each.gradients[:] = 1.0
        rule_one.update(0.1)
        rule_each.update(np.array([0.1, 0.1]))
    np.testing.assert_array_equal(one.values, each.values)


@EVERY_ROW
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_state_is_laid_out_as_the_parameters_and_starts_at_zero(row, dtype) -> None:
    on = parameters(3, dtype)
    rule = bound(row, on)
    assert len(rule.state) == type(row[0]).state_arrays
    for array in rule.state.values():
        assert array.shape == on.values.shape
        assert array.dtype == dtype
        assert not array.any()
    identities = {name: id(array) for name, array in rule.state.items()}
    on.gradients[:] = 1
    rule.update(rates(row))
    assert on.values.dtype == dtype
    assert {name: id(array) for name, array in rule.state.items()} == identities


@EVERY_ROW
def test_a_zero_gradient_moves_nothing_at_the_start(row) -> None:
    on = parameters(3)
    on.values[:] = 5.0
    bound(row, on).update(rates(row))
    assert np.all(on.values == 5.0)


def test_momentum_of_zero_is_plain_descent() -> None:
    plain, moving = parameters(1), parameters(1)
    a = bound([Sgd(learning_rate=0.1)], plain)
    b = bound([Momentum(learning_rate=0.1, momentum=0.0)], moving)
    for value in (1.0, -2.0, 0.5):
        plain.gradients[:] = moving.gradients[:] = value
        a.update(0.1)
        b.update(0.1)
        np.testing.assert_array_equal(plain.values, moving.values)


def test_a_lasting_direction_is_followed_at_the_rate_over_one_minus_momentum() -> None:
    on = parameters(1)
    rule = bound([Momentum(learning_rate=0.1, momentum=0.9)], on)
    for _ in range(400):
        before = on.values.copy()
        on.gradients[:] = 1.0
        rule.update(0.1)
    np.testing.assert_allclose(before - on.values, 0.1 / (1 - 0.9), rtol=1e-10)
