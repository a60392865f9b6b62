"""Faults in experiment files, each a change of one or two keys."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.files import DIGITS


def _fault(name: str, *sets: str, rules: tuple[str, ...], file: str = DIGITS) -> Case:
    return Case(name=name, kind="experiment file", rules=rules, file=file, sets=sets)


FILES = (
    _fault(
        "learning rate 1e6",
        "optimizer.learning_rate=1e6",
        rules=("learning-rate-too-high",),
    ),
    _fault(
        "momentum 1.0",
        "optimizer.momentum=1.0",
        rules=("refused",),
    ),
)
