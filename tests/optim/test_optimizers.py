"""Update rules move parameters as their formulas say, for every member at its own rate."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.optim.examples import OPTIMIZERS, TRAJECTORIES, VALLEY
from tests.parts import members_of
from trainer_cli.nn.layers.place import ParameterShape
from trainer_cli.nn.parameters import Parameters, per_member
from trainer_cli.optim.optimizers import Adam, Momentum, Nesterov, Optimizer, Rmsprop, Sgd
from trainer_cli.optim.schedules import Cosine, Linear
from trainer_cli.optim.schedules.clock import Clock

EVERY_ROW = pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=lambda row: row[0].type)


def parameters(members: int, dtype: type = np.float64) -> Parameters:
    """Return parameters of a matrix of 3 × 4 weights and 2 biases for each member."""
    shapes = [
        (0, ParameterShape(name="w", shape=(3, 4), role="weight")),
        (0, ParameterShape(name="b", shape=(2,), role="other")),
    ]
    return Parameters(shapes, members, np.dtype(dtype))


def bound(row, on: Parameters):
    return type(row[0]).bind(row, on)


def rates(row):
    return per_member([optimizer.learning_rate for optimizer in row])


def test_every_optimizer_has_examples() -> None:
    assert set(OPTIMIZERS) == set(TRAJECTORIES) == set(VALLEY) == set(members_of(Optimizer))
    assert len(OPTIMIZERS) >= 7
    for part, row in OPTIMIZERS.items():
        assert {type(optimizer) for optimizer in row} == {part}
        assert len({optimizer.learning_rate for optimizer in row}) == len(row) == 3


@pytest.mark.parametrize(("optimizer", "expected"), TRAJECTORIES.values(), ids=TRAJECTORIES)
def test_two_steps_by_hand(optimizer, expected) -> None:
    shape = ParameterShape(name="w", shape=(2,), role="weight")
    on = Parameters([(0, shape)], 1, np.dtype(np.float64))
    rule = bound([optimizer], on)
    on.values[:] = 1.0, -2.0
    for gradient, values in zip([(0.5, 1.0), (-1.0, 2.0)], expected, strict=True):
        on.gradients[:] = gradient
        rule.update(optimizer.learning_rate)
        np.testing.assert_allclose(on.values, values, rtol=1e-14)


@EVERY_ROW
def test_a_parabola_is_descended_to_its_lowest_point(row) -> None:
    on = parameters(3)
    rule, lowest = bound(row, on), np.random.default_rng(0).standard_normal(on.values.size)
    for step in range(1500):
        np.subtract(on.values, lowest, out=on.gradients)  # of ½ (w - lowest)²
        factor = Cosine().scale(Clock(step, 1500, 1))
        rule.update(per_member([factor * optimizer.learning_rate for optimizer in row]))
    np.testing.assert_allclose(on.values, lowest, atol=1e-5)


@pytest.mark.parametrize(("optimizer", "updates"), VALLEY.values(), ids=VALLEY)
def test_the_lowest_point_of_rosenbrocks_valley_is_found(optimizer, updates) -> None:
    shape = ParameterShape(name="w", shape=(2,), role="weight")
    on = Parameters([(0, shape)], 1, np.dtype(np.float64))
    rule = bound([optimizer], on)
    on.values[:] = -1.2, 1.0
    for step in range(updates):
        x, y = on.values  # of (1 - x)² + 100 (y - x²)²
        on.gradients[:] = 2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)
        rule.update(optimizer.learning_rate * Linear().scale(Clock(step, updates, 1)))
    np.testing.assert_allclose(on.values, 1.0, atol=3e-3)
    assert rule.updates == updates


def path(optimizer) -> np.ndarray:
    """Return where three updates with fixed gradients lead, (3, values)."""
    on, rng = parameters(1), np.random.default_rng(0)
    rule = bound([optimizer], on)
    on.values[:] = rng.standard_normal(on.values.size)
    places = []
    for _ in range(3):
        on.gradients[:] = rng.standard_normal(on.values.size)
        rule.update(optimizer.learning_rate)
        places.append(on.values.copy())
    return np.array(places)


@pytest.mark.parametrize("optimizer", [row[0] for row in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_every_setting_matters(optimizer) -> None:
    settings = [field.name for field in fields(optimizer) if field.name != "type"]
    assert {"learning_rate", "weight_decay", "clip_norm"} <= set(settings)
    before = path(optimizer)
    for name in settings:
        changed = replace(optimizer, **{name: 0.5 * (getattr(optimizer, name) or 0.0) + 0.17})
        assert np.abs(path(changed) - before).max() > 1e-6, name


@EVERY_ROW
def test_members_move_as_if_alone(row) -> None:
    together, rng = parameters(3), np.random.default_rng(0)
    single = [parameters(1) for _ in row]
    rule, rules = bound(row, together), [bound([o], on) for o, on in zip(row, single, strict=True)]
    for factor in (1.0, 1.0, 0.5, 0.25):
        together.gradients[:] = rng.standard_normal(together.gradients.size)
        for m, on in enumerate(single):
            on.take_members(on.gradients, together, together.gradients, [m])
            rules[m].update(factor * row[m].learning_rate)
        rule.update(per_member([factor * optimizer.learning_rate for optimizer in row]))
        for m, on in enumerate(single):
            for name in ("network[0].w", "network[0].b"):
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
    assert len(rule.state) <= type(row[0]).state_arrays  # which counts the scratch as well
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


def test_nesterov_takes_the_gradient_where_the_velocity_leads() -> None:
    """As x ← x + v, v ← ρ v - α g(x + ρ v), with the parameters at x + ρ v, on ½ Σ c x²."""
    on, curvature = parameters(1), np.linspace(0.1, 3.0, 14)
    rule = bound([Nesterov(learning_rate=0.1, momentum=0.9)], on)
    on.values[:] = x = np.random.default_rng(0).standard_normal(14)
    v = np.zeros(14)
    for _ in range(10):
        v = 0.9 * v - 0.1 * curvature * (x + 0.9 * v)
        x = x + v
        np.multiply(curvature, on.values, out=on.gradients)
        rule.update(0.1)
        np.testing.assert_allclose(on.values, x + 0.9 * v, rtol=1e-12)
        np.testing.assert_allclose(rule.state["ahead"], 0.9 * v, rtol=1e-12)


def test_nesterov_without_momentum_is_plain_descent() -> None:
    np.testing.assert_array_equal(
        path(Nesterov(learning_rate=0.1, momentum=0.0)), path(Sgd(learning_rate=0.1))
    )


def test_the_first_step_of_adam_is_as_long_as_the_rate_whatever_the_gradient() -> None:
    for size in (1e-3, 1.0, 1e3):
        on = parameters(1)
        on.gradients[:] = -size
        bound([Adam()], on).update(0.02)
        np.testing.assert_allclose(on.values, 0.02, rtol=2e-5)


def test_the_first_step_of_rmsprop_is_longer_than_the_rate() -> None:
    on = parameters(1)
    on.gradients[:] = -5.0
    bound([Rmsprop(decay=0.99)], on).update(0.02)
    np.testing.assert_allclose(on.values, 0.2, rtol=1e-7)


@EVERY_ROW
@pytest.mark.parametrize("size", [1e-45, 1e-30, 1e-22, 1e-10, 1e10, 1e18, 1e30])
def test_no_size_of_gradient_that_float32_holds_makes_nan(row, size) -> None:
    on = parameters(3, np.float32)
    rule = bound([replace(optimizer, clip_norm=None) for optimizer in row], on)
    with np.errstate(all="ignore"):
        for sign in (1, -1, 0, 1):
            on.gradients[:] = sign * size
            rule.update(rates(row))
    assert np.isfinite(on.values).all()


@EVERY_ROW
def test_float32_is_near_float64(row) -> None:
    ends = []
    for dtype in (np.float32, np.float64):
        on, rng = parameters(3, dtype), np.random.default_rng(0)
        rule = bound(row, on)
        for _ in range(50):
            on.gradients[:] = rng.standard_normal(on.gradients.size)
            rule.update(rates(row))
        ends.append(on.values.copy())
    np.testing.assert_allclose(*ends, atol=2e-5)


@EVERY_ROW
def test_a_gradient_that_pulls_back_throws_off_beyond_the_largest_pull_alone(row) -> None:
    """As an l2 penalty does, with and without decay; what has no such bound is never thrown."""
    rate, largest = row[0].learning_rate, row[0].largest_pull
    for decay in (0.0, 0.5):
        optimizer = replace(row[0], weight_decay=decay / rate)
        most = 1e4 if largest is None else largest * (1 - decay / 2)
        for share, thrown in ((0.98, False), (1.02, largest is not None)):
            on = parameters(1)
            rule = bound([optimizer], on)
            on.values[on.penalized] = 1.0
            for _ in range(1000):
                np.multiply(on.values, share * most / rate, out=on.gradients)
                rule.update(rate)
            assert np.isfinite(on.values).all()
            assert (np.abs(on.values).max() > 1e3) == thrown
