"""Curves of many updates made small: spikes stay, ends stay, what is no number goes."""

import numpy as np
import pytest

from trainer_cli.report.page.curves import BUCKETS, FEW, band, smoothed, thinned

T = 100_000
X = np.arange(1, T + 1)
SPIKED = np.ones(T)
SPIKED[[777, 54_321]] = 9.0, -5.0


def test_a_band_keeps_every_spike():
    found = band(X, SPIKED)
    assert len(found.x) == len(found.low) == len(found.high) == BUCKETS
    assert (found.high.max(), found.low.min()) == (9.0, -5.0)
    assert np.count_nonzero(found.high > 1) == np.count_nonzero(found.low < 1) == 1
    assert abs(found.x[found.high.argmax()] - 778) < T / BUCKETS
    assert (np.diff(found.x) > 0).all()


def test_a_short_curve_is_its_own_band():
    found = band(np.arange(3), np.array([1.0, np.nan, 2.0]))
    assert found.x.tolist() == [0, 2]
    assert found.low is found.high
    assert found.low.tolist() == [1, 2]


def test_thinned_keeps_ends_and_spikes_in_their_order():
    x, y = thinned(X, SPIKED)
    assert len(x) <= 2 * BUCKETS + 2
    assert (x[0], x[-1]) == (1, T)
    assert (np.diff(x) > 0).all()
    assert dict(zip(x.tolist(), y.tolist(), strict=True))[778] == 9.0
    assert (y.max(), y.min()) == (9.0, -5.0)
    assert [each.tolist() for each in thinned(X[:5], SPIKED[:5])] == [[1, 2, 3, 4, 5], [1] * 5]


def test_smoothing_goes_through_noise():
    rng = np.random.default_rng(0)
    x, y = smoothed(X, 3 + rng.normal(0, 1, T))
    assert len(x) == BUCKETS
    assert y[1:].mean() == pytest.approx(3, abs=0.02)
    assert y[1:].std() < 0.1


def test_smoothing_begins_at_the_first_value_and_keeps_a_straight_line():
    x, y = smoothed(X, 5.0 - 1e-5 * X)
    assert y[0] == pytest.approx(5.0 - 1e-5)
    assert y[: int(0.9 * len(y))] == pytest.approx(5.0 - 1e-5 * x[: int(0.9 * len(y))], abs=1e-9)


def test_a_few_values_stay_as_they_are():
    values = np.random.default_rng(0).random(FEW)
    x, y = smoothed(np.arange(FEW), values)
    assert x.tolist() == list(range(FEW))
    assert y.tolist() == values.tolist()


def test_what_is_no_number_is_passed_over():
    values = np.array([1.0, np.inf, 2.0, np.nan])
    for found in (smoothed(np.arange(4), values), thinned(np.arange(4), values)):
        assert [each.tolist() for each in found] == [[0, 2], [1, 2]]
    assert [len(each) for each in smoothed(np.arange(2), np.full(2, np.nan))] == [0, 0]
