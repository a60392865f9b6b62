"""Schedules scale the learning rate by where training stands on its clock."""

from __future__ import annotations

import pytest

from tests.optim.examples import SCHEDULES
from tests.parts import members_of
from trainer_cli.optim.schedules import Constant, Exponential, Schedule
from trainer_cli.optim.schedules.clock import Clock

STEPS_PER_EPOCH = 7
EVERY_SCHEDULE = pytest.mark.parametrize(
    ("schedule", "expected"), SCHEDULES.values(), ids=lambda value: getattr(value, "type", "")
)


def at(step: int) -> Clock:
    return Clock(step=step, steps_per_epoch=STEPS_PER_EPOCH, epochs=10)


def test_every_schedule_has_an_example() -> None:
    assert set(SCHEDULES) == set(members_of(Schedule))
    assert len(SCHEDULES) >= 2


@EVERY_SCHEDULE
def test_known_values(schedule, expected) -> None:
    found = [schedule.scale(at(epoch * STEPS_PER_EPOCH)) for epoch in (0, 1, 2, 5)]
    assert found == pytest.approx(expected, rel=1e-15)


@EVERY_SCHEDULE
def test_scales_are_plain_positive_numbers_and_the_same_when_asked_again(
    schedule, expected
) -> None:
    scales = [schedule.scale(at(step)) for step in range(10 * STEPS_PER_EPOCH)]
    assert {type(scale) for scale in scales} == {float}
    assert all(0 < scale <= 1 for scale in scales)
    assert scales == [schedule.scale(at(step)) for step in range(10 * STEPS_PER_EPOCH)]


def test_the_epoch_is_the_number_of_complete_ones() -> None:
    steps = (0, 1, STEPS_PER_EPOCH - 1, STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH, 69)
    assert [at(step).epoch for step in steps] == [0, 0, 0, 1, 2, 9]


def test_exponential_holds_within_an_epoch_and_drops_between() -> None:
    schedule = Exponential(factor=0.5)
    scales = [schedule.scale(at(step)) for step in range(2 * STEPS_PER_EPOCH)]
    assert scales == [1.0] * STEPS_PER_EPOCH + [0.5] * STEPS_PER_EPOCH


def test_exponential_by_one_is_constant() -> None:
    flat = Exponential(factor=1)
    assert all(flat.scale(at(step)) == Constant().scale(at(step)) == 1.0 for step in range(30))
