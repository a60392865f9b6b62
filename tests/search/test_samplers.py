"""Every sampler fills a space as it says, and draws the same values for the same seed."""

from __future__ import annotations

import json
from math import log10

import numpy as np
import pytest

from trainer_cli.config.space import Choice, Int, LogInt, LogUniform, Uniform
from trainer_cli.nn.streams import stream
from trainer_cli.search.samplers import draw, halton, nth_prime, points_per_key

RATES, PENALTIES = LogUniform(low=1e-6, high=1.0), LogUniform(low=1e-5, high=1e2)
SPACE = {
    "optimizer.learning_rate": RATES,
    "regularization.l2": PENALTIES,
    "network.1": Choice(values=("relu", "tanh", {"type": "elu", "alpha": 0.5})),
    "network.0.units": LogInt(low=10, high=200),
    "optimizer.momentum": Uniform(low=0.5, high=0.99),
    "training.batch_size": Int(low=10, high=12),
}
SAMPLERS = ("random", "grid", "halton")


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_trials_have_a_value_for_every_key_which_survives_json(sampler):
    trials = draw(SPACE, sampler, 50, 0, 1)
    assert all(list(values) == list(SPACE) for values in trials)
    assert json.loads(json.dumps(trials)) == trials
    kinds = [float, float, (str, dict), int, float, int]
    for values in trials:
        assert all(map(isinstance, values.values(), kinds))


@pytest.mark.parametrize("sampler", ["random", "halton"])
def test_there_are_as_many_trials_as_asked_for_and_all_differ(sampler):
    trials = draw({"optimizer.learning_rate": RATES}, sampler, 77, 0, 1)
    assert len({values["optimizer.learning_rate"] for values in trials}) == 77


@pytest.mark.parametrize("sampler", ["random", "halton"])
def test_seed_and_stage_say_what_is_drawn(sampler):
    first = draw(SPACE, sampler, 20, 0, 1)
    assert draw(SPACE, sampler, 20, 0, 1) == first
    assert draw(SPACE, sampler, 20, 1, 1) != first
    assert draw(SPACE, sampler, 20, 0, 2) != first
    assert draw(SPACE, sampler, 30, 0, 1)[:20] == first


@pytest.mark.parametrize("sampler", ["random", "halton"])
def test_a_key_behind_the_others_changes_none_of_their_draws(sampler):
    fewer = {path: SPACE[path] for path in list(SPACE)[:3]}
    trials = draw(SPACE, sampler, 20, 0, 1)
    assert [{path: each[path] for path in fewer} for each in trials] == draw(
        fewer, sampler, 20, 0, 1
    )


def test_the_order_of_the_keys_changes_no_random_draw():
    turned = dict(reversed(SPACE.items()))
    assert draw(turned, "random", 20, 0, 1) == draw(SPACE, "random", 20, 0, 1)


def test_random_draws_are_even_in_log_space():
    trials = draw({"optimizer.learning_rate": RATES}, "random", 6000, 0, 1)
    decades = np.floor([log10(values["optimizer.learning_rate"]) for values in trials])
    counts = [int(np.sum(decades == decade)) for decade in range(-6, 0)]
    assert sum(counts) == 6000
    assert all(abs(count - 1000) < 5 * (6000 * 1 / 6 * 5 / 6) ** 0.5 for count in counts)


def test_prime_numbers():
    assert [nth_prime(n) for n in range(10)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]


@pytest.mark.parametrize("dimension", range(6))
def test_halton_points_fill_every_interval_alike(dimension):
    base, seen = nth_prime(dimension), 0
    points = halton(dimension, 3000, stream(7, "any"))
    assert points.min() >= 0
    assert points.max() < 1
    for power in (base**k for k in range(1, 12)):
        for start in range(0, len(points) - power + 1, power):
            places = np.floor(points[start : start + power] * power + 1e-9)
            assert sorted(places) == list(range(power))
            seen += 1
    assert seen >= 100


def test_halton_points_are_scrambled_for_every_seed_and_stage_and_key():
    space = {"a": Uniform(low=0.0, high=1.0), "b": Uniform(low=0.0, high=1.0)}
    draws = [draw(space, "halton", 8, seed, stage) for seed in (0, 1) for stage in (1, 2)]
    eighths = [tuple(int(values["a"] * 8) for values in trials) for trials in draws]
    assert len(set(eighths)) == 4
    assert all(sorted(each) == list(range(8)) for each in eighths)


def test_halton_points_of_two_keys_leave_no_large_hole():
    """Of 36 points, one lies in each of the 4 x 9 boxes that two bases make."""
    space = {"a": Uniform(low=0.0, high=1.0), "b": Uniform(low=0.0, high=1.0)}
    trials = draw(space, "halton", 36, 3, 1)
    assert len({(int(each["a"] * 4), int(each["b"] * 9)) for each in trials}) == 36


def test_grid():
    space = {
        "network.0": Choice(values=("relu", "tanh")),
        "optimizer.learning_rate": LogUniform(low=1e-4, high=1e-2),
    }
    assert draw(space, "grid", 7, 0, 1) == [
        {"network.0": name, "optimizer.learning_rate": rate}
        for name in ("relu", "tanh")
        for rate in (1e-4, 1e-3, 1e-2)
    ]


@pytest.mark.parametrize(
    ("space", "trials", "points"),
    [
        ({"a": RATES, "b": PENALTIES}, 100, [10, 10]),
        ({"a": RATES, "b": PENALTIES}, 20, [5, 4]),  # the first in the file gets one more
        ({"a": RATES, "b": PENALTIES}, 3, [3, 1]),
        ({"a": RATES, "b": PENALTIES}, 1, [1, 1]),
        ({"a": RATES, "b": PENALTIES, "c": PENALTIES}, 100, [5, 5, 4]),
        ({"a": RATES}, 11, [11]),
        ({"a": Int(low=1, high=3), "b": RATES}, 100, [3, 33]),
        ({"a": Choice(values=(1, 2, 3)), "b": RATES, "c": RATES}, 50, [3, 4, 4]),
        ({"a": RATES, "b": Choice(values=(1, 2, 3))}, 3, [1, 3]),
        ({"a": RATES, "b": Choice(values=(1, 2, 3))}, 2, [1, 3]),  # narrower than its choices
    ],
)
def test_points_of_a_grid(space, trials, points):
    assert list(points_per_key(space, trials).values()) == points
    assert len(draw(space, "grid", trials, 0, 1)) == np.prod(points)


def test_a_grid_with_one_point_for_a_key_is_in_the_middle():
    assert draw({"a": RATES}, "grid", 1, 0, 1) == [{"a": 1e-3}]
