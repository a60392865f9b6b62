"""Every rule that a finding is made with is declared, with all that `nntrain explain` tells."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from trainer_cli.checks.selftest.case import NOTHING, REFUSED
from trainer_cli.config.parts import name_of, settings_of
from trainer_cli.config.rules import RULES
from trainer_cli.report.explanation import PARTS, parts_of
from trainer_cli.report.text_report import OTHERS
from trainer_cli.training.diagnosis import RULES as DIAGNOSED

ROOT = Path(__file__).parents[2] / "trainer_cli"
FILES = [file for file in ROOT.rglob("*.py") if "rules" not in file.relative_to(ROOT).parts]
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
DECLARED = {name_of(rule) for rule in RULES}
# A smoke run and the summary of a text report say something, but not by a rule.
NO_RULES = {"smoke", OTHERS, REFUSED, NOTHING}
NAME = re.compile("[a-z]+(-[a-z]+)*")
MAKERS = ("Finding", "Step", "skipped", "passed", "_skip", "replace")


def rules_in(file: Path, tree: ast.Module) -> set[str]:
    """Return the rule names that the findings of a file are made with, as far as it names them."""
    given = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    module = ".".join(file.relative_to(ROOT.parent).with_suffix("").parts)
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if not isinstance(call.func, ast.Name) or call.func.id not in MAKERS:
            continue
        named = [each.value for each in call.keywords if each.arg == "rule"]
        if call.func.id not in ("Finding", "replace"):
            named += call.args[:1]
        for value in named:
            if isinstance(value, ast.Name):
                name = given.get(value.id)
                if name is None:
                    name = getattr(importlib.import_module(module), value.id, None)
                found |= {name} if isinstance(name, str) else set()
            elif isinstance(value, ast.Constant) and NAME.fullmatch(str(value.value)):
                found.add(value.value)
    return found


def test_every_rule_of_a_finding_is_declared():
    found = set().union(*(rules_in(file, tree) for file, tree in TREES.items()), DIAGNOSED)
    assert len(found) >= 35
    assert found - NO_RULES - DECLARED == set()


def test_every_declared_rule_is_used():
    """By its class, which its thresholds are read from, or by its name."""
    words = {
        word
        for tree in TREES.values()
        for node in ast.walk(tree)
        for word in (getattr(node, "id", None), getattr(node, "value", None))
        if isinstance(word, str)
    }
    assert [r.__name__ for r in RULES if not words & {r.__name__, name_of(r)}] == []


def test_names_are_different_and_alike():
    assert len(DECLARED) == len(RULES) >= 39
    for name in DECLARED:
        assert NAME.fullmatch(name)


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_rule_tells_all(rule):
    told = parts_of(rule)
    assert list(told) == ["", *PARTS]
    assert all(told.values())
    assert told[""].endswith(".")
    assert len(told[""]) <= 100
    settings = settings_of(rule)
    assert next(iter(settings)) == "severity"
    assert all(each.doc and not each.doc.endswith(".") for each in settings.values())
    assert rule() == rule(**{name: each.default for name, each in settings.items()})
