"""Moments of many values, block by block: those of all of them at once."""

import numpy as np
import pytest

from trainer_cli.training.moments import BLOCK, in_blocks, moments_of


@pytest.mark.parametrize("rows", [1, 7, 3 * BLOCK // 10 + 1])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_moments_are_those_of_all_values_at_once(rows, offset):
    array = np.random.default_rng(0).standard_normal((rows, 10)).astype(np.float32) + offset
    exact = array.astype(np.float64)
    found = moments_of(in_blocks(array))
    assert found.norm == pytest.approx(np.linalg.norm(exact), rel=1e-12)
    assert (found.min, found.max) == (exact.min(), exact.max())
    assert found.mean == pytest.approx(exact.mean(), rel=1e-9, abs=1e-12)
    assert found.std == pytest.approx(exact.std(), rel=1e-6)


def test_one_member_of_a_stack_is_looked_at_where_it_is():
    stack = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    own = stack[..., 1, :]
    assert np.array_equal(np.concatenate([*in_blocks(own)]), own.reshape(-1))


def test_equal_values_do_not_deviate():
    found = moments_of(in_blocks(np.full((1000, 3), 0.1, np.float32)))
    assert found.std == 0.0
    assert found.mean == found.min == found.max


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_shows(wrong):
    array = np.ones((3, 4), np.float32)
    array[1, 2] = wrong
    with np.errstate(all="ignore"):
        found = moments_of(in_blocks(array))
    assert not np.isfinite([found.norm, found.max, found.mean, found.std]).any()
