"""What a sweep says about itself: every rule fires on what it is for, in these words."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from tests.experiments import DIGITS, changed
from tests.search.sweeps import L2, RATE, peak, rates, result_of, simulated, swept_of
from trainer_cli.config.space import Choice, Int, LogInt, LogUniform, Uniform
from trainer_cli.nn.regularization import Regularization
from trainer_cli.search.samplers import draw
from trainer_cli.search.verdicts import judge
from trainer_cli.search.verdicts.proportions import interval, margin, told_apart
from trainer_cli.training.findings import verdict


def judged(swept, examples=1000, majority=0.1):
    return judge(swept, examples, majority)


def only(swept, rule, **facts):
    """Return the one finding of a rule."""
    (finding,) = [each for each in judged(swept, **facts) if each.rule == rule]
    return finding


def rules(swept, **facts):
    return [finding.rule for finding in judged(swept, **facts)]


def line(accuracies, low=1e-6, high=1.0):
    """Return the results of trials at rates from low to high, evenly by their size."""
    values = np.geomspace(low, high, len(accuracies)).tolist()
    return [
        result_of(number, {RATE: rate}, accuracy)
        for number, (rate, accuracy) in enumerate(zip(values, accuracies, strict=True), start=1)
    ]


def test_a_sound_sweep_passes_and_says_something():
    for stages in (1, 2):
        findings = judged(simulated(rates(1e-6, 1.0), peak(1e-3), stages=stages))
        assert {finding.status for finding in findings} == {"pass"}
        assert [f.rule for f in findings] == ["learning-rate-regions", "winner-within-noise"]


def odd_fate(rng):
    """Return some way for a trial to end."""
    return [None, "too large", 0.0, 0.1, 0.97, 1.0, float(rng.random())][rng.integers(7)]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_came_of_the_trials_something_is_said(seed):
    rng = np.random.default_rng(seed)
    kinds = {
        RATE: LogUniform(low=1e-6, high=1.0),
        L2: LogUniform(low=1e-3, high=1e3),
        "network.0.units": LogInt(low=1, high=3),
        "optimizer.momentum": Uniform(low=0.0, high=0.99),
        "network.1": Choice(values=("relu", ["leaky_relu", 1])),
        "seed": Int(low=0, high=9),
    }
    space = {key: kinds[key] for key in rng.permutation(list(kinds))[: rng.integers(1, 5)].tolist()}
    stages, number = [], 0
    for stage in range(1, int(rng.integers(2, 4))):
        results = []
        for values in draw(space, "random", int(rng.choice([1, 2, 7, 30])), seed, stage):
            number += 1
            result = result_of(number, values, odd_fate(rng), stage=stage)
            if result.state == "finished" and rng.random() < 0.2:
                result = replace(result, state="halved")
            results.append(result)
        stages.append((space, results))
    for stopped in ("finished", "interrupted"):
        findings = judged(
            swept_of(*stages, stopped=stopped), examples=int(rng.choice([1, 30, 1000]))
        )
        assert findings
        json.dumps([asdict(finding) for finding in findings], allow_nan=False)


class TestNothingLearned:
    def test_every_trial_exploded(self):
        swept = swept_of((rates(10.0, 1e6), line([None] * 30, 12.34, 9e5)))
        (finding,) = judged(swept)
        assert (finding.rule, finding.status) == ("all-diverged", "fail")
        assert finding.message == (
            "all 30 trials exploded; the lowest learning rate that was tried is 12.3"
        )
        assert finding.hint == "search lower rates: --range optimizer.learning_rate=0.001:10"
        assert finding.measured == 12.34

    def test_every_trial_exploded_at_a_rate_that_is_not_searched(self):
        space = {"optimizer.momentum": Uniform(low=0.5, high=0.9)}
        results = [result_of(1, {"optimizer.momentum": 0.7})]
        (finding,) = judged(swept_of((space, results)))
        assert finding.message == (
            "the only trial exploded; the lowest learning rate that was tried is 0.03"
        )
        assert finding.hint == "search lower rates: --range optimizer.learning_rate=3e-6:0.03"

    def test_a_few_came_through_right_below_the_explosion(self):
        results = [*line([0.1, None, None, None], 1.5, 900.0)]
        (finding,) = judged(swept_of((rates(1.0, 1e3), results)))
        assert finding.rule == "all-diverged"
        assert finding.message == (
            "3 of 4 trials exploded, the others learned nothing; "
            "the lowest learning rate that did is 12.7"
        )
        assert finding.hint == "search lower rates: --range optimizer.learning_rate=0.0001:1"

        space = {L2: LogUniform(low=1e2, high=1e5)}
        results = [result_of(n, {L2: 100.0 + n}, 0.1 if n == 0 else None) for n in range(3)]
        (finding,) = judged(swept_of((space, results)))
        assert finding.hint == (
            "the regularization is too strong, 100 or more in every trial: "
            "--range regularization.l2=0.01:100"
        )

    def test_halving_left_only_those_that_exploded(self):
        results = [result_of(1, {RATE: 0.1}, 0.4, state="halved"), result_of(2, {RATE: 1.0})]
        (finding,) = judged(swept_of((rates(0.1, 1.0), results)))
        assert finding.message == (
            "all 1 trial that halving left exploded; the lowest learning rate that did is 1"
        )

    def test_the_penalty_throws_the_weights(self):
        space = {L2: LogUniform(low=1e3, high=1e5)}
        results = [result_of(n, {L2: 10.0 ** (3 + n / 10)}) for n in range(20)]
        (finding,) = judged(swept_of((space, results)))
        assert finding.hint == (
            "learning rate times l2 is 30 or more, and above 3.8 the penalty alone throws the "
            "weights further with every update: try --range regularization.l2=0.001:10"
        )
        strong = changed(DIGITS, regularization=Regularization(l2=1e3))
        (finding,) = judged(swept_of((rates(0.1, 1.0), line([None] * 3, 0.1)), experiment=strong))
        assert finding.hint == (
            "learning rate times l2 is 100 or more, and above 3.8 the penalty alone throws the "
            "weights further with every update: try --set regularization.l2=0.3"
        )

    def test_the_cost_was_never_finite(self):
        results = [replace(each, original_cost=None) for each in line([None] * 3)]
        (finding,) = judged(swept_of((rates(1e-6, 1.0), results)))
        assert finding.hint == (
            "the cost is not finite before the first update, whatever the rate: look at the scale "
            "of the inputs, of the initial weights and of the penalty (nntrain check-loss)"
        )

    def test_no_trial_learned(self):
        results = [replace(each, learned=0.002) for each in line([0.2] * 10, 1e-9, 9e-7)]
        (finding,) = judged(swept_of((rates(1e-9, 1e-6), results)))
        assert (finding.rule, finding.status) == ("all-too-low", "fail")
        assert finding.message == (
            "none of 10 trials learned anything, at learning rates up to 9e-07: at most 0.2% of "
            "what can be taken off the loss was, in 200 updates"
        )
        assert finding.hint == "search higher rates: --range optimizer.learning_rate=1e-6:0.01"
        assert (finding.measured, finding.threshold) == (0.002, 0.01)

    def test_no_trial_learned_and_some_exploded(self):
        results = line([0.1] * 8 + [None] * 2, 1e-8, 10.0)
        (finding,) = judged(swept_of((rates(1e-8, 10.0), results)))
        assert finding.message == (
            "none of 8 trials that did not explode learned anything, at learning rates up to 0.1: "
            "the loss came no further down than class frequencies alone take it; 2 exploded, the "
            "lowest of them at the learning rate 1"
        )
        assert finding.hint == ("search the rates between: --range optimizer.learning_rate=0.1:1")

    def test_the_rate_is_not_the_cause(self):
        results = line([0.1] * 60, 1e-6, 1.0)
        (finding,) = judged(swept_of((rates(1e-6, 1.0), results)))
        assert finding.hint == (
            "the learning rate is not the cause: look for inputs of a small scale, dead units and "
            "weights that start equal (nntrain check-activations), or labels that do not follow "
            "from the inputs"
        )

    def test_the_penalty_may_be_too_strong(self):
        space = {L2: LogUniform(low=20.0, high=1e3)}
        results = [result_of(n, {L2: 25.0 * n}, 0.1) for n in range(1, 9)]
        weak = replace(DIGITS, optimizer=replace(DIGITS.optimizer, learning_rate=1e-5))
        (finding,) = judged(swept_of((space, results), experiment=weak))
        assert finding.hint == (
            "search higher rates: --range optimizer.learning_rate=1e-5:0.1; or the regularization "
            "is too strong, 25 or more in every trial: --range regularization.l2=0.002:20"
        )
        high = replace(DIGITS, optimizer=replace(DIGITS.optimizer, learning_rate=0.3))
        (finding,) = judged(swept_of((space, results), experiment=high))
        assert finding.hint == (
            "the regularization is too strong, 25 or more in every trial: "
            "--range regularization.l2=0.002:20"
        )
        held = changed(weak, regularization=Regularization(l1=0.5))
        results = line([0.1] * 3, 1e-6, 1e-5)
        (finding,) = judged(swept_of((rates(1e-6, 1e-5), results), experiment=held))
        assert finding.hint == (
            "search higher rates: --range optimizer.learning_rate=1e-5:0.1; or the regularization "
            "is too strong, 0.5 or more in every trial"
        )

    def test_one_that_learned_is_enough(self):
        results = line([0.1] * 30 + [0.2] + [0.1] * 29)
        assert "all-too-low" not in rules(swept_of((rates(1e-6, 1.0), results)))

    @pytest.mark.parametrize("measured", ["train_accuracy", "validation_accuracy"])
    def test_accuracy_halfway_to_1_is_learning_whatever_the_loss(self, measured):
        for accuracy, failed in ((0.54, True), (0.56, False)):
            high = replace(result_of(9, {RATE: 1.7}, 0.1), learned=-0.9, **{measured: accuracy})
            results = [*line([0.1] * 5, 1e-9, 1e-6), high]
            swept = swept_of((rates(1e-9, 10.0), results))
            assert ("all-too-low" in rules(swept)) == failed
            exploded = line([None] * 9, 3.0, 10.0)
            swept = swept_of((rates(1.0, 10.0), [high, *exploded]))
            assert ("all-diverged" in rules(swept)) == failed

    def test_what_cannot_be_learned_is_not_blamed_on_the_rate(self):
        results = [replace(each, learned=None, learnable=0.0) for each in line([1.0] * 30)]
        assert "all-too-low" not in rules(swept_of((rates(1e-6, 1.0), results)), majority=1.0)


class TestMostlyInfeasible:
    def test_most_rates_explode(self):
        swept = swept_of((rates(1e-3, 1e3), line([0.5] * 9 + [0.6, 0.9] + [None] * 19, 1e-3, 1e3)))
        finding = only(swept, "mostly-infeasible")
        assert finding.status == "warn"
        assert finding.message == (
            "19 of 30 trials exploded, nearly all that have optimizer.learning_rate above 0.149"
        )
        assert finding.hint == (
            "search below 0.1, where trials survive: --range optimizer.learning_rate=0.001:0.1"
        )
        assert finding.measured == pytest.approx(19 / 30)

    def test_what_survives_in_a_narrow_range_is_searched_further_down(self):
        results = line([0.9, 0.8] + [None] * 28, 1.0, 1e6)
        finding = only(swept_of((rates(1.0, 1e6), results)), "mostly-infeasible")
        assert finding.hint == (
            "search below 2, where trials survive: --range optimizer.learning_rate=0.01:2"
        )

    def test_one_explosion_out_of_turn_does_not_matter(self):
        accuracies = [0.5] * 4 + [None] + [0.6] * 8 + [None] * 17
        finding = only(
            swept_of((rates(1e-3, 1e3), line(accuracies, 1e-3, 1e3))), "mostly-infeasible"
        )
        assert finding.evidence["border"] == pytest.approx(10**-0.4138, rel=1e-3)

    def test_whole_numbers_end_at_the_border_too(self):
        units = "network.0.units"
        fates = [0.5, 0.9, 0.8, *[None] * 7]
        results = [result_of(n, {units: n}, fate) for n, fate in enumerate(fates, start=1)]
        for kind in (Int, LogInt):
            finding = only(swept_of(({units: kind(low=1, high=10)}, results)), "mostly-infeasible")
            assert finding.hint == (
                "search below 3, where trials survive: --range network.0.units=1:3"
            )
        results = [result_of(n, {units: 1 + n % 3}, None if n % 3 else 0.9) for n in range(30)]
        finding = only(swept_of(({units: Int(low=1, high=3)}, results)), "mostly-infeasible")
        assert finding.hint == "trials survive where it is 1: --set network.0.units=1"

    @pytest.mark.parametrize("at", [1.04, 1.5, 1.96, 9.7])
    def test_the_range_to_try_ends_below_the_border(self, at):
        results = [
            *line([0.9] * 10, 0.2, at / 1.01),
            *[replace(e, trial=e.trial + 10) for e in line([None] * 14, at * 1.01, 20.0)],
        ]
        finding = only(swept_of((rates(0.2, 20.0), results)), "mostly-infeasible")
        top = float(finding.hint.rsplit(":", 1)[1])
        assert top <= finding.evidence["border"] == pytest.approx(at)

    def test_another_key_tells_who_survives(self):
        space = {**rates(1e-3, 1.0), "optimizer.momentum": Uniform(low=0.0, high=1.0)}
        rng = np.random.default_rng(0)
        drawn = [{RATE: 10 ** rng.uniform(-3, 0), "optimizer.momentum": n / 40} for n in range(40)]
        results = [result_of(n, v, 0.5 if n < 15 else None) for n, v in enumerate(drawn)]
        finding = only(swept_of((space, results)), "mostly-infeasible")
        assert finding.message == (
            "25 of 40 trials exploded, nearly all that have optimizer.momentum above 0.362"
        )
        assert finding.hint == (
            "search below 0.36, where trials survive: --range optimizer.momentum=0:0.36"
        )
        results = [result_of(n, v, 0.5 if n >= 25 else None) for n, v in enumerate(drawn)]
        finding = only(swept_of((space, results)), "mostly-infeasible")
        assert finding.message.endswith("that have optimizer.momentum below 0.613")
        assert finding.hint == (
            "search above 0.62, where trials survive: --range optimizer.momentum=0.62:1"
        )

    def test_no_key_tells_who_survives(self):
        accuracies = [0.5, None, None] * 10
        finding = only(swept_of((rates(1e-3, 1.0), line(accuracies, 1e-3))), "mostly-infeasible")
        assert finding.message == "20 of 30 trials exploded, at values of all kinds"
        assert finding.hint == (
            "search lower values of optimizer.learning_rate; trials.csv has which trials survived"
        )
        space = {"loss": Choice(values=("softmax", "svm"))}
        results = [result_of(n, {"loss": "svm"}, a) for n, a in enumerate(accuracies)]
        finding = only(swept_of((space, results)), "mostly-infeasible")
        assert finding.hint == "search narrower ranges; trials.csv has which trials survived"

    def test_most_settings_do_not_go_together(self):
        space = {"network.0.units": Int(low=1, high=100)}
        wide, odd = "the network needs about 9 GiB of memory", "network[0].units: must be even"
        fates = [wide] * 12 + [odd] * 5 + [0.5, 0.9, 0.6]
        results = [result_of(n, {"network.0.units": n}, fate) for n, fate in enumerate(fates)]
        finding = only(swept_of((space, results)), "mostly-infeasible")
        assert (finding.status, finding.message) == (
            "warn",
            "17 of 20 trials could not be trained, 12 of them because the network needs about "
            "9 GiB of memory",
        )
        assert finding.hint == "leave out of sweep.space what does not go together"

    def test_no_setting_can_be_trained(self):
        space = {"network.0.units": Int(low=1, high=100)}
        results = [result_of(n, {"network.0.units": n}, "data: too small") for n in range(5)]
        finding, *_ = judged(swept_of((space, results)))
        assert (finding.rule, finding.status) == ("mostly-infeasible", "fail")
        assert finding.message == "5 of 5 trials could not be trained: data: too small"

    def test_half_is_not_most(self):
        results = line([0.2] * 10 + [0.9] * 5 + [None] * 15, 1e-3, 1e3)
        assert "mostly-infeasible" not in rules(swept_of((rates(1e-3, 1e3), results)))


class TestFlat:
    def test_nothing_that_was_searched_matters(self):
        space = {**rates(0.01, 1.0), "network.0.units": LogInt(low=10, high=100)}
        finding = only(simulated(space, lambda values: 0.8, seed=1), "flat")
        assert finding.status == "warn"
        count = finding.message.split(": ")[1].split(" of")[0]
        top = max(finding.evidence["accuracies"])
        assert finding.message == (
            "it hardly matters what was searched, optimizer.learning_rate from 0.01 to 1 "
            "(2 decades) and network.0.units from 10 to 100 (1 decade): "
            f"{count} of the 59 other trials that finished cannot be told from the best "
            f"({top:.1%}) on 1,000 validation examples"
        )
        assert finding.hint == "search wider ranges or other keys; of these values any will do"

    @pytest.mark.parametrize("trials", [20, 60, 200])
    def test_it_is_found_whatever_the_luck(self, trials):
        found = 0
        for seed in range(20):
            swept = simulated(rates(0.01, 1.0), lambda values: 0.5, trials=trials, seed=seed)
            found += "flat" in rules(swept)
        assert found >= 18

    def test_half_that_are_equal_are_not_enough(self):
        def cliff(values):
            return 0.9 if values[RATE] > 1e-3 else 0.3

        assert "flat" not in rules(simulated(rates(1e-5, 1.0), cliff))

    def test_explosions_matter(self):
        def explodes(values):
            return 0.9 if values[RATE] < 0.5 else None

        assert "flat" not in rules(simulated(rates(1e-2, 1.0), explodes))

    def test_a_later_stage_is_flat_by_design(self):
        swept = simulated(rates(1e-6, 1.0), peak(1e-3), stages=3)
        assert "flat" not in rules(swept)

    def test_few_validation_examples_cannot_tell(self):
        swept = simulated(rates(0.01, 1.0), lambda values: 0.8, examples=100)
        assert "flat" not in rules(swept, examples=100)

    @pytest.mark.parametrize(
        "space",
        [{"seed": Int(low=0, high=10**6)}, {"network.1": Choice(values=("relu", "tanh"))}],
        ids=["seeds", "choices"],
    )
    def test_seeds_and_choices_are_not_more_or_less(self, space):
        findings = judged(simulated(space, lambda values: 0.8))
        assert [f.rule for f in findings] == ["winner-within-noise"]


class TestFewTrials:
    def test_so_few_trials_miss_a_good_region(self):
        finding = only(simulated(rates(1e-6, 1.0), peak(1e-3), trials=3), "few-trials")
        assert finding.status == "warn"
        assert finding.message == (
            "3 trials of the first stage hit the best tenth of the space with a chance of only "
            "27%, whatever it looks like"
        )
        assert finding.hint == "with --trials 22 the chance is 90%"
        assert finding.measured == pytest.approx(1 - 0.9**3)

    @pytest.mark.parametrize(("trials", "few"), [(1, True), (21, True), (22, False)])
    def test_22_are_enough(self, trials, few):
        swept = simulated(rates(1e-6, 1.0), peak(1e-3), trials=trials)
        assert ("few-trials" in rules(swept)) == few

    def test_only_those_that_were_trained_count(self):
        results = line([0.5] * 14 + ["too large"] * 6)
        finding = only(swept_of((rates(1e-6, 1.0), results)), "few-trials")
        assert finding.message == (
            "the 14 trained trials of the first stage hit the best tenth of the space with a "
            "chance of only 77%, whatever it looks like"
        )
        assert finding.hint == (
            "with --trials 32, as large a share of them trained, the chance is 90%"
        )
        assert finding.measured == pytest.approx(1 - 0.9**14)
        none = swept_of((rates(1e-6, 1.0), line(["too large"] * 6)))
        assert "few-trials" not in rules(none)

    def test_a_later_stage_does_not_count(self):
        swept = simulated(rates(1e-6, 1.0), peak(1e-3), trials=15, stages=3)
        assert "few-trials" in rules(swept)

    def test_no_more_settings_than_trials(self):
        space = {
            "network.0.units": Int(low=8, high=10),
            "network.1": Choice(values=("relu", "tanh")),
        }
        swept = simulated(space, lambda values: 0.5, sampler="grid")
        assert len(swept.results) == 6
        assert "few-trials" not in rules(swept)

    def test_a_coarse_grid(self):
        space = {**rates(1e-6, 1.0), L2: LogUniform(low=1e-5, high=1e2)}
        finding = only(simulated(space, peak(1e-3), trials=20, sampler="grid"), "few-trials")
        assert finding.message == (
            "the grid has few different values: 4 of regularization.l2; a good one between is "
            "missed easily"
        )
        assert finding.hint == (
            "--set sweep.sampler=halton tries another value of every key in every trial; a grid "
            "with 5 values of each takes --trials 25"
        )
        assert "few-trials" not in rules(simulated(space, peak(1e-3), trials=25, sampler="grid"))

    @pytest.mark.parametrize(("trials", "few"), [(9, True), (10, False)])
    def test_a_grid_of_one_key(self, trials, few):
        swept = simulated(rates(1e-6, 1.0), peak(1e-3), trials=trials, sampler="grid")
        assert ("few-trials" in rules(swept)) == few


class TestWinner:
    ACCURACIES = (0.531, 0.529, 0.52, 0.488, 0.486, 0.3)

    def test_which_trials_cannot_be_told_from_the_best(self):
        swept = swept_of((rates(1e-6, 1.0), line(self.ACCURACIES)))
        finding = only(swept, "winner-within-noise")
        assert finding.status == "pass"
        assert finding.hint is None
        assert finding.message == (
            "trial 1 (53.1%) cannot be told from 3 others on 1,000 validation examples "
            "(95% interval 50.0% to 56.2%): 2, 3, 4"
        )
        assert finding.evidence["not_told_apart"] == [2, 3, 4]
        assert finding.evidence["note"] == "the best of many trials looks better than it is"

    def test_the_difference_of_two_shares(self):
        # Wilson's intervals: 0.5020 to 0.6906 for 60 of 100, 0.4038 to 0.5962 for 50 of 100.
        assert interval(0.6, 100) == pytest.approx((0.5020, 0.6906), abs=5e-5)
        assert interval(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=5e-5)
        assert margin(0.6, 0.5, 100) == pytest.approx(np.hypot(0.0980, 0.0962), abs=1e-4)
        assert not told_apart(0.6, 0.5, 100)
        assert told_apart(0.6, 0.46, 100)
        assert interval(1.0, 10)[1] == pytest.approx(1.0)
        assert interval(0.0, 10)[0] == 0.0

    def test_a_clear_winner(self):
        swept = swept_of((rates(1e-6, 1.0), line([0.3, 0.9, 0.4])))
        assert only(swept, "winner-within-noise").message == (
            "trial 2 (90.0%) is better than all 2 others beyond noise on 1,000 validation "
            "examples (95% interval 88.0% to 91.7%)"
        )
        swept = swept_of((rates(1e-6, 1.0), line([0.3, 0.9])))
        assert only(swept, "winner-within-noise").message == (
            "trial 2 (90.0%) is better than the other one beyond noise on 1,000 validation "
            "examples (95% interval 88.0% to 91.7%)"
        )

    def test_nobody_to_compare_with(self):
        swept = swept_of((rates(1e-6, 1.0), line([0.9])))
        assert only(swept, "winner-within-noise").message == (
            "trial 1 (90.0%) is the only one that finished in its stage, measured on 1,000 "
            "validation examples (95% interval 88.0% to 91.7%)"
        )

    def test_many_are_not_all_named(self):
        finding = only(swept_of((rates(1e-6, 1.0), line([0.9] * 14))), "winner-within-noise")
        assert finding.message.endswith(": 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more")
        finding = only(swept_of((rates(1e-6, 1.0), line([0.9, 0.9]))), "winner-within-noise")
        assert finding.message.startswith("trial 1 (90.0%) cannot be told from one other on 1,000 ")

    def test_trials_are_compared_within_the_last_stage_with_any(self):
        first, last = line([0.9] * 5), line([0.91, 0.9, 0.5])
        last = [replace(each, trial=each.trial + 5, stage=2) for each in last]
        swept = swept_of((rates(1e-6, 1.0), first), (rates(1e-6, 1.0), last))
        assert only(swept, "winner-within-noise").evidence["not_told_apart"] == [7]

    def test_too_few_validation_examples(self):
        swept = swept_of((rates(1e-3, 1.0), line([0.97, 0.95, 0.94, 0.9, 0.89, 0.5])))
        finding = only(swept, "winner-within-noise", examples=36)
        assert finding.status == "warn"
        assert finding.hint == (
            "give more examples to data.split.validation, or train the best few with several "
            "seeds: the best of many trials looks better than it is"
        )
        assert only(swept, "winner-within-noise", examples=400).status == "pass"

    def test_the_largest_class_does_as_well(self):
        swept = swept_of((rates(1e-3, 1.0), line([0.95, 0.94, 0.5])))
        finding = only(swept, "winner-within-noise", majority=0.94)
        assert finding.status == "warn"
        assert finding.message.endswith("): 2; naming the largest class every time gives 94.0%")
        assert finding.hint == (
            "what was learned does not carry over to the validation examples: look at the labels, "
            "at how the data are split and at how few examples there are"
        )


class TestRegions:
    def test_too_low_usable_and_exploding(self):
        accuracies = [0.11] * 6 + [0.3, 0.8, 0.9, 0.85] + [None] * 3
        finding = only(
            swept_of((rates(1e-6, 10.0), line(accuracies, 1e-6, 10.0))), "learning-rate-regions"
        )
        assert finding.status == "pass"
        assert finding.message == (
            "learning rates from 0.0016 to 0.35 are usable; lower ones are too low, higher ones "
            "explode"
        )
        low, usable, high = (finding.evidence[k] for k in ("too_low", "usable", "exploding"))
        assert low == [1e-6, usable[0]]
        assert usable == pytest.approx([10**-2.792, 10**-0.458], rel=1e-3)
        assert high == [usable[1], 10.0]

    @pytest.mark.parametrize(
        ("accuracies", "message"),
        [
            (
                [0.8, 0.9, 0.7],
                "from 1e-06 to 1 are usable; none that was tried is too low, none explodes",
            ),
            (
                [0.1, 0.9, 0.7],
                "from somewhere between 1e-06 and 0.001 to 1 are usable; lower ones are too low, "
                "none explodes",
            ),
            (
                [0.8, 0.9, None],
                "from 1e-06 to somewhere between 0.001 and 1 are usable; none that was tried is "
                "too low, higher ones explode",
            ),
        ],
    )
    def test_some_regions_are_not_there(self, accuracies, message):
        finding = only(swept_of((rates(1e-6, 1.0), line(accuracies))), "learning-rate-regions")
        assert finding.message == f"learning rates {message}"

    def test_one_trial_out_of_turn_moves_no_border(self):
        sound = [0.1] * 5 + [0.8, 0.85, 0.9, 0.88, 0.8] + [None] * 5
        odd = list(sound)
        odd[6], odd[2], odd[12] = None, 0.5, 0.7
        regions = [
            only(swept_of((rates(1e-6, 1.0), line(each))), "learning-rate-regions").evidence[
                "usable"
            ]
            for each in (sound, odd)
        ]
        assert regions[0] == regions[1]

    def test_rates_that_ruin_the_network_without_a_bang_are_no_better(self):
        swept = swept_of((rates(1e-6, 1.0), line([0.1, 0.5, 0.9, 0.1, 0.1, None])))
        finding = only(swept, "learning-rate-regions")
        assert finding.evidence["trials"] == {"too_low": 1, "usable": 2, "exploding": 3}

    def message(self, space, results):
        return only(swept_of((space, results)), "learning-rate-regions").message

    def test_some_explode_among_those_that_learn(self):
        """The best trial is usable, though its loss rose and some lower rates explode."""
        accuracies = [0.83, 0.84, None, 0.8, 0.87, None, 0.8, 0.75, None, None, None]
        results = [
            replace(each, learned=each.learned and -0.5) for each in line(accuracies, 1.2, 2.0)
        ]
        finding = only(swept_of((rates(1.2, 2.0), results)), "learning-rate-regions")
        assert finding.message == (
            "learning rates from 1.2 to 1.8 are usable; none that was tried is too low, from 1.3 "
            "to 1.7 some explode, all higher ones do"
        )
        assert finding.measured == results[4].values[RATE]
        assert finding.evidence["some_explode"] == [results[k].values[RATE] for k in (2, 7)]
        assert self.message(rates(1.2, 2.0), line([0.8, None, 0.9], 1.2, 2.0)) == (
            "learning rates from 1.2 to 2 are usable; none that was tried is too low, from 1.5 to "
            "2 some explode"
        )

    @pytest.mark.parametrize("seed", range(30))
    def test_the_best_trial_is_usable(self, seed):
        rng = np.random.default_rng(seed)
        accuracies = [[None, 0.1, 0.5, 0.6, 0.9][k] for k in rng.integers(5, size=20)]
        swept = swept_of((rates(1e-6, 1.0), line([*accuracies, 0.91])))
        low, high = only(swept, "learning-rate-regions").evidence["usable"]
        assert low <= swept.best.values[RATE] <= high

    def test_the_best_trial_of_a_later_stage_is_usable(self):
        later = result_of(9, {RATE: 0.2}, 0.95, stage=2)
        swept = swept_of(
            (rates(1e-6, 1.0), line([0.1, 0.3, 0.9, None], 1e-3, 0.3)), (rates(1e-2, 1.0), [later])
        )
        low, high = only(swept, "learning-rate-regions").evidence["usable"]
        assert low <= 0.2 <= high <= 0.3

    def test_borders_are_told_apart(self):
        space = {RATE: Int(low=1, high=2)}
        both = [result_of(n, {RATE: rate}, 0.9) for n, rate in enumerate((1.0, 1.01, 1.02))]
        both += [result_of(9, {RATE: 1.021})]
        assert self.message(space, both) == (
            "learning rates from 1 to 1.02 are usable; none that was tried is too low, higher "
            "ones explode"
        )
        assert self.message(space, [result_of(n, {RATE: 1}, 0.9) for n in range(3)]) == (
            "the learning rate 1 is usable; none that was tried is too low, none explodes"
        )
        same = [result_of(n, {RATE: 1}, fate) for n, fate in enumerate((0.9, None))]
        assert self.message(space, same) == (
            "the learning rate 1 is usable; none that was tried is too low, at 1 some explode"
        )

    def test_nobody_was_near_the_border(self):
        fates = {1e-200: 0.1, 4e-20: 0.1, 2.6: 0.8, 6e13: None, 1e300: None}
        results = [result_of(n, {RATE: rate}, fate) for n, (rate, fate) in enumerate(fates.items())]
        assert self.message(rates(1e-300, 1e300), results) == (
            "learning rates from somewhere between 4e-20 and 2.6 to somewhere between 2.6 and "
            "6e+13 are usable; lower ones are too low, higher ones explode"
        )

    def test_nothing_is_too_low_right_below_the_explosion(self):
        results = line([0.1, 0.9, 0.5, 0.8, None, None, None], 2.0, 100.0)
        finding = only(swept_of((rates(1.0, 100.0), results)), "learning-rate-regions")
        assert finding.evidence["too_low"] is None

    def test_only_where_the_rate_alone_is_searched_and_all_are_trained_alike(self):
        both = {**rates(1e-6, 1.0), L2: LogUniform(low=1e-5, high=1.0)}
        assert "learning-rate-regions" not in rules(simulated(both, peak(1e-3)))
        results = line([0.1, 0.5, 0.9])
        results[0] = replace(results[0], state="halved")
        assert "learning-rate-regions" not in rules(swept_of((rates(1e-6, 1.0), results)))


class TestInterrupted:
    def test_only_what_stays_true_is_said(self):
        swept = swept_of((rates(1e-6, 1.0), line([0.9, 0.89])), stopped="interrupted")
        skipped, winner = judged(swept)
        assert (skipped.rule, skipped.status) == ("best-at-edge", "skip")
        assert skipped.message == (
            "what the ranges are worth is not judged: the sweep was interrupted"
        )
        assert skipped.hint == "go on with it: nntrain sweep --resume and the run's folder"
        assert winner.rule == "winner-within-noise"
        assert verdict([skipped, winner]) == "pass"

    def test_nothing_finished(self):
        swept = swept_of((rates(1e-6, 1.0), line([None])), stopped="interrupted")
        assert [f.status for f in judged(swept)] == ["skip"]
