"""What severities of an experiment make of findings."""

from __future__ import annotations

import pytest

from trainer_cli.config.rules import (
    RULES,
    DeadUnits,
    InitialLoss,
    LearningRateRegions,
    Overfitting,
)
from trainer_cli.training.findings import Finding, verdict
from trainer_cli.training.grading import graded

STATUSES = ("pass", "warn", "fail", "skip")


def found(rule, status):
    return Finding(rule=rule, status=status, message="what was seen", hint="what to do")


def statuses(rule, *settings):
    return [f.status for f in graded([found(rule, each) for each in STATUSES], settings)]


def test_without_settings_nothing_changes():
    findings = [found("initial-loss", status) for status in STATUSES]
    assert graded(findings, []) == findings
    assert graded(findings, [rule() for rule in RULES]) == findings
    assert graded(findings, [Overfitting(severity="ignore")]) == findings


def test_a_rule_that_fails_as_a_warning():
    assert statuses("initial-loss", InitialLoss(severity="warn")) == [
        "pass",
        "warn",
        "warn",
        "skip",
    ]


def test_a_rule_that_warns_as_a_failure():
    expected = ["pass", "fail", "fail", "skip"]
    assert statuses("overfitting", Overfitting(severity="fail")) == expected


def test_a_rule_that_can_fail_keeps_its_warnings():
    assert statuses("dead-units", DeadUnits(severity="fail")) == list(STATUSES)


def test_a_rule_that_is_ignored():
    (finding,) = graded([found("initial-loss", "fail")], [InitialLoss(severity="ignore")])
    assert finding.status == "skip"
    assert finding.message == "ignored, as checks.initial-loss says: what was seen"
    assert finding.hint == "what to do"
    others = ["pass", "skip", "skip", "skip"]
    assert statuses("initial-loss", InitialLoss(severity="ignore")) == others


def test_other_thresholds_leave_the_severity():
    changed = InitialLoss(tolerance=0.5)
    assert statuses("initial-loss", changed) == list(STATUSES)
    told = LearningRateRegions(too_little=0.2)
    assert statuses("learning-rate-regions", told) == ["pass", "skip", "skip", "skip"]


@pytest.mark.parametrize("severity", ["fail", "warn", "ignore"])
def test_grading_twice_changes_nothing(severity):
    rules = [rule(severity=severity) for rule in RULES]
    findings = [found(rule.type, status) for rule in rules for status in STATUSES]
    once = graded(findings, rules)
    assert graded(once, rules) == once


def test_the_verdict_follows():
    findings = [found("initial-loss", "fail"), found("overfitting", "warn")]
    assert verdict(graded(findings, [InitialLoss(severity="warn")])) == "warn"
    assert verdict(graded(findings, [InitialLoss(severity="ignore")])) == "warn"
    both = [InitialLoss(severity="ignore"), Overfitting(severity="ignore")]
    assert verdict(graded([*findings, found("overfit", "pass")], both)) == "pass"
