"""Every rule names the fault that it is for, and nothing is said of healthy runs of many kinds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.training.faults import FAULTS, HEALTHY, points, relabeled, run
from tests.training.judging import history_of, judged, wrong
from trainer_cli.optim.optimizers import Adam, Momentum
from trainer_cli.training.diagnosis import RULES, live


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", HEALTHY)
def test_a_healthy_run_raises_no_alarm(kind, seed):
    experiment = replace(HEALTHY[kind], seed=seed)
    findings = judged(experiment)
    assert wrong(findings) == [], [findings[rule].message for rule in wrong(findings)]
    assert live(experiment, history_of(experiment)) == []


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("rule", "experiment"), FAULTS, ids=[rule for rule, _ in FAULTS])
def test_a_fault_is_named_and_no_other_misleads(rule, experiment, seed):
    findings = judged(replace(experiment, seed=seed))
    assert wrong(findings) == [rule], [findings[rule].message for rule in wrong(findings)]
    assert findings[rule].hint


@pytest.mark.parametrize("experiment", [run(8), points("blobs", 3, epochs=10)])
def test_shifted_validation_labels_are_named(experiment):
    assert wrong(judged(experiment, relabeled(experiment))) == ["validation-worse-than-chance"]


def test_noise_learned_by_heart_is_worth_nothing():
    noise = points("gaussian", 3, epochs=60, units=150, examples=400)
    assert wrong(judged(noise)) == ["validation-worse-than-chance"]


def test_label_noise_learned_by_heart_is_overfitting():
    experiment = run(40, optimizer=Adam(learning_rate=5e-3))
    noisy = relabeled(experiment, 0.4, part="train")
    assert wrong(judged(experiment, noisy)) == ["overfitting"]


def test_label_noise_that_is_not_learned_is_no_underfitting():
    experiment = run(6, optimizer=Momentum(learning_rate=0.003))
    noisy = relabeled(experiment, 0.3, part="train")
    assert wrong(judged(experiment, noisy)) == []


def test_every_rule_is_tried():
    tried = Counter(rule for rule, _ in FAULTS)
    assert set(tried) == set(RULES) - {"validation-worse-than-chance"}
    assert min(tried.values()) >= 2
    assert len(HEALTHY) >= 20
