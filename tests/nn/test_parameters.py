"""The flat array of all parameters: where each lies, and what is done member by member."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from trainer_cli.nn.layers.place import ParameterShape
from trainer_cli.nn.parameters import Parameters, per_member

SHAPES = [
    (0, ParameterShape(name="weights", shape=(3, 4), role="weight")),
    (0, ParameterShape(name="biases", shape=(4,), role="other")),
    (2, ParameterShape(name="kernel", shape=(2, 2, 4, 5), role="weight")),
    (2, ParameterShape(name="biases", shape=(5,), role="other")),
]


def numbered(members: int, dtype: type = np.float64) -> Parameters:
    """Return parameters whose values count from 1."""
    made = Parameters(SHAPES, members, np.dtype(dtype))
    made.values[:] = np.arange(1, made.values.size + 1)
    return made


def test_entries_fill_the_flat_array_penalized_ones_first() -> None:
    parameters = numbered(3)
    names = [entry.name for entry in parameters.entries]
    assert names == [
        "network[0].weights",
        "network[2].kernel",
        "network[0].biases",
        "network[2].biases",
    ]
    stops = [entry.region.stop for entry in parameters.entries]
    assert [entry.region.start for entry in parameters.entries] == [0, *stops[:-1]]
    assert stops[-1] == parameters.values.size == parameters.gradients.size
    assert parameters.penalized == slice(0, 3 * (3 * 4 + 2 * 2 * 4 * 5))


def test_the_member_axis_stands_before_the_features() -> None:
    parameters = numbered(3)
    assert {entry.name: entry.shape for entry in parameters.entries} == {
        "network[0].weights": (3, 3, 4),
        "network[0].biases": (3, 4),
        "network[2].kernel": (2, 2, 4, 3, 5),
        "network[2].biases": (3, 5),
    }


def test_a_parameter_is_a_view() -> None:
    parameters = numbered(2)
    parameters["network[0].biases"][1, :] = -1
    assert np.count_nonzero(parameters.values == -1) == 4


def test_zeros_have_the_layout_and_type_of_the_values() -> None:
    zeros = numbered(2, np.float32).zeros()
    assert zeros.dtype == np.float32
    assert zeros.size == 2 * sum(prod(shape.shape) for _, shape in SHAPES)
    assert not zeros.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_multiply_by_one_number_or_member_by_member(dtype) -> None:
    for factors in ([0.5], [0.25, 0.25], [2.0, 0.0, -1.0]):
        parameters = numbered(len(factors), dtype)
        flat = parameters.values.copy()
        parameters.whole.multiply(flat, per_member(factors))
        assert flat.dtype == dtype
        for entry in parameters.entries:
            expected = entry.view(parameters.values) * np.array(factors, dtype)[:, None]
            np.testing.assert_array_equal(entry.view(flat), expected)


def test_multiply_takes_the_penalized_region_alone() -> None:
    parameters = numbered(2)
    flat = parameters.values[parameters.penalized].copy()
    parameters.whole.multiply(flat, per_member([3.0, 5.0]))
    for entry in parameters.entries[:2]:
        expected = entry.view(parameters.values) * np.array([[3.0], [5.0]])
        np.testing.assert_array_equal(entry.view(flat), expected)


def test_take_members_copies_the_chosen_ones_in_their_order() -> None:
    four, two = numbered(4), Parameters(SHAPES, 2, np.dtype(np.float64))
    two.take_members(two.values, four, four.values, [3, 1])
    for entry in two.entries:
        np.testing.assert_array_equal(two[entry.name], four[entry.name][..., [3, 1], :])


def test_per_member_is_one_number_where_all_agree() -> None:
    assert per_member([0.1, 0.1]) == 0.1
    assert isinstance(per_member([0.1, 0.1]), float)
    different = per_member([0.1, 0.2])
    assert isinstance(different, np.ndarray)
    assert different.tolist() == [0.1, 0.2]


def test_a_network_may_have_nothing_to_learn() -> None:
    empty = Parameters([], 2, np.dtype(np.float32))
    empty.whole.multiply(empty.values, per_member([1.0, 2.0]))
    assert empty.values.size == empty.gradients.size == 0
