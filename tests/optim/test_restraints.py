"""What every optimizer does alike: clip the whole gradient by its norm, let weights decay."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from tests.optim.examples import OPTIMIZERS
from tests.optim.test_optimizers import bound, parameters, rates
from trainer_cli.nn.layers.place import ParameterShape
from trainer_cli.nn.parameters import Parameters, per_member
from trainer_cli.optim.optimizers import Adam, Adamw, Sgd
from trainer_cli.optim.optimizers.clipping import Clipping

EVERY_ROW = pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=lambda row: row[0].type)


def restrained(row):
    """Return the row with bounds and decays that differ from member to member."""
    restraints = [(0.5, 0.1), (None, 0.7), (1.5, 0.0)]
    return [
        replace(optimizer, clip_norm=clip_norm, weight_decay=decay)
        for optimizer, (clip_norm, decay) in zip(row, restraints, strict=True)
    ]


def pair(dtype: type = np.float64) -> Parameters:
    """Return the parameters of one member: a weight and a bias."""
    shapes = [(0, ParameterShape(name="w", shape=(1,), role="weight"))]
    shapes += [(0, ParameterShape(name="b", shape=(1,), role="other"))]
    return Parameters(shapes, 1, np.dtype(dtype))


def moved(optimizer, gradient, start=(1.0, -2.0), dtype: type = np.float64) -> np.ndarray:
    """Return a weight and a bias after one update of plain descent at rate 1."""
    on = pair(dtype)
    rule = bound([optimizer], on)
    on.values[:], on.gradients[:] = start, gradient
    with np.errstate(all="ignore"):
        rule.update(optimizer.learning_rate)
    return on.values


def test_the_norm_is_over_weights_and_biases() -> None:
    clipped = Sgd(learning_rate=1.0, clip_norm=1.0)
    np.testing.assert_allclose(moved(clipped, (3.0, 4.0), (0, 0)), (-0.6, -0.8), rtol=1e-15)


def test_a_gradient_within_its_bound_stays_as_it_is() -> None:
    for clip_norm in (5.0, 5.5, None):
        clipped = Sgd(learning_rate=1.0, clip_norm=clip_norm)
        np.testing.assert_array_equal(moved(clipped, (3.0, 4.0), (0, 0)), (-3.0, -4.0))


@pytest.mark.parametrize("size", [1e-38, 1e-30, 1e-20, 1e18, 1e30, 1e37])
def test_clipping_holds_for_gradients_whose_squares_float32_cannot_hold(size) -> None:
    clipped = Sgd(learning_rate=1.0, clip_norm=float(size))
    ends = moved(clipped, (3 * size, 4 * size), (0, 0), np.float32) / size
    np.testing.assert_allclose(ends, (-0.6, -0.8), rtol=1e-4)


@pytest.mark.parametrize("members", [1, 2])
def test_the_norm_of_a_million_gradients_keeps_its_digits(members) -> None:
    shapes = [(0, ParameterShape(name="w", shape=(500_000, 2), role="weight"))]
    on = Parameters(shapes, members, np.dtype(np.float32))
    clipping = Clipping([1.0] * members, on)
    on.gradients[:] = 0.1
    clipping.clip()
    np.testing.assert_allclose(on.gradients, 1e-3, rtol=1e-5)


def test_a_gradient_of_zero_is_not_divided_by_its_norm() -> None:
    np.testing.assert_array_equal(moved(Sgd(clip_norm=1.0), (0.0, 0.0)), (1.0, -2.0))


def test_weights_decay_and_biases_do_not() -> None:
    decaying = Sgd(learning_rate=0.5, weight_decay=0.2)
    np.testing.assert_allclose(moved(decaying, (0.0, 0.0)), (0.9, -2.0), rtol=1e-15)
    np.testing.assert_allclose(moved(decaying, (1.0, 1.0)), (0.4, -2.5), rtol=1e-15)


@EVERY_ROW
def test_decay_is_apart_from_the_gradient_and_its_clipping(row) -> None:
    """w ← w - α λ w beside whatever the formula makes of the clipped gradient."""
    bare = replace(row[0], weight_decay=0.0, clip_norm=0.1)
    without = moved(bare, (3.0, 4.0))
    decayed = moved(replace(bare, weight_decay=0.5), (3.0, 4.0))
    lost = row[0].learning_rate * 0.5 * 1.0
    np.testing.assert_allclose(decayed, without - (lost, 0), rtol=1e-14)


@EVERY_ROW
def test_clipping_is_the_same_as_a_gradient_scaled_beforehand(row) -> None:
    bare = replace(row[0], weight_decay=0.0)
    expected = moved(bare, (0.06, 0.08))
    np.testing.assert_allclose(
        moved(replace(bare, clip_norm=0.1), (3.0, 4.0)), expected, rtol=1e-14
    )


@EVERY_ROW
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_restrained_members_move_as_if_alone(row, dtype) -> None:
    row = restrained(row)
    together, single = parameters(3, dtype), [parameters(1, dtype) for _ in row]
    rule, rules = bound(row, together), [bound([o], on) for o, on in zip(row, single, strict=True)]
    rng = np.random.default_rng(0)
    together.values[:] = rng.standard_normal(together.values.size)
    for m, on in enumerate(single):
        on.take_members(on.values, together, together.values, [m])
    for factor in (1.0, 1.0, 0.5, 0.25):
        together.gradients[:] = rng.standard_normal(together.gradients.size)
        for m, on in enumerate(single):
            on.take_members(on.gradients, together, together.gradients, [m])
            rules[m].update(factor * row[m].learning_rate)
        rule.update(per_member([factor * optimizer.learning_rate for optimizer in row]))
    own = parameters(1, dtype)
    for m, on in enumerate(single):
        own.take_members(own.values, together, together.values, [m])
        np.testing.assert_allclose(own.values, on.values, rtol=100 * np.finfo(dtype).eps, atol=1e-7)


@EVERY_ROW
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_member_leaves_the_others_alone(row, broken) -> None:
    row = restrained(row)
    sound, other = parameters(3), parameters(3)
    rules = bound(row, sound), bound(row, other)
    for on, rule, spoilt in ((sound, rules[0], 1.0), (other, rules[1], broken)):
        rng = np.random.default_rng(0)
        for _ in range(3):
            on.gradients[:] = rng.standard_normal(on.gradients.size)
            for entry in on.entries:
                entry.view(on.gradients)[..., 2, :] *= spoilt
            with np.errstate(all="ignore"):
                rule.update(rates(row))
    for entry in sound.entries:
        np.testing.assert_array_equal(
            entry.view(other.values)[..., :2, :], entry.view(sound.values)[..., :2, :]
        )
        assert np.isnan(entry.view(other.values)[..., 2, :]).any()


@EVERY_ROW
def test_the_rate_can_be_folded_into_the_gradient_where_a_rule_says_so(row) -> None:
    for settings in (row[0], replace(row[0], clip_norm=1.0), replace(row[0], weight_decay=0.1)):
        given, folded = parameters(1), parameters(1)
        rules = bound([settings], given), bound([settings], folded)
        restrained_here = settings.clip_norm is not None or settings.weight_decay > 0
        assert not (rules[0].linear and restrained_here)
        if not rules[0].linear:
            continue
        for value in (1.0, -2.0, 0.5):
            given.gradients[:], folded.gradients[:] = value, 0.1 * value
            rules[0].update(0.1)
            rules[1].update(1.0)
        np.testing.assert_allclose(given.values, folded.values, rtol=1e-15)


def test_which_rules_are_linear() -> None:
    on = parameters(3)
    linear = {row[0].type for row in OPTIMIZERS.values() if bound(row, on).linear}
    assert linear == {"sgd", "momentum", "nesterov"}


def test_adamw_is_adam_with_a_decay() -> None:
    assert Adamw().weight_decay == 0.01
    settings = {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.9, "weight_decay": 0.3}
    np.testing.assert_array_equal(
        moved(Adamw(**settings), (1.0, -1.0)), moved(Adam(**settings), (1.0, -1.0))
    )


@EVERY_ROW
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("size", [1.0, 1e25], ids=["usual", "huge"])
def test_an_update_allocates_nothing_large(row, members, size) -> None:
    shapes = [(0, ParameterShape(name="w", shape=(300, 256), role="weight"))]
    on = Parameters(shapes, members, np.dtype(np.float32))
    rule = bound(restrained(row)[:members], on)
    rate = per_member([optimizer.learning_rate for optimizer in row[:members]])
    tracemalloc.start()
    try:
        with np.errstate(all="ignore"):
            for _ in range(3):
                on.gradients[:] = size
                rule.update(rate)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # NumPy converts in blocks of 8,192 values, to float64 where squares are huge.
    assert peak < 3 * 8192 * 8 < on.values.nbytes
