"""The summary of a step is a table, whatever a message holds."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from trainer_cli.report.github_summary import errors_summary, summary
from trainer_cli.report.report import Report
from trainer_cli.training.findings import Finding

FAIL = Finding(rule="initial-loss", status="fail", message="a|b of network[0]\n<b>", hint="2 * x_i")
PASS = Finding(rule="overfit", status="pass", message="learned")


def test_the_whole_summary():
    assert summary("check-loss", "configs/my_net.yaml", Report(findings=[FAIL, PASS])) == (
        "### nntrain check-loss: fail\n"
        "\n"
        "configs/my\\_net.yaml\n"
        "\n"
        "| rule | status | message | hint |\n"
        "| --- | --- | --- | --- |\n"
        "| initial-loss | fail | a\\|b of network\\[0\\]<br>\\<b\\> | 2 \\* x\\_i |\n"
        "| overfit | pass | learned |  |\n"
        "\n"
    )


def test_problems_of_a_file_and_of_the_rest():
    problem = {"file": "a.yaml", "line": 9, "column": 3, "key": "network[0]"}
    problem |= {"message": "is no layer", "hint": "write relu"}
    other = dict.fromkeys(problem) | {"message": "not enough memory"}
    assert errors_summary("train", "a.yaml", [problem, other]) == (
        "### nntrain train: could not start\n"
        "\n"
        "a.yaml\n"
        "\n"
        "| place | key | message | hint |\n"
        "| --- | --- | --- | --- |\n"
        "| a.yaml:9:3 | network\\[0\\] | is no layer | write relu |\n"
        "|  |  | not enough memory |  |\n"
        "\n"
    )


@given(st.text())
def test_any_message_stays_in_its_cell(text):
    finding = Finding(rule="overfit", status="fail", message=text)
    lines = summary("check", "a.yaml", Report(findings=[finding])).split("\n")
    assert len(lines) == 9
    assert len(re.sub(r"\\.", "", lines[6]).split("|")) == 6
