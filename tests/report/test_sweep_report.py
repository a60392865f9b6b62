"""What a sweep has to say once it is over, as text and as JSON."""

from __future__ import annotations

import json
from io import StringIO
from math import inf, nan
from pathlib import Path

import pytest
from rich.console import Console

from tests.report.sweeps import CLOSER, L2, LR, USUAL, finished, lost, one_stage, stage_of, swept_of
from trainer_cli.config.space import LogUniform
from trainer_cli.report.json_report import report_json
from trainer_cli.report.sweep_report import sweep_report
from trainer_cli.report.sweep_words import key_name, range_text, value_shown
from trainer_cli.report.text_report import print_report
from trainer_cli.training.findings import Finding

FOLDER = Path("runs/sweep-digits-20260102-030405")
COARSE = [
    lost(1, {LR: 0.5, L2: 1e-3}, cost=nan),
    finished(2, {LR: 1e-3, L2: 1e-3}, 0.41),
]
FINE = [finished(3, {LR: 2e-3, L2: 1e-4}, 0.53, stage=2, epochs=10)]
STAGES = [
    stage_of(COARSE, USUAL, stacks=[(1, 2)]),
    stage_of(FINE, CLOSER, 2, 10, stacks=[(3,)]),
]
SWEPT = swept_of(STAGES, [*COARSE, *FINE])
FINDINGS = [Finding(rule="few-trials", status="warn", message="3 trials", hint="try 22")]


def text_of(report, **settings):
    text = StringIO()
    console = Console(file=text, width=80, no_color=True, highlight=False, **settings)
    print_report(console, "sweep", "built-in digits experiment", report, quiet=False)
    return text.getvalue()


def test_the_text():
    report = sweep_report(SWEPT, FINDINGS, FOLDER, None, pictured=True)
    assert text_of(report).splitlines() == [
        "nntrain sweep  built-in digits experiment",
        "warn  few-trials: 3 trials",
        "      hint: try 22",
        "",
        "trial  stage  valid  train  cost     state        lr       reg",
        "   3*      2  53.0%  54.0%  1.25  finished  2.00e-03  1.00e-04",
        "   2       1  41.0%  42.0%  1.25  finished  1.00e-03  1.00e-03",
        "   1       1      -      -     -  diverged  5.00e-01  1.00e-03",
        "",
        "3 trials in 2 stages, 12.3 s: 2 finished, 1 diverged",
        "stage 2: optimizer.learning_rate: 10**uniform(-6, 0) -> 10**uniform(-4, -2)",
        "best: trial 3: validation accuracy 53.0% after 10 epochs",
        "train it: nntrain train runs/sweep-digits-20260102-030405/best.yaml",
        "picture: runs/sweep-digits-20260102-030405/sweep.png",
        "run: runs/sweep-digits-20260102-030405",
        "verdict: warn  (1 warn)",
    ]


def test_without_matplotlib_it_says_what_is_needed():
    report = sweep_report(SWEPT, FINDINGS, FOLDER, None, pictured=False)
    assert report.lines[-2] == "picture: needs the extra plots: pip install 'nntrain[plots]'"
    assert report.results["picture"] is None


def test_an_interrupted_sweep_says_how_to_go_on():
    begun = one_stage(USUAL, COARSE, stopped="interrupted")
    report = sweep_report(begun, [], FOLDER, 130, pictured=True)
    assert report.exit_code == 130
    assert (
        report.lines[0] == "interrupted after 2 trials in 1 stage, 12.3 s: 1 finished, 1 diverged"
    )
    assert report.lines[-1] == (
        "go on with it: nntrain sweep --resume runs/sweep-digits-20260102-030405"
    )


def test_where_nothing_finished_there_is_no_best():
    report = sweep_report(one_stage(USUAL, COARSE[:1]), [], Path("my runs"), None, pictured=True)
    assert report.lines == [
        "1 trial in 1 stage, 12.3 s: 1 diverged",
        "picture: my runs/sweep.png",
        "run: my runs",
    ]
    assert report.results["best"] is None
    assert report.results["best_config"] is None


def infeasible(trial, reason):
    return lost(trial, {LR: 0.5, L2: 1e-3}, "infeasible", reason=reason)


def test_what_was_infeasible_has_its_reason():
    results = [*COARSE, infeasible(3, "optimizer.momentum: unknown key")]
    report = sweep_report(one_stage(USUAL, results), [], Path("one"), None, pictured=True)
    assert report.lines == [
        "3 trials in 1 stage, 12.3 s: 1 finished, 1 diverged, 1 infeasible",
        "1 infeasible: optimizer.momentum: unknown key",
        "best: trial 2: validation accuracy 41.0% after 5 epochs",
        "train it: nntrain train one/best.yaml",
        "picture: one/sweep.png",
        "run: one",
    ]


@pytest.mark.parametrize(
    ("reasons", "more"),
    [
        ("aabcbb", []),
        ("aabcbbd", ["... and 1 more reason"]),
        ("adbacbbe", ["... and 2 more reasons"]),
    ],
)
def test_the_most_frequent_reasons_are_told(reasons, more):
    results = [infeasible(i, f"seed: {each}") for i, each in enumerate(reasons, start=1)]
    lines = sweep_report(one_stage(USUAL, results), [], Path("one"), None, pictured=True).lines
    assert lines[1:3] == ["3 infeasible: seed: b", "2 infeasible: seed: a"]
    assert lines[3].startswith("1 infeasible: seed: ")
    assert lines[4:-2] == more


def test_a_best_that_is_not_the_first_of_the_table_says_why():
    first = [finished(1, {LR: 1e-3, L2: 1e-3}, 0.6)]
    second = [finished(2, {LR: 1e-3, L2: 1e-3}, 0.5, stage=2)]
    stages = [stage_of(first, USUAL), stage_of(second, CLOSER, 2)]
    swept = swept_of(stages, [*first, *second])
    assert sweep_report(swept, [], Path("one"), None, pictured=True).lines[1:3] == [
        "stage 2: optimizer.learning_rate: 10**uniform(-6, 0) -> 10**uniform(-4, -2)",
        "best: trial 2: validation accuracy 50.0% after 5 epochs (the last stage decides)",
    ]


def test_a_stage_that_was_broken_off_does_not_decide():
    first = [finished(1, {LR: 1e-3, L2: 1e-3}, 0.5)]
    second = [finished(2, {LR: 1e-3, L2: 1e-3}, 0.6, stage=2)]
    stages = [stage_of(first, USUAL), stage_of(second, CLOSER, 2)]
    swept = swept_of(stages, [*first, *second], stopped="interrupted")
    assert sweep_report(swept, [], Path("one"), 130, pictured=True).lines[2] == (
        "best: trial 1: validation accuracy 50.0% after 5 epochs (stage 1 decides)"
    )


def test_nothing_at_all():
    nothing = swept_of(STAGES[:1], [], stopped="interrupted")
    report = sweep_report(nothing, [], Path("one"), 130, pictured=False)
    assert report.table == []
    assert report.lines[0] == "interrupted after 0 trials in 1 stage, 12.3 s"


def test_what_is_to_be_copied_is_quoted():
    swept = one_stage(USUAL, COARSE, stopped="interrupted")
    lines = sweep_report(swept, [], Path("my runs"), None, pictured=True).lines
    assert "train it: nntrain train 'my runs/best.yaml'" in lines
    assert "go on with it: nntrain sweep --resume 'my runs'" in lines


def test_the_json_has_every_trial():
    report = sweep_report(SWEPT, FINDINGS, FOLDER, None, pictured=True)
    document = json.loads(report_json("sweep", "nntrain.yaml", report))
    assert list(document) == [
        "schema", "command", "config", "verdict", "findings", "run", "stages", "trials", "best",
        "best_config", "picture", "stopped", "seconds",
    ]  # fmt: skip
    assert document["run"] == str(FOLDER)
    assert document["stages"] == [
        {
            "stage": 1,
            "epochs": 5,
            "space": {LR: {"log_uniform": [1e-6, 1.0]}, L2: {"log_uniform": [1e-5, 100.0]}},
            "stacks": [[1, 2]],
        },
        {
            "stage": 2,
            "epochs": 10,
            "space": {LR: {"log_uniform": [1e-4, 1e-2]}, L2: {"log_uniform": [1e-5, 100.0]}},
            "stacks": [[3]],
        },
    ]
    assert [trial["trial"] for trial in document["trials"]] == [1, 2, 3]
    assert document["trials"][0] == {
        "trial": 1,
        "stage": 1,
        "values": {LR: 0.5, L2: 1e-3},
        "state": "diverged",
        "reason": "cost 31.2 in epoch 1, limit 6.9",
        "epochs": 0,
        "updates": 0,
        "original_cost": None,
        "original_loss": None,
        "learnable": None,
        "learned": None,
        "cost": None,  # it was NaN
        "train_loss": None,
        "train_accuracy": None,
        "validation_loss": None,
        "validation_accuracy": None,
    }
    assert document["best"] == document["trials"][2]
    assert document["best_config"] == str(FOLDER / "best.yaml")
    assert document["picture"] == str(FOLDER / "sweep.png")
    assert document["stopped"] == "finished"
    assert document["seconds"] == 12.34


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_the_json_is_strict(number):
    trial = finished(1, {LR: 1e-3, L2: 1e-3}, 0.5, cost=number, validation_loss=number)
    report = sweep_report(one_stage(USUAL, [trial]), [], FOLDER, None, pictured=True)
    text = report_json("sweep", None, report)

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(text, parse_constant=refuse)["best"]["cost"] is None


def test_no_line_is_wider_than_a_terminal():
    text = text_of(sweep_report(SWEPT, FINDINGS, FOLDER, None, pictured=False), force_terminal=True)
    assert max(len(line) for line in text.splitlines()) <= 80


def test_names_of_keys():
    assert key_name(LR) == "lr"
    assert key_name(L2) == "reg"
    assert key_name("regularization.l1") == "regularization.l1"


def test_a_range_that_stays_stands_alone():
    old, new = LogUniform(low=1e-5, high=1e5), LogUniform(low=1e-4, high=1.0)
    assert range_text(old) == "10**uniform(-5, 5)"
    assert range_text(old, old) == "10**uniform(-5, 5)"
    assert range_text(new, old) == "10**uniform(-5, 5) -> 10**uniform(-4, 0)"


def test_a_whole_number_has_all_its_digits():
    assert value_shown(1234567, LogUniform(low=1.0, high=1e9), 2) == "1234567"
