"""A warning that a later failure bears out is the failure; one that nothing does stays one."""

from __future__ import annotations

from itertools import chain

from trainer_cli.checks.suspicions import CAUSES, borne_out
from trainer_cli.config.parts import name_of
from trainer_cli.config.rules import RULES
from trainer_cli.training.findings import Finding


def said(rule, status, message="so", hint="do"):
    return Finding(rule=rule, status=status, message=message, hint=hint)


def test_a_cause_fails_and_the_symptom_points_to_it():
    narrow, stuck = said("bottleneck", "warn", "1 value"), said("overfit", "fail")
    (cause,), (symptom,) = borne_out([[narrow], [stuck]])
    assert (cause.status, cause.message, cause.hint) == (
        "fail",
        "1 value; overfit fails, and bears it out",
        "do",
    )
    assert (symptom.status, symptom.message) == ("fail", "so")
    assert symptom.hint == "bottleneck says why: mend that first"


def test_several_causes():
    found = [
        [said("unscaled-inputs", "warn"), said("bottleneck", "warn")],
        [said("overfit", "fail")],
    ]
    first, second = borne_out(found)
    assert [each.status for each in first] == ["fail", "fail"]
    assert second[0].hint == "unscaled-inputs says why: mend that first"


def test_what_nothing_bears_out_stays():
    for found in (
        [[said("bottleneck", "warn")], [said("overfit", "pass")]],
        [[said("bottleneck", "warn")], [said("overfit", "warn")]],
        [[said("small-split", "warn")], [said("overfit", "fail")]],
        [[said("bottleneck", "pass")], [said("overfit", "fail")]],
    ):
        assert borne_out(found) == found


def test_all_names_are_rules():
    declared = {name_of(rule) for rule in RULES}
    assert set(CAUSES) | set(chain(*CAUSES.values())) <= declared
