"""Checks a two-layer network of one's own, right or with a fault planted in it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.config.reading import load_text
from trainer_cli.checks.own.steps import own_steps
from trainer_cli.checks.preflight import check_all
from trainer_cli.checks.selftest.trial import NETWORKS
from trainer_cli.training.data import read

SOURCE = (NETWORKS / "two_layer.py").read_text(encoding="utf-8")
EXPERIMENT = """\
data:
  source: digits
  preprocess: [{type: scale, by: 16}, center]
network: {import: "net.py:build"}
optimizer: {type: sgd, learning_rate: 0.05}
training: {epochs: 10, batch_size: 50}
"""
NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]\d+)?%?")


def planted(right: str, wrong: str) -> str:
    """Return the source with a fault."""
    assert SOURCE.count(right) == 1, right
    return SOURCE.replace(right, wrong)


def checked(folder: Path, source: str, experiment: str = EXPERIMENT, **options):
    """Return the findings of all checks by the names of the checks."""
    (folder / "net.py").write_text(source, encoding="utf-8")
    loaded = load_text(folder, experiment)
    assert loaded.own is not None
    steps = own_steps(loaded.own)
    names = [step.name for step in steps]
    ran = check_all(
        loaded.experiment,
        read(loaded.experiment),
        **{"chosen": names, "seeds": 1, "steps": steps, **options},
    )
    return {each.name: each.findings for each in ran}


def wrong(found):
    """Return what is no pass and no skip: rule, status, message and hint, numbers as #."""
    return [
        (each.rule, each.status, NUMBER.sub("#", each.message), each.hint)
        for findings in found.values()
        for each in findings
        if each.status in ("warn", "fail")
    ]
