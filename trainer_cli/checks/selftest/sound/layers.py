"""Sound experiments with every layer."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.files import BLOBS, CONVOLUTIONAL, DIGITS


def _sound(name: str, file: str, *sets: str) -> Case:
    return Case(name=name, kind="sound", file=file, sets=sets)


LAYERS = (
    _sound("digits", DIGITS),
    _sound("blobs", BLOBS),
    _sound("convolutional", CONVOLUTIONAL),
)
