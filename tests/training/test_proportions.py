"""Intervals of shares: published values, and bounds that stay within what is possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer_cli.training.proportions import difference, wilson

COUNTS = st.integers(1, 10**6)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(successes, trials, low, high):
    assert wilson(successes / trials, trials) == pytest.approx((low, high), abs=5e-5)


def test_all_or_nothing_is_its_own_bound():
    assert wilson(0.0, 50)[0] == 0.0
    assert wilson(1.0, 50)[1] == 1.0


@given(COUNTS, st.floats(0, 1))
def test_an_interval_holds_its_share_and_stays_within_0_and_1(trials, part):
    share = round(part * trials) / trials
    low, high = wilson(share, trials)
    assert 0 <= low <= share <= high <= 1
    assert low < high


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    # Newcombe 1998, "Interval estimation for the difference ...", table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0000),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_published_differences(one, other, low, high):
    found = difference(one[0] / one[1], one[1], other[0] / other[1], other[1])
    assert found == pytest.approx((low, high), abs=5e-5)
    back = difference(other[0] / other[1], other[1], one[0] / one[1], one[1])
    assert back == pytest.approx((-found[1], -found[0]))
