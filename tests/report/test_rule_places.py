"""Every rule points at keys that an experiment file can have, and at the layer that it blames."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer_cli.config.load import load
from trainer_cli.config.parts import name_of
from trainer_cli.config.rules import RULES
from trainer_cli.config.schema import schema
from trainer_cli.report.rule_places import PLACES, place_of
from trainer_cli.training.findings import Finding

FILE = """\
data: {source: digits}
network:
  - {type: dense, units: 50}
  - relu
  - type: dense
    units: 10
optimizer: {type: sgd, learning_rate: 0.1}
overfit: {examples: 10}
"""
SHORT = """\
data: {source: digits}
network:
  - {type: dense, units: 10}
"""


def place(rule, message="", hint=None, overrides=(), file=FILE):
    Path("a.yaml").write_text(file)
    finding = Finding(rule=rule, status="fail", message=message, hint=hint)
    span = place_of(finding, load(Path("a.yaml"), overrides).root)
    return None if span is None else (span.line, span.column)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_first_key_that_is_written():
    assert place("learning-rate-too-low") == (7, 24)
    assert place("learning-rate-too-low", file=f"{SHORT}optimizer: adam\n") == (4, 1)
    assert place("learning-rate-too-low", file=SHORT) is None
    assert place("overfit") == (8, 1)
    assert place("overfit", file=SHORT) == (2, 1)
    assert place("unheard-of") is None


def test_the_layer_that_is_named():
    assert place("initial-loss") == (2, 1)
    assert place("initial-loss", "network[2].weights are large, not network[0]'s") == (5, 5)
    assert place("initial-loss", "too large", "network[0] is to blame") == (3, 5)
    assert place("initial-loss", "network[9]") == (2, 1)
    assert place("learning-rate-too-low", "network[0] learns nothing") == (7, 24)


def test_what_an_override_gives_is_not_in_the_file():
    assert place("learning-rate-too-low", overrides=["optimizer.learning_rate=1"]) == (7, 1)
    assert place("max-norm", overrides=["regularization.l2=1"]) == (2, 1)
    assert place("initial-loss", "network[0]", overrides=["network.0.units=5"]) == (3, 5)


@pytest.mark.parametrize("rule", PLACES)
def test_places_are_keys_of_the_file(rule):
    sections = schema()["properties"]
    assert len(PLACES) >= 50
    assert PLACES[rule]
    for path in PLACES[rule]:
        assert path.split(".")[0] in sections
    first, *_ = PLACES[rule][-1].split(".")
    assert PLACES[rule][-1] == first, "at last the whole section"


def test_every_declared_rule_has_a_place():
    assert len(RULES) >= 2
    assert {name_of(rule) for rule in RULES} - PLACES.keys() == set()
