"""The `checks:` section: rules by a severity or by settings, read and written again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.dump import to_yaml
from trainer_cli.config.parts import name_of, settings_of
from trainer_cli.config.rules import (
    RULES,
    DeadUnits,
    InitialLoss,
    Overfitting,
    rule_of,
)


def checks(folder, text, overrides=()):
    return load_text(folder, SMALLEST + text, overrides).experiment.checks


def test_no_section_sets_no_rule(tmp_path):
    assert checks(tmp_path, "") == frozenset()
    assert checks(tmp_path, "checks: {}\n") == frozenset()


def test_a_severity_or_settings(tmp_path):
    text = """
checks:
  initial-loss: warn
  dead-units: {unusual_share: 0.6}
  overfitting: {severity: fail, gap: 0.3}
"""
    assert checks(tmp_path, text) == {
        InitialLoss(severity="warn"),
        DeadUnits(unusual_share=0.6),
        Overfitting(severity="fail", gap=0.3),
    }


def test_rules_that_are_not_set_are_as_usual(tmp_path):
    found = checks(tmp_path, "checks: {dead-units: {unusual_share: 0.6}}\n")
    assert rule_of(found, DeadUnits).unusual_share == 0.6
    assert rule_of(found, InitialLoss) == InitialLoss()


def test_overrides(tmp_path):
    text = "checks: {initial-loss: {tolerance: 0.02}}\n"
    more = ["checks.initial-loss.severity=warn", "checks.overfitting=ignore"]
    assert checks(tmp_path, text, more) == {
        InitialLoss(severity="warn", tolerance=0.02),
        Overfitting(severity="ignore"),
    }


@pytest.mark.parametrize("severity", ["fail", "warn", "ignore"])
def test_every_rule_takes_every_severity(tmp_path, severity):
    lines = [f"  {name_of(rule)}: {severity}\n" for rule in RULES]
    found = checks(tmp_path, "checks:\n" + "".join(lines))
    assert found == {rule(severity=severity) for rule in RULES}


def test_what_is_written_reads_the_same(tmp_path):
    experiment = load_text(tmp_path, SMALLEST).experiment
    own = frozenset(rule(severity="ignore") for rule in RULES)
    text = to_yaml(replace(experiment, checks=own))
    assert load_text(tmp_path, text).experiment.checks == own
    names = [line.split(":")[0].strip() for line in text[text.index("checks:") :].splitlines()[1:]]
    assert names[: len(RULES)] == [name_of(rule) for rule in RULES]


def test_every_setting_is_read(tmp_path):
    for rule in RULES:
        default = {name: each.default for name, each in settings_of(rule).items()}
        given = ", ".join(f"{name}: {value}" for name, value in default.items())
        assert checks(tmp_path, f"checks: {{{name_of(rule)}: {{{given}}}}}\n") == {rule()}
