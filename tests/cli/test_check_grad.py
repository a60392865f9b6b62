"""check-grad: its table, its JSON and its own option."""

import pytest

from tests.cli.running import run


def test_the_table_has_a_row_for_every_parameter():
    lines = run("check-grad").out.splitlines()
    head, *rows = lines[5:-1]
    assert head.split() == [
        "parameter",
        "error",
        "at",
        "backward",
        "differences",
        "checked",
        "kinks",
        "zero",
    ]
    assert [row.split()[0] for row in rows] == [
        "network[0].weights",
        "network[2].weights",
        "network[0].biases",
        "network[2].biases",
        "input",
    ]
    assert len({len(line) for line in (head, *rows)}) == 1
    assert lines[-1] == "verdict: pass  (4 pass)"


def test_json_has_the_same_rows():
    rows = run("check-grad", "--format", "json").json["parameters"]
    assert rows[0]["parameter"] == "network[0].weights"
    assert all(row["status"] == "pass" and row["checked"] > 0 for row in rows)


@pytest.mark.parametrize("sides", [1, 2, 4, 6])
def test_sides(sides):
    ran = run("check-grad", "--sides", sides, "--format", "json")
    assert ran.code == 0
    assert ran.json["findings"][0]["evidence"]["sides"] == sides


@pytest.mark.parametrize("sides", ["0", "3", "14", "-2"])
def test_other_numbers_of_sides_are_refused(sides):
    ran = run("check-grad", "--sides", sides)
    assert ran.code == 2
    words = " ".join(ran.err.replace("│", " ").split())
    assert f"Invalid value for --sides: must be 1 or an even number up to 12, got {sides}" in words
