"""Rules that have nothing to say share a line of the text; the JSON has all of them."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from trainer_cli.report.json_report import report_json
from trainer_cli.report.report import Report
from trainer_cli.report.text_report import print_report
from trainer_cli.training.findings import Finding

RULES = [f"rule-{i}" for i in range(5)]


def report(*statuses):
    findings = [
        Finding(rule=rule, status=status, message="said")
        for rule, status in zip(RULES, statuses, strict=True)
    ]
    return Report(findings=findings, background=RULES[1:])


@pytest.mark.parametrize(
    ("statuses", "lines"),
    [
        (
            ["pass", "pass", "pass", "pass", "pass"],
            ["pass  rule-0: said", "pass  other signs of trouble: none (4 rules)"],
        ),
        (
            ["pass", "skip", "pass", "warn", "pass"],
            [
                "pass  rule-0: said",
                "warn  rule-3: said",
                "pass  other signs of trouble: none (2 rules, 1 not judged)",
            ],
        ),
        (
            ["fail", "skip", "skip", "skip", "skip"],
            ["fail  rule-0: said", "skip  other signs of trouble: not judged (4 rules)"],
        ),
        (
            ["warn", "warn", "warn", "warn", "warn"],
            [f"warn  rule-{i}: said" for i in range(5)],
        ),
    ],
    ids=["passes", "mixed", "skips", "warnings"],
)
def test_what_has_nothing_to_say_is_one_line(statuses, lines):
    text = StringIO()
    print_report(Console(file=text), "train", "file", report(*statuses), quiet=False)
    assert text.getvalue().splitlines()[1:-1] == lines
    document = json.loads(report_json("train", "file", report(*statuses)))
    assert [each["status"] for each in document["findings"]] == statuses
