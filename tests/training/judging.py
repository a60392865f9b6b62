"""What a training run is said to suffer from, by rule."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.experiments import data_of
from trainer_cli.training.diagnosis import RULES, diagnose
from trainer_cli.training.loop import train


@cache
def history_of(experiment, dataset=None):
    return train(experiment, dataset or data_of(replace(experiment, seed=0))).alone


@cache
def judged(experiment, dataset=None):
    """Return the finding of every rule on a run of the experiment, by name."""
    history = history_of(experiment, dataset)
    found = diagnose(experiment, dataset or data_of(replace(experiment, seed=0)), history)
    assert len(found) - (found[0].rule == "initial-loss") == len(RULES)
    return {finding.rule: finding for finding in found}


def wrong(findings):
    """Return the rules that something was found by, in the order in which it is told."""
    return [rule for rule, finding in findings.items() if finding.status in ("warn", "fail")]


HIGH, LOW = "learning-rate-too-high", "learning-rate-too-low"


def rates(findings):
    return findings[HIGH], findings[LOW]
