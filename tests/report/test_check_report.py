"""The report of the whole recipe, word for word."""

from __future__ import annotations

from trainer_cli.checks.preflight import Checked
from trainer_cli.report.check_report import check_report
from trainer_cli.training.findings import Finding

FINE = Finding(rule="overfit", status="pass", message="learned")
CLOSE = Finding(
    rule="update-ratio",
    status="pass",
    message="0.09 (3 of 5 seeds)",
    evidence={"seeds": 5, "seeds_agreeing": 3},
)
SKIP = Finding(rule="dropout-placement", status="skip", message="not judged: no dropout")
WARN = Finding(rule="bottleneck", status="warn", message="narrow")


def table(*findings):
    return check_report([Checked(name="it", findings=findings, seconds=0.25)]).table


def test_a_line_for_each_check():
    assert table(FINE) == ["it  pass  1 rule  0.25 s"]
    assert table(FINE, SKIP) == ["it  pass  1 rule, 1 not judged  0.25 s"]
    assert table(SKIP) == ["it  skip  not judged: no dropout  0.25 s"]
    assert table(FINE, WARN) == ["it  warn  bottleneck  0.25 s"]


def test_a_close_shave_is_told():
    assert table(FINE, CLOSE) == ["it  pass  2 rules; only just update-ratio: 3 of 5 seeds  0.25 s"]


def test_only_trouble_is_told_in_full():
    report = check_report([Checked(name="it", findings=[FINE, WARN, SKIP], seconds=0.1)])
    assert report.told == [WARN]
    assert report.lines == []
