"""Before any schedule the rate may rise from next to nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.optim.examples import SCHEDULES
from tests.parts import members_of
from trainer_cli.optim.schedules import Constant, Cosine, Cyclic, Linear, Schedule, Sqrt
from trainer_cli.optim.schedules.clock import Clock
from trainer_cli.optim.schedules.warmup import rate_factor

EVERY_SCHEDULE = pytest.mark.parametrize(
    "schedule", [schedule for schedule, _ in SCHEDULES.values()], ids=lambda s: s.type
)


def factors(schedule: Schedule, epochs: int = 6, steps_per_epoch: int = 4) -> list[float]:
    return [
        rate_factor(schedule, Clock(step, steps_per_epoch, epochs))
        for step in range(epochs * steps_per_epoch)
    ]


def test_every_schedule_takes_part() -> None:
    assert len(members_of(Schedule)) == len(SCHEDULES) >= 8


def test_the_rate_rises_along_a_line_to_the_last_update_of_the_warm_up() -> None:
    assert factors(Constant(warmup=1.0), epochs=2) == [0.25, 0.5, 0.75, 1.0] + [1.0] * 4
    assert factors(Constant(warmup=0.5), epochs=2) == [0.5, 1.0] + [1.0] * 6


@EVERY_SCHEDULE
def test_without_a_warm_up_the_schedule_is_as_it_is(schedule) -> None:
    assert factors(schedule) == [schedule.scale(Clock(step, 4, 6)) for step in range(24)]


@EVERY_SCHEDULE
@pytest.mark.parametrize("warmup", [0.25, 0.5, 1.0, 1.5, 2.0])
def test_the_schedule_begins_after_it_with_what_is_left(schedule, warmup) -> None:
    length = int(4 * warmup)
    found = factors(replace(schedule, warmup=warmup))
    left = [schedule.scale(Clock(step, 4, 6 - warmup)) for step in range(24 - length)]
    assert found[length:] == pytest.approx(left, rel=1e-15)
    rise = [left[0] * i / length for i in range(1, length + 1)]
    assert found[:length] == pytest.approx(rise, rel=1e-15)


def test_the_rise_leads_to_where_the_schedule_starts() -> None:
    assert factors(Cyclic(low=0.2, warmup=1.0))[:5] == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.2])


@pytest.mark.parametrize("schedule", [Sqrt(), Linear(), Cosine()], ids=lambda s: s.type)
def test_a_warm_up_as_long_as_the_training_or_longer_is_all_there_is(schedule) -> None:
    whole, longer = (factors(replace(schedule, warmup=epochs)) for epochs in (6.0, 12.0))
    assert whole == [(step + 1) / 24 for step in range(24)]
    assert longer == [(step + 1) / 48 for step in range(24)]


def test_a_warm_up_shorter_than_half_an_update_is_none() -> None:
    assert factors(Linear(warmup=0.1)) == factors(Linear())
