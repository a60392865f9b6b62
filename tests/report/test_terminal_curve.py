"""The small curve of a terminal: what it shows, and how values that keep coming are gathered."""

from math import inf, nan

import pytest

from trainer_cli.report.terminal_curve import Buckets, curve_lines


def test_a_falling_line():
    assert curve_lines([3.0, 2.0, 1.0], 8, 2, "cost") == ["cost", "   3 ┤⠹⡄", "   1 ┤⠀⢳"]


def test_every_line_fits_and_the_bounds_stand_at_the_left():
    lines = curve_lines([2.5 / (1 + i) for i in range(100)], 40, 5, "cost")
    assert lines[0].strip() == "cost (log scale)"
    assert lines[1].split(" ┤")[0].strip() == "2.5"
    assert lines[-1].split(" ┤")[0].strip() == "0.025"
    assert len(lines) == 6
    assert max(len(line) for line in lines) <= 40


def test_a_curve_goes_from_corner_to_corner():
    up = ["c", "2 ┤⠀⠀⠀⠀⢀⣠⠞", "  ┤⠀⠀⢀⡴⠋", "1 ┤⣠⠞⠉"]
    assert curve_lines([1.0, 2.0], 10, 3, "c") == up
    flat = ["c", "1 ┤⠉⠉⠉⠉⠉⠉⠉", "  ┤", "1 ┤"]
    assert curve_lines([1.0, 1.0, 1.0], 10, 3, "c") == flat


@pytest.mark.parametrize("values", [[], [1.0]])
def test_less_than_two_values_make_no_curve(values):
    assert curve_lines(values, 40, 5, "cost") == []


def test_values_that_are_not_positive_are_drawn_on_a_linear_scale():
    assert curve_lines([-1.0, 100.0], 40, 5, "cost")[0].strip() == "cost"


def test_buckets_hold_the_means_of_all_values():
    buckets = Buckets(8)
    for value in range(64):
        buckets.add(float(value))
    means = buckets.means()
    assert means == [3.5, 11.5, 19.5, 27.5, 35.5, 43.5, 51.5, 59.5]
    buckets.add(64.0)
    assert buckets.means() == [7.5, 23.5, 39.5, 55.5, 64.0]


def test_what_is_not_finite_is_left_out():
    buckets = Buckets(8)
    for value in (1.0, nan, inf, 3.0):
        buckets.add(value)
    assert buckets.means() == [1.0, 3.0]
