"""Every schedule: the rates of 30 epochs are those of PyTorch's schedulers."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from tests.optim.examples import MORE_SCHEDULES, SCHEDULES
from tests.parity.drawing import NOT_DRAWN, OPTIONS, draw
from tests.parity.rates import SCHEDULE, rates
from tests.parts import members_of
from trainer_cli.optim.schedules import Schedule
from trainer_cli.optim.schedules.clock import Clock
from trainer_cli.optim.schedules.warmup import rate_factor

EPOCHS, STEPS_PER_EPOCH = 30, 4
DRAWS = 20


def drawn(part):
    rng = np.random.default_rng(7)
    return dict.fromkeys(draw(rng, part) for _ in range(DRAWS))


EVERY = dict.fromkeys(
    [example for example, _ in SCHEDULES.values()]
    + [example for example, _ in MORE_SCHEDULES]
    + [settings for part in SCHEDULE for settings in drawn(part)]
)


def test_every_schedule_and_setting_takes_part() -> None:
    assert set(SCHEDULE) == set(members_of(Schedule))
    assert len(SCHEDULE) >= 8
    for part in SCHEDULE:
        assert {field.name for field in fields(part)} - NOT_DRAWN == set(OPTIONS[part])


def test_warm_up_and_both_ways_of_counting_time_take_part() -> None:
    for part in SCHEDULE:
        own = [settings for settings in EVERY if type(settings) is part]
        assert {bool(settings.warmup) for settings in own} == {True, False}
        assert "per" not in OPTIONS[part] or {settings.per for settings in own} == {"epoch", "step"}


@pytest.mark.parametrize("settings", EVERY, ids=repr)
def test_rates_are_those_of_pytorch(settings) -> None:
    found = [
        rate_factor(settings, Clock(step=i, steps_per_epoch=STEPS_PER_EPOCH, epochs=EPOCHS))
        for i in range(EPOCHS * STEPS_PER_EPOCH)
    ]
    expected = rates(settings, STEPS_PER_EPOCH, EPOCHS)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
