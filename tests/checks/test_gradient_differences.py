"""The formulas of differences are exact for polynomials, and samples cover all axes."""

from __future__ import annotations

import numpy as np
import pytest

from trainer_cli.checks.coordinates import sample
from trainer_cli.checks.stencils import formula, step


@pytest.mark.parametrize("sides", [1, 2, 4, 6, 8, 12])
def test_a_formula_is_exact_up_to_its_order(sides):
    for power in range(sides + 1):
        slope = sum(c * (2.0 + k * 0.1) ** power for k, c in formula(sides)) / 0.1
        assert slope == pytest.approx(power * 2.0 ** (power - 1), rel=1e-9, abs=1e-9)


def test_the_lectures_formulas():
    assert formula(1) == ((1, 1.0), (0, -1.0))
    assert formula(2) == ((1, 0.5), (-1, -0.5))
    assert dict(formula(4)) == pytest.approx({1: 2 / 3, -1: -2 / 3, 2: -1 / 12, -2: 1 / 12})
    assert [step(sides) for sides in (1, 2)] == [2.0**-26, 2.0**-17]


@pytest.mark.parametrize("sides", [-2, 0, 3, 5])
def test_other_numbers_of_sides_are_refused(sides):
    with pytest.raises(ValueError, match=f"{sides} is neither 1 nor a positive even number"):
        formula(sides)


def test_a_sample_covers_every_index_of_every_axis():
    shape = (40, 3, 1, 64)
    chosen = np.unravel_index(sample(shape, 64, np.random.default_rng(0)), shape)
    for axis, length in zip(chosen, shape, strict=True):
        assert set(axis) == set(range(length))


def test_a_small_array_is_looked_at_whole():
    assert sorted(sample((3, 1, 4), 12, np.random.default_rng(0))) == list(range(12))
