"""The whole recipe: its order, what a failure leaves out, verdicts repeated with other seeds."""

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, changed, data_of
from trainer_cli.checks import preflight
from trainer_cli.checks.preflight import check_all
from trainer_cli.checks.recipe import NAMES, STEPS, Step
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.training.findings import Finding, verdict

WILD = changed(DIGITS, network=(Dense(units=50, init=Normal(std=30)), Relu(), Dense(units=10)))


def ran(experiment=DIGITS, **options):
    return {each.name: each.findings for each in check_all(experiment, data_of(DIGITS), **options)}


def test_a_sound_experiment_passes_all_checks_in_order():
    found = ran()
    assert tuple(found) == NAMES
    assert len(NAMES) >= 5
    for name, findings in found.items():
        assert verdict(findings) == "pass", name


def test_what_depends_on_a_failure_is_skipped_and_says_so():
    found = ran(WILD, seeds=1)
    assert verdict(found["loss"]) == "fail"
    grad, *_ = found["grad"]
    assert len(found["grad"]) == 4
    assert grad.status == "skip"
    assert grad.message == "not checked: loss failed, and it depends on that"
    assert grad.hint == "mend that first; --keep-going checks it all the same"
    assert verdict(ran(WILD, seeds=1, keep_going=True)["grad"]) == "pass"


def test_only_what_is_chosen_runs():
    assert list(ran(chosen=["reg", "loss"])) == ["loss", "reg"]


def test_every_need_is_a_check_that_comes_before():
    for position, step in enumerate(STEPS):
        assert set(step.needs) <= set(NAMES[:position])


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [({0, 1, 2}, "fail", "3 of 5"), ({0, 1}, "warn", "2 of 5"), ({0}, "warn", "1 of 5")],
)
def test_a_verdict_is_repeated_with_other_seeds(wrong, status, told, monkeypatch):
    def judge(experiment, dataset):
        bad = experiment.seed in wrong
        return [Finding(rule="overfit", status="fail" if bad else "pass", message="so it is")]

    monkeypatch.setattr(
        preflight, "STEPS", (Step(name="overfit", rules=("overfit",), check=judge, drawn=True),)
    )
    ((finding,),) = ran().values()
    assert (finding.status, finding.message) == (status, f"so it is ({told} seeds)")
    ((alone,),) = ran(seeds=1).values()
    assert (alone.status, alone.message) == ("fail", "so it is")


def test_the_data_stay_as_they_are_divided(monkeypatch):
    seen = []

    def judge(experiment, dataset):
        seen.append((experiment.seed, experiment.data_seed))
        return [Finding(rule="overfit", status="fail", message="no")]

    monkeypatch.setattr(
        preflight, "STEPS", (Step(name="overfit", rules=("overfit",), check=judge, drawn=True),)
    )
    ran(replace(DIGITS, seed=7), seeds=3)
    assert seen == [(7, 7), (8, 7), (9, 7)]


# Seeds that fail, and what is said of a pass that measures 0.9 of the threshold with seed 0.
CLOSE = [
    (set(), "pass", "0.9 (5 of 5 seeds)"),
    ({3, 4}, "pass", "0.9 (3 of 5 seeds)"),
    ({2, 3, 4}, "fail", "1.1 (3 of 5 seeds)"),
    ({1, 2, 3, 4}, "fail", "1.1 (4 of 5 seeds)"),
]


@pytest.mark.parametrize(("wrong", "status", "told"), CLOSE)
def test_a_pass_by_a_close_shave_is_repeated(wrong, status, told, monkeypatch):
    def judge(experiment, dataset):
        bad = experiment.seed in wrong
        measured = 1.1 if bad else 0.9
        return [
            Finding(
                rule="overfit",
                status="fail" if bad else "pass",
                measured=measured,
                threshold=1.0,
                message=f"{measured}",
            )
        ]

    monkeypatch.setattr(
        preflight, "STEPS", (Step(name="overfit", rules=("overfit",), check=judge, drawn=True),)
    )
    ((finding,),) = ran().values()
    assert (finding.status, finding.message) == (status, told)


@pytest.mark.parametrize(
    ("numbers", "times"),
    [
        ({"measured": 0.9, "threshold": 1.0}, 5),
        ({"measured": 0.7, "threshold": 1.0}, 1),
        ({"measured": 9.1, "expected": 10.0, "threshold": 1.0}, 5),
        ({"measured": 9.9, "expected": 10.0, "threshold": 1.0}, 1),
        ({"measured": 2.3, "expected": 2.3, "threshold": 2.0}, 1),
        ({"measured": -1.1, "threshold": 1.0}, 5),
        ({"measured": 1.0}, 1),
        ({}, 1),
    ],
)
def test_only_a_close_shave_is_repeated(numbers, times, monkeypatch):
    seen = []

    def judge(experiment, dataset):
        seen.append(experiment.seed)
        return [Finding(rule="overfit", status="pass", message="yes", **numbers)]

    monkeypatch.setattr(
        preflight, "STEPS", (Step(name="overfit", rules=("overfit",), check=judge, drawn=True),)
    )
    ran()
    assert len(seen) == times


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        ({0}, "pass", "fine (4 of 5 seeds)"),
        ({0, 1}, "pass", "fine (3 of 5 seeds)"),
        ({0, 1, 2}, "warn", "odd (3 of 5 seeds)"),
    ],
)
def test_a_warning_that_most_seeds_do_not_see_is_none(wrong, status, told, monkeypatch):
    def judge(experiment, dataset):
        bad = experiment.seed in wrong
        message = "odd" if bad else "fine"
        return [Finding(rule="overfit", status="warn" if bad else "pass", message=message)]

    monkeypatch.setattr(
        preflight, "STEPS", (Step(name="overfit", rules=("overfit",), check=judge, drawn=True),)
    )
    ((finding,),) = ran().values()
    assert (finding.status, finding.message) == (status, told)


def test_a_rule_that_speaks_of_nothing_but_trouble(monkeypatch):
    def judge(experiment, dataset):
        if experiment.seed > 1:
            return []
        return [Finding(rule="plateau", status="warn", message="stuck")]

    monkeypatch.setattr(
        preflight, "STEPS", (Step(name="rate", rules=("plateau",), check=judge, drawn=True),)
    )
    ((finding,),) = ran().values()
    assert finding.status == "pass"
    assert finding.message == "not with most seeds: stuck (3 of 5 seeds)"
