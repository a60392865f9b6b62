"""Every fault of the catalogue is found and named, and what is sound passes."""

from __future__ import annotations

from collections import Counter

import pytest

from trainer_cli.checks.selftest.case import KINDS, REFUSED
from trainer_cli.checks.selftest.catalogue import CATALOGUE
from trainer_cli.checks.selftest.faults import FAULTS
from trainer_cli.checks.selftest.sound import SOUND
from trainer_cli.checks.selftest.trial import try_case
from trainer_cli.config.parts import name_of
from trainer_cli.config.rules import RULES


def test_names_are_unique_and_rules_declared():
    assert Counter(case.name for case in CATALOGUE).most_common(1)[0][1] == 1
    assert {case.kind for case in CATALOGUE} <= set(KINDS)
    declared = {name_of(rule) for rule in RULES} | {REFUSED}
    for case in FAULTS:
        assert case.rules
        assert set(case.rules) <= declared, case.name
    assert not any(case.rules for case in SOUND)


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_a_fault_is_found_and_named(case):
    said = try_case(case, seed=0)
    assert said.verdict != "pass"
    assert said.rule in case.rules, said.message


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_a_sound_experiment_passes(case):
    said = try_case(case, seed=0)
    assert said.verdict == "pass", (said.rule, said.message)
