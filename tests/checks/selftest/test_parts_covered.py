"""Every part that a file can name stands in some sound experiment of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from tests.parts import members_of
from trainer_cli.checks.selftest.sound import SOUND
from trainer_cli.config.load import load
from trainer_cli.config.parts import name_of
from trainer_cli.datasets.augment import Augmentation
from trainer_cli.datasets.preprocess import Step
from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers import Layer
from trainer_cli.nn.losses import Loss
from trainer_cli.optim.optimizers import Optimizer
from trainer_cli.optim.schedules import Schedule

KINDS = {
    "layers": Layer,
    "losses": Loss,
    "initializers": Initializer,
    "optimizers": Optimizer,
    "schedules": Schedule,
    "preprocessing steps": Step,
    "augmentations": Augmentation,
}


def parts_in(value: Any) -> Iterator[type]:
    """Yield the classes of all settings within."""
    if is_dataclass(value):
        yield type(value)
        for field in fields(value):
            yield from parts_in(getattr(value, field.name))
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from parts_in(each)


@pytest.fixture(scope="module")
def experiments(tmp_path_factory):
    """Return the sound experiments that are files alone."""
    folder = tmp_path_factory.mktemp("cases")
    found = []
    for number, case in enumerate(SOUND):
        if case.network is None:
            file = folder / f"{number}.yaml"
            file.write_text(case.file, encoding="utf-8")
            found.append(load(file, list(case.sets)).experiment)
    assert len(found) >= 40
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_stands_in_a_sound_experiment(kind, experiments):
    used = {part for experiment in experiments for part in parts_in(experiment)}
    members = members_of(KINDS[kind])
    assert len(members) >= 3
    assert sorted(name_of(each) for each in members if each not in used) == []


def test_every_schedule_stands_there_with_warm_up(experiments):
    warm = {type(each.schedule) for each in experiments if each.schedule.warmup}
    assert sorted(name_of(each) for each in members_of(Schedule) if each not in warm) == []


def test_numbers_of_both_sizes_stand_there(experiments):
    assert {each.training.precision for each in experiments} == {"float32", "float64"}
