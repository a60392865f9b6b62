"""The rule that stops a run: fires at once on NaN and explosions, never on noise."""

import numpy as np
import pytest

from trainer_cli.training.divergence import DivergenceWatch, cost_limits


def watch(original=2.3):
    return DivergenceWatch(np.array([3 * original]))


def feed(rule, costs, examples):
    return [bool(rule.diverged(np.array([cost]), examples)[0]) for cost in costs]


@pytest.mark.parametrize("examples", [1, 32, 100, 500])
@pytest.mark.parametrize("cost", [np.nan, np.inf])
def test_what_is_not_finite_stops_at_once(examples, cost):
    assert feed(watch(), [2.3, cost], examples) == [False, True]


def test_three_times_the_original_is_the_border():
    assert feed(watch(2.0), [6.0], 100) == [False]
    assert feed(watch(2.0), [6.0001], 100) == [True]


def test_one_hard_example_among_many_is_no_explosion():
    assert not any(feed(watch(), [0.1] * 150 + [40.0] + [0.1] * 150, 1))


def test_what_is_reported_is_what_was_judged():
    rule = watch(2.0)
    assert feed(rule, [2.0, 2.0, 2.0, 30.0, 1.0], 25)[-2:] == [True, True]
    assert rule.judged == pytest.approx([(2.0 + 2.0 + 30.0 + 1.0) / 4])


def test_a_start_that_is_better_than_chance_by_luck_sets_no_lower_limit():
    original, penalty = np.array([0.1, 2.5, 7.0]), np.array([0.0, 0.0, 5.0])
    assert cost_limits(original, penalty, 2.3) == pytest.approx([6.9, 7.5, 21.9])


def test_an_explosion_in_small_batches_is_seen():
    assert feed(watch(), [2.3] * 5 + [50.0], 20)[-1]


def test_an_explosion_that_no_further_example_can_undo_is_seen_at_once():
    assert feed(watch(2.0), [23.9], 25) == [False]
    assert feed(watch(2.0), [24.1], 25) == [True]
    assert feed(watch(2.0), [12.0, 12.1], 25) == [False, True]


def test_recovery_after_a_burst_is_not_held_against_later_batches():
    rule = watch()
    feed(rule, [1e300], 50)
    assert not feed(rule, [1.0] * 10, 50)[-1]


def test_members_are_judged_each_for_itself():
    rule = DivergenceWatch(np.array([3.0, 3.0, 30.0]))
    costs = np.array([2.0, 4.0, 4.0])
    assert rule.diverged(costs, 100).tolist() == [False, True, False]
