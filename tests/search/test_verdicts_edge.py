"""Best at an edge: found where better values lie beyond, and nowhere else, whatever the luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, changed
from tests.search.sweeps import L2, RATE, peak, rates, result_of, simulated, swept_of
from trainer_cli.config.space import Choice, Int, LogInt, LogUniform, Uniform
from trainer_cli.nn.layers import Dense, Dropout, Relu
from trainer_cli.search.verdicts import judge
from trainer_cli.search.verdicts.beyond import beyond
from trainer_cli.search.verdicts.rising import rises, student
from trainer_cli.search.verdicts.suggestions import bounds

FLAT_KEY = {L2: LogUniform(low=1e-6, high=1e-3)}
ANY = (-float("inf"), float("inf"))


def edges(swept, examples=1000):
    """Return the keys and ends that are warned of."""
    findings = judge(swept, examples, 0.1)
    return [(f.evidence["key"], f.evidence["end"]) for f in findings if f.rule == "best-at-edge"]


def share(space, surface, end=None, *, examples=1000, seeds=25, first=0, **settings):
    """Return how often an end is warned of, any end if none is given."""
    found = 0
    for seed in range(first, first + seeds):
        swept = simulated(space, surface, seed=seed, examples=examples, **settings)
        warned = edges(swept, examples)
        found += (RATE, end) in warned if end else bool(warned)
    return found / seeds


def test_better_rates_lie_higher():
    swept = simulated(rates(1e-6, 1e-3), peak(1e-2))
    (finding,) = [f for f in judge(swept, 1000, 0.1) if f.rule == "best-at-edge"]
    best = finding.evidence["best"]
    assert finding.status == "warn"
    assert finding.message == (
        "the best trials lie at the high end of optimizer.learning_rate, and accuracy rises "
        f"towards it: the best 6 have {min(best):.3g} to {max(best):.3g}, and 1e-6 to 0.001 was "
        "searched"
    )
    assert finding.hint == (
        "better values may lie beyond: --range optimizer.learning_rate=0.0002:0.1"
    )
    assert finding.evidence["searched"] == [1e-6, 1e-3]
    assert finding.evidence["try"] == [2e-4, 0.1]


def test_better_rates_lie_lower():
    swept = simulated(rates(1e-3, 1.0), peak(1e-4))
    (finding,) = [f for f in judge(swept, 1000, 0.1) if f.rule == "best-at-edge"]
    assert finding.message.startswith(
        "the best trials lie at the low end of optimizer.learning_rate, and accuracy rises "
    )
    assert finding.hint == (
        "better values may lie beyond: --range optimizer.learning_rate=1e-5:0.007"
    )


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("second", [{}, FLAT_KEY], ids=["rate alone", "flat second key"])
@pytest.mark.parametrize("trials", [10, 20, 60])
def test_a_peak_inside_is_at_no_edge(trials, second, stages):
    shares = [
        share(
            {**rates(1e-6, 1.0), **second},
            peak(10 ** (6 * (place - 1)), cliff=30),
            trials=trials,
            stages=stages,
            first=round(1000 * place),
        )
        for place in (0.15, 0.3, 0.5, 0.7, 0.8)
    ]
    assert np.mean(shares) < 0.05, shares


@pytest.mark.parametrize(
    ("trials", "stages", "least"), [(20, 1, 0.8), (20, 2, 0.9), (60, 1, 0.9), (60, 2, 0.9)]
)
@pytest.mark.parametrize("low", [1e-6, 1e-3])
def test_a_peak_a_decade_outside_is_found(low, trials, stages, least):
    space, settings = rates(low, 1.0), {"trials": trials, "stages": stages}
    assert share(space, peak(10.0), "high", **settings) >= least
    assert share(space, peak(low / 10), "low", **settings) >= least
    if trials > 20:
        assert share({**space, **FLAT_KEY}, peak(10.0), "high", **settings) >= least


@pytest.mark.parametrize("sampler", ["grid", "halton"])
def test_other_samplers_are_judged_alike(sampler):
    space = rates(1e-6, 1.0)
    assert share(space, peak(10.0), "high", trials=20, sampler=sampler, seeds=10) >= 0.9
    assert share(space, peak(1e-3), trials=20, sampler=sampler, seeds=10) == 0


def test_accuracy_that_comes_to_rest_is_at_no_edge():
    def plateau(values):
        return 0.9 if values[RATE] > 1e-2 else 0.3

    assert share(rates(1e-6, 1.0), plateau) < 0.05
    assert share({L2: LogUniform(low=1e-6, high=1e-3)}, lambda values: 0.9) < 0.05


def test_the_edge_of_the_explosion_is_no_edge_of_the_range():
    """Plain descent is often best right below the rates that explode."""
    for cliff in (0.01, 0.1, 0.5):
        surface = peak(10.0, cliff=cliff / 10.0)
        assert share(rates(1e-6, 1.0), surface, trials=100, seeds=10) == 0
        assert share(rates(1e-6, 1.0), surface, "low", trials=20, seeds=10) == 0


def test_a_peak_right_below_the_explosion_is_at_no_low_end():
    """However far the search went on beyond it."""
    assert share(rates(1e-2, 1e6), peak(0.3, cliff=5.0), trials=60) < 0.05
    assert share(rates(1e-1, 1e6), peak(0.01, cliff=100.0), "low", trials=60, stages=2) > 0.8


def test_halved_and_infeasible_trials_speak_too():
    values = np.geomspace(1e-6, 1.0, 40).tolist()
    surface = peak(1e-2)
    results = [result_of(n, {RATE: rate}, surface({RATE: rate})) for n, rate in enumerate(values)]
    cut = [replace(each, state="halved") if each.values[RATE] > 1e-1 else each for each in results]
    assert edges(swept_of((rates(1e-6, 1.0), cut))) == []
    rising = peak(10.0)
    results = [
        result_of(n, {RATE: rate}, rising({RATE: rate}) if rate < 0.3 else "too large")
        for n, rate in enumerate(values)
    ]
    assert edges(swept_of((rates(1e-6, 1.0), results))) == []


def test_the_other_keys_are_held_where_they_are_good():
    space = {**rates(1e-6, 1e-3), L2: LogUniform(low=1e-5, high=1e2)}

    def spoilt(values):
        return peak(1e-2)(values) if values[L2] < 1.0 else 0.1

    assert share(space, spoilt, "high", trials=100, seeds=10) >= 0.9
    space = {**rates(1e-6, 1e-3), "network.1": Choice(values=("relu", "tanh"))}

    def chosen(values):
        return peak(1e-2)(values) if values["network.1"] == "relu" else 0.1

    assert share(space, chosen, "high", trials=100, seeds=10) >= 0.9


def test_a_narrowed_end_counts_only_where_nobody_was_beyond():
    whole, narrow = rates(1e-6, 1.0), rates(1e-5, 1e-3)
    surface = peak(1e-2)
    rising = [
        result_of(100 + n, {RATE: rate}, surface({RATE: rate}), stage=2)
        for n, rate in enumerate(np.geomspace(1e-5, 1e-3, 30).tolist())
    ]
    first = [result_of(n, {RATE: 10.0**-n}, 0.3) for n in range(3, 7)]
    beyond_it = result_of(7, {RATE: 0.1}, 0.3)
    assert edges(swept_of((whole, first), (narrow, rising))) == [(RATE, "high")]
    assert edges(swept_of((whole, [*first, beyond_it]), (narrow, rising))) == []


def test_the_same_settings_again_are_no_further_evidence():
    space = {"network.0.units": LogInt(low=4, high=16)}
    accuracies = {4: 0.90, 6: 0.901, 8: 0.903, 10: 0.905, 13: 0.907, 16: 0.909}

    def results(times):
        units = sorted(accuracies) * times
        return [result_of(n, {"network.0.units": u}, accuracies[u]) for n, u in enumerate(units)]

    for times in (1, 20, 200):
        assert edges(swept_of((space, results(times)))) == []


def test_seeds_have_no_edge():
    rng = np.random.default_rng(0)
    results = [result_of(n, {"seed": n}, 0.5 + n / 100 + rng.normal() / 1e3) for n in range(40)]
    assert edges(swept_of(({"seed": Int(low=0, high=40)}, results))) == []


class TestBeyond:
    def test_a_range_of_sizes(self):
        searched = LogUniform(low=1e-6, high=1e-3)
        assert beyond(searched, "high", [2e-5, 9e-4], ANY) == (1e-4, 0.1)
        assert beyond(searched, "high", [3.4e-4, 9e-4], ANY) == (3e-4, 0.1)
        assert beyond(searched, "low", [1e-6, 2e-6], (0.0, float("inf"))) == (1e-8, 2e-6)

    def test_up_to_what_a_setting_may_be(self):
        assert beyond(LogUniform(low=0.1, high=0.6), "high", [0.5], (0.0, 1.0)) == (0.5, 0.96)
        assert beyond(Uniform(low=0.1, high=0.5), "high", [0.4, 0.5], (0.0, 1.0)) == (0.4, 0.9)
        assert beyond(Uniform(low=0.1, high=0.5), "low", [0.1, 0.2], (0.0, 1.0)) == (0.01, 0.2)

    def test_nothing_is_beyond_what_a_setting_may_be(self):
        assert beyond(Uniform(low=0.0, high=0.5), "low", [0.0], (0.0, 1.0)) is None
        assert beyond(Uniform(low=0.0, high=0.99), "high", [0.9], (0.0, 1.0)) is None
        assert beyond(Int(low=1, high=9), "low", [1], (1.0, float("inf"))) is None

    def test_whole_numbers_stay_whole(self):
        assert beyond(LogInt(low=10, high=200), "high", [150, 200], (1.0, ANY[1])) == (150, 2000)
        assert beyond(LogInt(low=10, high=200), "low", [10, 20], (1.0, ANY[1])) == (2, 20)
        assert beyond(Int(low=2, high=10), "high", [3, 10], (1.0, ANY[1])) == (6, 18)

    def test_what_a_setting_may_be(self):
        layers = (Dense(units=9), Relu(), Dropout(rate=0.3), Dense(units=3))
        experiment = changed(DIGITS, network=layers)
        assert bounds(experiment, "network.2.rate") == (0, 1)
        assert bounds(experiment, "network.0.units") == (1, float("inf"))
        assert bounds(experiment, "optimizer.learning_rate")[0] == 0
        assert bounds(experiment, "optimizer.momentum") == (0, 1)
        assert bounds(experiment, "network.0.l2") == (0, float("inf"))
        for path in (
            "network.7.units",
            "network.a.units",
            "loss.margin",
            "data.features",
            "seed.a",
        ):
            assert bounds(experiment, path) == ANY

    def test_no_warning_where_nothing_lies_beyond(self):
        layers = (Dense(units=9), Relu(), Dropout(rate=0.3), Dense(units=3))
        experiment, key = changed(DIGITS, network=layers), "network.2.rate"
        for low, warned in ((0.0, []), (0.2, [(key, "low")])):
            space = {key: Uniform(low=low, high=low + 0.5)}
            swept = simulated(space, lambda values: 0.9 - values[key], experiment=experiment)
            assert edges(swept) == warned


class TestRises:
    def judge(self, places, accuracy, stages=None, examples=10_000):
        places = np.asarray(places, np.float64)
        stages = np.zeros(len(places), np.intp) if stages is None else np.asarray(stages)
        return rises(places, np.asarray(accuracy, np.float64), stages, examples)

    def test_four_trials_at_three_values_in_the_outer_half_are_needed(self):
        x = np.linspace(0.0, 1.0, 7)
        assert self.judge(x, 0.5 + 0.3 * x)
        assert not self.judge(x[:6] - 0.2, 0.5 + 0.3 * x[:6])
        assert not self.judge(x[4:], 0.5 + 0.3 * x[4:])
        assert not self.judge([0.7, 0.7, 1.0, 1.0], [0.5, 0.5, 0.9, 0.9])
        assert not self.judge([], [])

    def test_a_turn_before_the_end(self):
        x = np.linspace(0.0, 1.0, 41)
        assert self.judge(x, 0.8 - (x - 1.1) ** 2)
        assert not self.judge(x, 0.8 - (x - 0.85) ** 2)
        assert not self.judge(x, 0.8 + 0.3 * x - 0.5 * (x > 0.95))

    def test_five_examples_must_tell(self):
        x = np.linspace(0.0, 1.0, 401)
        assert not self.judge(x, 0.99 + 0.01 * x, examples=1_500)
        assert self.judge(x, 0.99 + 0.01 * x, examples=10_000)

    def test_every_stage_has_a_level_of_its_own(self):
        x = np.linspace(0.6, 1.0, 20)
        stages, level = np.arange(20) % 2, np.where(np.arange(20) % 2, 0.1, 0.0)
        assert self.judge(x, 0.5 + 0.2 * x + level, stages)
        both = np.concatenate([x, 0.5 * x + 0.5])
        later = np.repeat([0, 1], 20)
        assert not self.judge(both, np.where(later, 0.9, 0.5), later)

    def test_a_stage_with_few_trials_does_not_count(self):
        x = np.concatenate([[0.75, 0.8, 0.98], np.linspace(0.7, 1.0, 9)])
        y = np.concatenate([[0.3, 0.3, 0.9], np.full(9, 0.8)])
        assert not self.judge(x, y, [0] * 3 + [1] * 9)

    def test_student(self):
        known = {2: 2.920, 3: 2.353, 5: 2.015, 10: 1.812, 30: 1.697, 1000: 1.646}
        for freedom, quantile in known.items():
            assert student(freedom) == pytest.approx(quantile, rel=0.015)
