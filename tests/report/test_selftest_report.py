"""The report of `selftest`, word for word: found, named, false alarms, and what follows of them."""

from __future__ import annotations

import pytest

from trainer_cli.checks.selftest.case import NOTHING, Case, Outcome
from trainer_cli.checks.selftest.judged import gathered, judge
from trainer_cli.config.parts import name_of
from trainer_cli.config.rules import RULES
from trainer_cli.report.junit_report import report_junit
from trainer_cli.report.selftest_report import selftest_report
from trainer_cli.training.findings import verdict


def case(name, kind="data", *rules):
    return Case(name=name, kind=kind, rules=rules, file="")


def said(name, rule=None, status="fail", seed=0):
    return Outcome(
        case=name,
        seed=seed,
        verdict="pass" if rule is None else status,
        rule=rule,
        message=None if rule is None else "so it is",
        others=(),
        seconds=0.5,
    )


LABELS = case("labels from 1", "data", "label-range", "missing-classes")
RATE = case("rate 1e6", "experiment file", "learning-rate-too-high")
SIGN = case("wrong sign", "layer code", "gradient-at-start")
DIGITS, BLOBS = case("digits", "sound"), case("blobs", "sound")
CASES = [LABELS, RATE, SIGN, DIGITS, BLOBS]
OUTCOMES = [
    said("digits", seed=1),
    said("wrong sign"),
    said("rate 1e6", "overfit"),
    said("labels from 1", "missing-classes", "warn"),
    said("blobs", "bottleneck", "warn", seed=0),
    said("digits", seed=0),
    said("blobs", "overfit", seed=1),
]


def report(cases=CASES, outcomes=OUTCOMES):
    return selftest_report(gathered(cases, outcomes))


def test_the_table():
    assert report().table == [
        "                 found  by               named rightly",
        "data",
        "  labels from 1  yes    missing-classes  yes",
        "experiment file",
        "  rate 1e6       yes    overfit          NO",
        "layer code",
        "  wrong sign     NO     -                NO",
        "sound     pass",
        "  digits  2 of 2",
        "  blobs   0 of 2  warn by bottleneck, fail by overfit",
    ]


def test_the_sums():
    assert report().lines == [
        "faults in data: 1 of 1 found, 1 named rightly",
        "faults in experiment files: 1 of 1 found, 0 named rightly",
        "faults in layer code: 0 of 1 found, 0 named rightly",
        "all faults: 2 of 3 found, 1 named rightly",
        "sound: 2 experiments, 4 runs: 1 with a false fail, 1 with a false warn",
    ]
    assert report().results["totals"] == {
        "faults": 3,
        "found": 2,
        "rightly_named": 1,
        "sound_runs": 4,
        "false_fails": 1,
        "false_warns": 1,
    }


def test_the_findings():
    findings = [(f.rule, f.status, f.message, f.hint) for f in report().findings]
    assert findings == [
        ("label-range", "pass", "labels from 1 (data): found by missing-classes", None),
        (
            "learning-rate-too-high",
            "fail",
            "rate 1e6 (experiment file): found by overfit: so it is",
            "it should be named by learning-rate-too-high",
        ),
        (
            "gradient-at-start",
            "fail",
            "wrong sign (layer code): not found",
            "gradient-at-start should",
        ),
        (NOTHING, "pass", "digits is sound, and nothing found with 2 seeds", None),
        (
            "bottleneck",
            "fail",
            "blobs, seed 0, is sound: so it is",
            "a warn here is a false alarm",
        ),
        ("overfit", "fail", "blobs, seed 1, is sound: so it is", "a fail here is a false alarm"),
    ]
    assert report().told == [f for f in report().findings if f.status != "pass"]


@pytest.mark.parametrize(("wrong", "expected"), [(0, "pass"), (1, "warn"), (2, "fail")])
def test_one_fault_of_twenty_may_have_a_wrong_name(wrong, expected):
    cases = [case(f"fault {k}", "data", "label-range") for k in range(20)]
    outcomes = [
        said(c.name, "overfit" if k < wrong else "label-range") for k, c in enumerate(cases)
    ]
    assert verdict(judge(gathered(cases, outcomes))) == expected


@pytest.mark.parametrize(("wrong", "expected"), [(0, "pass"), (2, "warn"), (3, "fail")])
def test_one_sound_run_of_a_hundred_may_warn(wrong, expected):
    cases = [case(f"sound {k}", "sound") for k in range(100)]
    outcomes = [
        said(c.name, "bottleneck" if k < wrong and seed else None, "warn", seed)
        for k, c in enumerate(cases)
        for seed in range(2)
    ]
    assert verdict(judge(gathered(cases, outcomes))) == expected


def test_no_sound_run_may_fail():
    cases = [case(f"sound {k}", "sound") for k in range(200)]
    outcomes = [said(c.name, "overfit" if c is cases[7] else None) for c in cases]
    assert verdict(judge(gathered(cases, outcomes))) == "fail"


def test_junit_names_the_cases():
    text = report_junit("selftest", "built-in catalogue", report(), strict=False)
    assert text.count("<testcase ") == 6
    for name in ("labels from 1", "wrong sign", "digits", "blobs, seed 1"):
        assert f'name="{name}"' in text


def test_what_stands_for_no_rule_is_none():
    assert NOTHING not in {name_of(rule) for rule in RULES}
