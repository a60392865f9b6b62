"""Draws stay in their range with their due shares, and a narrowed range is valid and readable."""

from __future__ import annotations

import json
from math import inf, log, nextafter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.parts import members_of
from trainer_cli.config.space import Choice, Distribution, Int, LogInt, LogUniform, Uniform

ANY = (None, True, 3, 1e-3, "relu", (1, 2.5), {"type": "normal", "std": 1e-5})
SHARES = st.floats(0, 1, exclude_max=True)
LAST = nextafter(1, 0)  # the largest share that can be drawn


@st.composite
def ranges(draw):
    """Draw a distribution of numbers."""
    cls = draw(st.sampled_from([Uniform, LogUniform, Int, LogInt]))
    numbers = {
        Uniform: st.floats(-1e300, 1e300),
        LogUniform: st.floats(1e-300, 1e300),
        Int: st.integers(-(10**30), 10**30) | st.integers(-5, 5),
        LogInt: st.integers(1, 10**15) | st.integers(1, 9),
    }[cls]
    low, high = sorted([draw(numbers), draw(numbers)])
    assume(low < high)
    return cls(low=low, high=high)


def test_no_distribution_is_forgotten():
    assert set(members_of(Distribution)) == {Choice, Int, LogInt, LogUniform, Uniform}


@given(ranges() | st.just(Choice(values=ANY)), SHARES | st.just(LAST))
def test_what_is_drawn_survives_json_and_lies_in_the_range(distribution, u):
    value = distribution.at(u)
    again = json.loads(json.dumps(value))
    assert again == value
    assert type(again) is type(value)
    if isinstance(distribution, Uniform | LogUniform):
        assert type(value) is float
        assert distribution.low <= value < distribution.high
    elif isinstance(distribution, Int | LogInt):
        assert type(value) is int
        assert distribution.low <= value <= distribution.high


@given(SHARES)
def test_log_uniform_is_exactly_that(u):
    value = LogUniform(low=1e-6, high=1.0).at(u)
    assert value == pytest.approx(1e-6 * 1e6**u, rel=1e-12)


def test_a_draw_at_the_end_of_a_range_stays_below_it():
    high = nextafter(0.001, inf)
    assert LogUniform(low=0.001, high=high).at(LAST) == 0.001
    assert Uniform(low=0.001, high=high).at(LAST) == 0.001


def test_a_range_wider_than_any_number_can_be_drawn_from():
    assert Uniform(low=-1.7e308, high=1.7e308).at(0.5) == 0.0


def test_whole_numbers_have_equal_shares():
    draws = [Int(low=-1, high=2).at(i / 1000) for i in range(1000)]
    assert [draws.count(value) for value in (-1, 0, 1, 2)] == [250] * 4


def test_large_whole_numbers_are_exact():
    seeds = Int(low=2**64, high=2**64 + 3)
    assert [seeds.at(u) - 2**64 for u in (0, 0.25, 0.5, LAST)] == [0, 1, 2, 3]


@pytest.mark.parametrize(("low", "high"), [(1, 4), (10, 200), (1, 1000)])
def test_whole_numbers_by_size_have_their_due_shares(low, high):
    whole = LogInt(low=low, high=high)
    width = log((high + 0.5) / (low - 0.5))
    for number in range(low, high):
        border = log((number + 0.5) / (low - 0.5)) / width
        assert (whole.at(border - 1e-9), whole.at(border + 1e-9)) == (number, number + 1)
    assert (whole.at(0), whole.at(LAST)) == (low, high)


def test_choices_have_equal_shares():
    choice = Choice(values=("a", "b", "c", "d", "e"))
    draws = [choice.at(i / 1000) for i in range(1000)]
    assert [draws.count(value) for value in choice.values] == [200] * 5
    assert choice.at(LAST) == "e"


def test_what_is_chosen_is_as_json_has_it():
    assert Choice(values=ANY).spread(1) == [json.loads(json.dumps(each)) for each in ANY]
    assert Choice(values=((1, (2, 3)),)).at(0) == [1, [2, 3]]


@pytest.mark.parametrize(
    ("distribution", "count", "values"),
    [
        (LogUniform(low=1e-6, high=1.0), 7, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]),
        (LogUniform(low=3e-4, high=0.3), 2, [3e-4, 0.3]),
        (LogUniform(low=1e-6, high=1.0), 1, [1e-3]),
        (Uniform(low=0.0, high=0.5), 6, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (Uniform(low=-1.0, high=3.0), 1, [1]),
        (Int(low=1, high=10), 4, [1, 4, 7, 10]),
        (Int(low=1, high=3), 9, [1, 2, 3]),
        (Int(low=1, high=4), 1, [3]),
        (LogInt(low=1, high=1000), 4, [1, 10, 100, 1000]),
        (LogInt(low=1, high=10), 8, [1, 2, 3, 4, 5, 6, 7, 10]),
        (LogInt(low=4, high=7), 100, [4, 5, 6, 7]),
        (LogInt(low=4, high=100), 1, [20]),
        (Choice(values=("relu", "tanh")), 1, ["relu", "tanh"]),
    ],
)
def test_spread(distribution, count, values):
    assert distribution.spread(count) == values


def is_wide(distribution) -> bool:
    """Whether there is room for many floating-point numbers between the ends."""
    digits = max(abs(distribution.low), abs(distribution.high))
    return distribution.high - distribution.low > 1e-6 * digits


@given(ranges().filter(is_wide), st.integers(2, 50))
def test_evenly_spread_numbers_go_from_end_to_end(distribution, count):
    values = distribution.spread(count)
    assert (values[0], values[-1]) == (distribution.low, distribution.high)
    if isinstance(distribution, Int | LogInt):
        assert len(set(values)) == min(count, distribution.high - distribution.low + 1)
    else:
        assert len(values) == count
    assert values == sorted(values)
    assert json.loads(json.dumps(values)) == values


@given(ranges().filter(is_wide), SHARES)
def test_value_and_place_belong_together(distribution, u):
    assert [distribution.place(end) for end in (distribution.low, distribution.high)] == [0, 1]
    assert [distribution.value_at(end) for end in (0, 1)] == [distribution.low, distribution.high]
    if isinstance(distribution, Uniform | LogUniform):
        assert distribution.place(distribution.value_at(u)) == pytest.approx(u, abs=1e-8)
    elif distribution.high - distribution.low < 1e9:  # places have 16 digits
        value = distribution.at(u)
        assert distribution.value_at(distribution.place(value)) == value


def test_places_lead_out_of_the_range():
    rates = LogUniform(low=1e-3, high=1e-1)
    assert rates.value_at(-0.5) == pytest.approx(1e-4)
    assert rates.value_at(1.5) == pytest.approx(1)
    assert rates.place(1e-4) == pytest.approx(-0.5)
    assert Int(low=10, high=20).value_at(1.5) == 25


def test_a_choice_has_no_places():
    assert Choice(values=("relu", "tanh")).place("relu") is None


@pytest.mark.parametrize(
    ("distribution", "text"),
    [
        (LogUniform(low=1e-5, high=1e5), "10**uniform(-5, 5)"),
        (LogUniform(low=1e-6, high=1.0), "10**uniform(-6, 0)"),
        (LogUniform(low=10**-3.4, high=0.3), "10**uniform(-3.4, -0.52)"),
        (LogUniform(low=0.001, high=0.001005), "10**uniform(-3, -2.998)"),
        (LogInt(low=10, high=200), "int(10**uniform(1, 2.3))"),
        (LogInt(low=1000, high=1001), "int(10**uniform(3, 3.0004))"),
        (Uniform(low=0.0, high=0.5), "uniform(0, 0.5)"),
        (Uniform(low=-0.0, high=1e-7), "uniform(0, 1e-07)"),
        (Int(low=10, high=200), "int(10, 200)"),
        (
            Choice(values=("relu", {"type": "elu", "alpha": 1.0}, (1, 2), "null")),
            'choice(relu, {type: elu, alpha: 1.0}, [1, 2], "null")',
        ),
    ],
)
def test_text(distribution, text):
    assert distribution.text() == text


def test_what_a_file_says_for_it():
    assert LogInt(low=10, high=200).written() == {"log_int": [10, 200]}
    assert Choice(values=("relu", (1, 2))).written() == {"choice": ["relu", [1, 2]]}


@pytest.mark.parametrize(
    ("distribution", "values", "tried", "narrower"),
    [
        # From -3.5 to -0.7 with a gap of 1.4 on either side: -4.9 to 0.7, rounded outwards.
        (
            LogUniform(low=1e-5, high=1e5),
            [10**-3.5, 10**-0.7, 10**-2.0],
            100,
            LogUniform(low=10**-4.9, high=10**0.7),
        ),
        # One value: the gap is that between all that were tried, 10 / 20 of a decade.
        (
            LogUniform(low=1e-5, high=1e5),
            [1e-2, 1e-2, 1e-2],
            21,
            LogUniform(low=10**-2.5, high=10**-1.5),
        ),
        # Out of the range is not gone, and its own end, 0.00012, is not rounded.
        (
            LogUniform(low=1.2e-4, high=1.0),
            [2e-4, 4e-4, 8e-4],
            100,
            LogUniform(low=1.2e-4, high=10**-2.7),
        ),
        (Uniform(low=0.0, high=0.9), [0.3, 0.32, 0.34], 100, Uniform(low=0.28, high=0.36)),
        (Uniform(low=0.0, high=900.0), [300, 320, 341], 901, Uniform(low=279, high=362)),
        (Int(low=10, high=200), [52, 58, 65], 100, Int(low=45, high=72)),
        (Int(low=3, high=4), [3, 3, 3], 2, Int(low=3, high=4)),
        (Int(low=1, high=9), [5, 5, 5], 9, Int(low=4, high=6)),
        (LogInt(low=10, high=200), [20, 20, 20], 1, LogInt(low=10, high=200)),
        (LogInt(low=10, high=1000), [20, 40, 80], 90, LogInt(low=10, high=160)),
        (Choice(values=("a", "b", (1, 2))), ["b", [1, 2], "b"], 3, Choice(values=("b", (1, 2)))),
        (Choice(values=(1, True, 1.0)), [True], 3, Choice(values=(True,))),
    ],
)
def test_around(distribution, values, tried, narrower):
    found = distribution.around(values, tried)
    assert found.text() == narrower.text()
    assert type(found) is type(narrower)
    if not isinstance(found, Choice):
        assert (found.low, found.high) == pytest.approx((narrower.low, narrower.high))


@given(ranges(), st.lists(SHARES, min_size=1, max_size=30), st.integers(1, 200))
def test_a_narrowed_range_is_valid_and_holds_its_values(distribution, shares, tried):
    values = [distribution.at(u) for u in shares]
    narrower = distribution.around(values, tried)
    assert distribution.low <= narrower.low <= min(values)
    assert max(values) <= narrower.high <= distribution.high
    assert narrower.low < narrower.high
    assert type(narrower.low) is type(distribution.low)
    again = type(narrower)(**json.loads(json.dumps({"low": narrower.low, "high": narrower.high})))
    assert again == narrower
