"""The lines of updates, which are written by hand: JSON, whatever the numbers are."""

import json
from math import inf, nan

from trainer_cli.training.metrics import update_lines


def test_the_lines_of_one_network():
    lines = update_lines(None, 3, 41, [[0.25], [0.125]], [[0.0], [0.5]], [0.1, 0.05])
    assert lines == (
        '{"kind": "update", "update": 41, "epoch": 3, "cost": 0.25, "loss": 0.25, "penalty": 0.0, '
        '"learning_rate": 0.1}\n'
        '{"kind": "update", "update": 42, "epoch": 3, "cost": 0.625, "loss": 0.125, '
        '"penalty": 0.5, "learning_rate": 0.05}\n'
    )


def test_the_lines_of_several_members_say_whose_they_are():
    losses, penalties = [[1.0, 2.0], [3.0, nan]], [[0.0, 0.5], [inf, 0.0]]
    lines = update_lines([0, 2], 1, 1, losses, penalties, [0.1, 0.1]).splitlines()
    read = [json.loads(line) for line in lines]
    assert [(each["update"], each["member"]) for each in read] == [(1, 0), (1, 2), (2, 0), (2, 2)]
    assert [each["cost"] for each in read] == [1.0, 2.5, None, None]
    assert [each["loss"] for each in read] == [1.0, 2.0, 3.0, None]
    assert [each["penalty"] for each in read] == [0.0, 0.5, None, 0.0]


def test_numbers_are_written_in_full():
    (line,) = update_lines(None, 1, 1, [[1 / 3]], [[1e-30]], [1e-4]).splitlines()
    read = json.loads(line)
    assert (read["loss"], read["penalty"], read["learning_rate"]) == (1 / 3, 1e-30, 1e-4)


def test_no_updates_no_lines():
    assert update_lines(None, 1, 1, [], [], []) == ""
