"""Schedules scale the learning rate by where training stands on its clock."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import get_args, get_type_hints

import pytest
from annotated_types import Ge, Gt, Le
from hypothesis import given
from hypothesis import strategies as st

from tests.optim.examples import MORE_SCHEDULES, SCHEDULES
from tests.parts import members_of
from trainer_cli.optim.schedules import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    InverseTime,
    Linear,
    Schedule,
    Sqrt,
    Step,
)
from trainer_cli.optim.schedules.clock import Clock
from trainer_cli.optim.schedules.warmup import rate_factor

STEPS_PER_EPOCH = 7
KINDS = members_of(Schedule)
EVERY_EXAMPLE = pytest.mark.parametrize(
    ("schedule", "expected"),
    [*SCHEDULES.values(), *MORE_SCHEDULES],
    ids=lambda value: getattr(value, "type", ""),
)
PER_STEP = pytest.mark.parametrize(
    "schedule",
    [
        replace(schedule, per="step")
        for schedule, _ in [*SCHEDULES.values(), *MORE_SCHEDULES]
        if not isinstance(schedule, Constant)
    ],
    ids=lambda schedule: schedule.type,
)


def at(step: int, epochs: float = 10) -> Clock:
    return Clock(step=step, steps_per_epoch=STEPS_PER_EPOCH, epochs=epochs)


def scales(schedule) -> list[float]:
    return [schedule.scale(at(step)) for step in range(10 * STEPS_PER_EPOCH)]


def test_every_schedule_has_an_example() -> None:
    assert set(SCHEDULES) == set(KINDS)
    assert len(SCHEDULES) >= 8


@EVERY_EXAMPLE
def test_known_values(schedule, expected) -> None:
    found = [schedule.scale(at(epoch * STEPS_PER_EPOCH)) for epoch in (0, 1, 2, 5)]
    assert found == pytest.approx(expected, rel=1e-13)


@EVERY_EXAMPLE
def test_scales_are_the_same_when_asked_again(schedule, expected) -> None:
    assert scales(schedule) == scales(schedule)


def numbers(hint) -> st.SearchStrategy[float]:
    """Return numbers within a field's bounds, of a size that people write: 0.3 to 5."""
    inner = get_args(hint)[0]
    if len(get_args(inner)) > 1:  # optional: the bounds stand inside
        hint = get_args(inner)[0]
    bounds = get_args(hint)[1:]
    low = max([0.3, *(b.ge for b in bounds if isinstance(b, Ge))])
    high = min([5.0, *(b.le for b in bounds if isinstance(b, Le))])
    zero = st.just(0.0) if Ge(0) in bounds and Gt(0) not in bounds else st.nothing()
    return zero | st.floats(low, high)


def of_kind(kind) -> st.SearchStrategy[Schedule]:
    """Return schedules of one kind with any settings."""
    hints = get_type_hints(kind, include_extras=True)
    drawn = {name: numbers(hint) for name, hint in hints.items() if name not in ("type", "per")}
    if "per" in hints:
        drawn["per"] = st.sampled_from(get_args(get_args(hints["per"])[0]))
    if kind is Exponential:
        one = st.sampled_from(["factor", "rate"])
        return st.builds(
            lambda left_out, values: Exponential(**{**values, left_out: None}),
            one,
            st.fixed_dictionaries(drawn),
        )
    if "period" in drawn:
        drawn["period"] = st.floats(2.0, 5.0)  # periods that every epoch sees
    return st.builds(kind, **drawn)


CLOCKS = st.tuples(st.integers(1, 20), st.integers(1, 30))
ANY = st.one_of([of_kind(kind) for kind in KINDS])


@given(ANY, CLOCKS)
def test_every_update_has_a_rate_above_zero_and_no_higher_than_asked_for(schedule, length) -> None:
    steps_per_epoch, epochs = length
    for step in range(steps_per_epoch * epochs):
        factor = rate_factor(schedule, Clock(step, steps_per_epoch, epochs))
        assert type(factor) is float
        assert 0 < factor <= 1


@given(ANY.filter(lambda schedule: not isinstance(schedule, Constant)), CLOCKS)
def test_per_step_is_per_epoch_where_epochs_begin(schedule, length) -> None:
    steps_per_epoch, epochs = length
    by_epoch, by_step = replace(schedule, per="epoch"), replace(schedule, per="step")
    for step in range(0, steps_per_epoch * epochs, steps_per_epoch):
        clock = Clock(step, steps_per_epoch, epochs)
        assert by_epoch.scale(clock) == by_step.scale(clock)


@EVERY_EXAMPLE
def test_per_epoch_holds_within_an_epoch(schedule, expected) -> None:
    if not isinstance(schedule, Constant):
        found = scales(replace(schedule, per="epoch"))
        for start in range(0, len(found), STEPS_PER_EPOCH):
            assert len(set(found[start : start + STEPS_PER_EPOCH])) == 1


@PER_STEP
def test_per_step_changes_little_from_update_to_update(schedule) -> None:
    """Except where a schedule is made of jumps, or starts anew."""
    long = [schedule.scale(Clock(step, 1000, 10)) for step in range(10_000)]
    jumps = [step for step in range(9_999) if abs(long[step + 1] - long[step]) > 0.01]
    if isinstance(schedule, Step):
        assert jumps
        assert all((step + 1) % (1000 * schedule.every) == 0 for step in jumps)
    elif isinstance(schedule, Cosine) and schedule.period is not None:
        ends = {2000, 6000} if schedule.growth == 2 else {2000, 4000, 6000, 8000}
        assert {step + 1 for step in jumps} == ends
    else:
        assert not [step for step in jumps if step < 9_990]  # the root ends steeply


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_matters(kind) -> None:
    schedule, _ = SCHEDULES[kind]
    if kind is Step:
        schedule = replace(schedule, every=1.5)  # with whole epochs it is the same per step
    settings = [field.name for field in fields(schedule) if field.name != "type"]
    assert "warmup" in settings
    for name in settings:
        value = getattr(schedule, name)
        others = {"factor": None} if name == "rate" and kind is Exponential else {}
        another = {"epoch": "step", "step": "epoch"}.get(value) or (value or 0.0) + 0.25
        changed = replace(schedule, **{name: another}, **others)
        factors = [[rate_factor(s, at(step)) for step in range(70)] for s in (schedule, changed)]
        assert factors[0] != factors[1], name


def test_time_is_counted_in_epochs() -> None:
    steps = (0, 1, STEPS_PER_EPOCH - 1, STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH, 69)
    assert [at(step).time("epoch") for step in steps] == [0, 0, 0, 1, 2, 9]
    assert [at(step).time("step") for step in steps] == [step / 7 for step in steps]


def test_exponential_drops_between_epochs_unless_told_otherwise() -> None:
    drops = scales(Exponential(factor=0.5))[: 2 * STEPS_PER_EPOCH]
    assert drops == [1.0] * STEPS_PER_EPOCH + [0.5] * STEPS_PER_EPOCH
    smooth = scales(Exponential(factor=0.5, per="step"))
    assert smooth == pytest.approx([0.5 ** (step / STEPS_PER_EPOCH) for step in range(70)])


def test_exponential_by_one_is_constant() -> None:
    assert scales(Exponential(factor=1)) == scales(Constant()) == [1.0] * 70


@pytest.mark.parametrize(
    ("settings", "count"), [({}, "neither"), ({"factor": 0.9, "rate": 0.1}, "both")]
)
def test_exponential_wants_exactly_one_of_its_two_forms(settings, count) -> None:
    with pytest.raises(ValueError, match="factor or rate") as caught:
        Exponential(**settings)
    assert str(caught.value) == f"factor or rate must be given, exactly one of the two, got {count}"


@pytest.mark.parametrize(
    ("kind", "period", "rule"),
    [
        (Cosine, 0.5, "must be greater than 1 with per: epoch, got 0.5"),
        (Cosine, 1.0, "must be greater than 1 with per: epoch, got 1"),
        (Cyclic, 1.5, "must be at least 2 with per: epoch, got 1.5"),
    ],
)
def test_a_period_that_epochs_do_not_see_is_refused(kind, period, rule) -> None:
    assert kind(period=period, per="step").period == period
    with pytest.raises(ValueError, match="period") as caught:
        kind(period=period, per="epoch")
    assert str(caught.value) == f"period {rule}"


@pytest.mark.parametrize(
    "schedule",
    [
        Cosine(period=1.01, per="epoch"),
        Cosine(period=1, growth=2, per="epoch"),
        Cyclic(period=2, per="epoch"),
    ],
)
def test_the_shortest_periods_of_whole_epochs_change_the_rate(schedule) -> None:
    assert len(set(scales(schedule))) >= 2


def test_step_drops_in_time_although_fractions_are_rounded() -> None:
    """0.3 / 0.1 is 2.9999999999999996."""
    schedule = Step(factor=0.5, every=0.1)
    assert [schedule.scale(Clock(step, 10, 1)) for step in range(10)] == [
        0.5**step for step in range(10)
    ]


@pytest.mark.parametrize("schedule", [Sqrt(), Linear(), Cosine()], ids=lambda s: s.type)
@pytest.mark.parametrize("per", ["epoch", "step"])
def test_what_falls_to_zero_leaves_something_for_the_last_update(schedule, per) -> None:
    found = scales(replace(schedule, per=per))
    assert found == sorted(found, reverse=True)
    left = 0.1 if per == "epoch" else 1 / 70  # share of time left at the last change
    expected = {Sqrt: left**0.5, Linear: left, Cosine: 2.5 * left**2}[type(schedule)]
    assert found[-1] == pytest.approx(expected, rel=0.03)


def test_the_last_of_many_updates_still_moves() -> None:
    last = Clock(step=10**7 - 1, steps_per_epoch=10**5, epochs=100)
    for schedule in (Sqrt(), Linear(), Cosine(), Cosine(period=10.0)):
        assert schedule.scale(last) > 1e-16


@pytest.mark.parametrize("growth", [1.0, 1.1, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("period", [0.1, 0.3, 1.0, 2.0])
def test_cosine_restarts_on_time(growth, period) -> None:
    """Never an update late, which would go at next to no rate at all."""
    schedule = Cosine(period=period, growth=growth)
    found = [schedule.scale(Clock(step, 30, 10)) for step in range(300)]
    assert min(found) > 1e-9
    begun, length = 0.0, period
    while begun < 9.99:
        step = round(30 * begun)
        if abs(step - 30 * begun) < 1e-6:
            assert found[step] == pytest.approx(1.0, abs=1e-6)
        begun, length = begun + length, length * growth


def test_cyclic_is_a_triangle() -> None:
    found = scales(Cyclic(low=0.25, period=2.0))
    rise = [0.25 + 0.75 * step / STEPS_PER_EPOCH for step in range(STEPS_PER_EPOCH)]
    fall = [1.0 - 0.75 * step / STEPS_PER_EPOCH for step in range(STEPS_PER_EPOCH)]
    assert found == pytest.approx((rise + fall) * 5)


def test_inverse_time_is_half_when_rate_times_time_is_one() -> None:
    assert InverseTime(rate=0.25).scale(at(4 * STEPS_PER_EPOCH)) == 0.5
