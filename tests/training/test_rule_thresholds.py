"""Thresholds of rules about trainings and sweeps, set otherwise, decide otherwise."""

from __future__ import annotations

from dataclasses import replace

from tests.experiments import DIGITS
from tests.search.sweeps import RATE, rates, result_of, simulated, swept_of
from tests.training.faults import FAULTS, relabeled, run
from tests.training.judging import LOW, judged, wrong
from tests.training.test_fold_findings import figures
from trainer_cli.config.rules import (
    ExplodingGradient,
    Flat,
    FoldSpread,
    LearningRateRegions,
    Plateau,
    ValidationWorseThanChance,
)
from trainer_cli.search.verdicts import judge
from trainer_cli.training.fold_findings import judge_folds

OF = dict(FAULTS)


def with_rules(experiment, *rules):
    return replace(experiment, checks=frozenset(rules))


def test_gradients_may_swell_further():
    experiment = OF["exploding-gradient"]
    assert wrong(judged(experiment)) == ["exploding-gradient"]
    rule = ExplodingGradient(unusual_growth=1e12)
    assert "exploding-gradient" not in wrong(judged(with_rules(experiment, rule)))


def test_how_large_a_gap_chance_needs():
    experiment = run(8)
    shifted = relabeled(experiment)
    rule = ValidationWorseThanChance(gap=0.99)
    findings = judged(with_rules(experiment, rule), shifted)
    assert findings["validation-worse-than-chance"].status == "pass"


def test_what_is_progress():
    assert wrong(judged(run(3))) == []
    found = judged(with_rules(run(3), Plateau(progress=0.9999)))["plateau"]
    assert found.message.startswith("the loss has barely moved")
    moved = judged(with_rules(run(3), Plateau(progress=0.05)))[LOW]
    assert (moved.status, moved.threshold) == ("pass", 0.05)


def test_how_seldom_folds_must_differ():
    def status(*rules):
        accuracies = figures(0.9, 0.93, 0.87, 0.91)
        found = judge_folds(accuracies, 0.25, stops_early=False, rules=rules)
        return {finding.rule: finding.status for finding in found}["fold-spread"]

    assert status() == "pass"
    assert status(FoldSpread(chance=0.5)) == "warn"


def test_how_many_must_be_as_good_for_a_flat_space():
    def statuses(*rules):
        experiment = with_rules(DIGITS, *rules)
        swept = simulated(rates(0.01, 1.0), lambda values: 0.8, seed=1, experiment=experiment)
        return {finding.rule: finding.status for finding in judge(swept, 1000, 0.11)}

    assert statuses()["flat"] == "warn"
    assert "flat" not in statuses(Flat(equal_share=0.999))


def test_how_little_is_too_little_for_a_usable_rate():
    def too_low(*rules):
        space, accuracies = rates(1e-6, 1.0), [0.1, 0.3, 0.5, 0.9, 0.8]
        results = [
            result_of(n + 1, {RATE: 10.0 ** (n - 6)}, each) for n, each in enumerate(accuracies)
        ]
        swept = swept_of((space, results), experiment=with_rules(DIGITS, *rules))
        found = {finding.rule: finding for finding in judge(swept, 1000, 0.11)}
        return found["learning-rate-regions"].evidence["trials"]["too_low"]

    assert too_low() == 1
    assert too_low(LearningRateRegions(too_little=0.4)) == 2
