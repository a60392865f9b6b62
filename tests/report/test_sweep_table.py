"""The trials of a sweep: sorted in the table, complete in the CSV file."""

from __future__ import annotations

import csv
from io import StringIO
from math import inf, nan

import pytest

from tests.report.sweeps import (
    CLOSER,
    L2,
    LR,
    USUAL,
    finished,
    lost,
    one_stage,
    stage_of,
    swept_of,
)
from trainer_cli.config.space import Choice, Int, LogUniform, Uniform
from trainer_cli.report.sweep_table import sweep_table, trials_csv


def at(lr: float, l2: float) -> dict[str, float]:
    return {LR: lr, L2: l2}


RESULTS = [
    lost(1, at(0.5, 1e-3), cost=31.2, updates=3),
    finished(2, at(1.405206e-4, 4.793564e-1), 0.412),
    finished(3, at(1e-3, 1e-5), 0.53, cost=12345.6),
    finished(4, at(2e-3, 1e-5), 0.2, state="halved", epochs=1),
    lost(5, at(1e-3, 1e-1), "infeasible"),
    finished(6, at(1.1e-3, 1e-5), 0.53, validation_loss=0.9),
]


def test_the_best_come_first_and_the_lost_last():
    assert sweep_table(one_stage(USUAL, RESULTS)) == [
        "trial  valid  train       cost       state        lr       reg",
        "   6*  53.0%  54.0%       1.25    finished  1.10e-03  1.00e-05",
        "   3   53.0%  54.0%  1.235e+04    finished  1.00e-03  1.00e-05",
        "   2   41.2%  42.2%       1.25    finished  1.41e-04  4.79e-01",
        "   4   20.0%  21.0%       1.25      halved  2.00e-03  1.00e-05",
        "   1       -      -       31.2    diverged  5.00e-01  1.00e-03",
        "   5       -      -          -  infeasible  1.00e-03  1.00e-01",
    ]


def test_several_stages_have_a_column():
    second = [finished(7, at(1e-3, 1e-3), 0.6, stage=2)]
    stages = [stage_of(RESULTS, USUAL), stage_of(second, CLOSER, 2)]
    lines = sweep_table(swept_of(stages, [*RESULTS, *second]))
    assert lines[:3] == [
        "trial  stage  valid  train       cost       state        lr       reg",
        "   7*      2  60.0%  61.0%       1.25    finished  1.00e-03  1.00e-03",
        "   6       1  53.0%  54.0%       1.25    finished  1.10e-03  1.00e-05",
    ]


def test_the_star_is_with_the_best_of_the_last_stage():
    first = [finished(1, at(1e-3, 1e-3), 0.6)]
    second = [finished(2, at(2e-3, 1e-3), 0.5, stage=2)]
    stages = [stage_of(first, USUAL), stage_of(second, CLOSER, 2)]
    assert sweep_table(swept_of(stages, [*first, *second])) == [
        "trial  stage  valid  train  cost     state        lr       reg",
        "   1       1  60.0%  61.0%  1.25  finished  1.00e-03  1.00e-03",
        "   2*      2  50.0%  51.0%  1.25  finished  2.00e-03  1.00e-03",
    ]


def test_the_best_is_in_the_table_however_many_are_ahead_of_it():
    first = [finished(i, at(i * 1e-3, 1e-3), 0.6) for i in range(1, 31)]
    second = [finished(31, at(1e-3, 1e-3), 0.5, stage=2)]
    stages = [stage_of(first, USUAL), stage_of(second, CLOSER, 2)]
    lines = sweep_table(swept_of(stages, [*first, *second]))
    assert lines[19:] == [
        "  19       1  60.0%  61.0%  1.25  finished  1.90e-02  1.00e-03",
        "  31*      2  50.0%  51.0%  1.25  finished  1.00e-03  1.00e-03",
        "... and 11 more in trials.csv",
    ]


def test_a_narrow_terminal_cuts_only_keys():
    space = {f"network.{i}.dropout_rate": Uniform(low=0.0, high=1.0) for i in range(5)}
    results = [
        finished(123456, dict.fromkeys(space, 0.5), 1.0, cost=12345.6),
        lost(7, dict.fromkeys(space, 0.5), "infeasible", stage=2),
    ]
    stages = [stage_of(results[:1], space), stage_of(results[1:], space, 2)]
    for line in sweep_table(swept_of(stages, results))[1:]:
        assert line.endswith("0.5")
        assert line[:56].split()[-1] in ("finished", "infeasible")


def test_a_long_table_says_how_much_more_there_is():
    results = [finished(i, at(i * 1e-3, 1e-3), i / 100) for i in range(1, 101)]
    second = [finished(i, at(i * 1e-3, 1e-3), 0.99, stage=2) for i in range(101, 1101)]
    stages = [stage_of(results, USUAL), stage_of(second, USUAL, 2)]
    lines = sweep_table(swept_of(stages, [*results, *second]))
    assert len(lines) == 22
    assert lines[-1] == "... and 1,080 more in trials.csv"
    assert max(map(len, lines)) <= 80
    assert len(sweep_table(one_stage(USUAL, results[:20]))) == 21


def test_other_keys_stand_under_their_paths():
    space = {
        "network.0.units": Int(low=10, high=200),
        "network.1": Choice(values=("relu", {"type": "leaky_relu", "slope": 0.1})),
        "optimizer.momentum": Uniform(low=0.5, high=1.0),
        "seed": Choice(values=(None, True)),
    }
    values = [
        dict(zip(space, (128, "relu", 0.912345, None), strict=True)),
        dict(zip(space, (9, {"type": "leaky_relu", "slope": 0.1}, 0.5, True), strict=True)),
    ]
    results = [finished(i, each, 0.5 - i / 10) for i, each in enumerate(values)]
    assert sweep_table(one_stage(space, results)) == [
        "trial  valid  train  cost     state"
        "  network.0.units                       network.1  optimizer.momentum  seed",
        "   0*  50.0%  51.0%  1.25  finished"
        "              128                            relu                0.91  null",
        "   1   40.0%  41.0%  1.25  finished"
        "                9  {type: leaky_relu, slope: 0.1}                 0.5  true",
    ]


@pytest.mark.parametrize("number", [nan, inf, None])
def test_what_is_no_number_is_a_dash(number):
    values = at(1e-3, 1e-3)
    result = finished(1, values, 0.5, cost=number, train_accuracy=number)
    assert sweep_table(one_stage(USUAL, [result]))[1].split()[2:4] == ["-", "-"]


def test_no_results_no_table():
    assert sweep_table(one_stage(USUAL, [])) == []
    assert sweep_table(swept_of([], [])) == []


def test_the_csv_file_has_every_trial_and_figure():
    rows = list(csv.DictReader(StringIO(trials_csv(one_stage(USUAL, RESULTS)), newline="")))
    assert [row["trial"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert rows[1] == {
        "trial": "2",
        "stage": "1",
        "state": "finished",
        "reason": "",
        "epochs": "5",
        "updates": "195",
        LR: "0.0001405206",
        L2: "0.4793564",
        "original_cost": "2.4",
        "original_loss": "2.3",
        "learnable": "2.2",
        "learned": "0.75",
        "cost": "1.25",
        "train_loss": "1.125",
        "train_accuracy": "0.422",
        "validation_loss": "1.088",
        "validation_accuracy": "0.412",
    }
    assert float(rows[1][LR]) == RESULTS[1].values[LR]


def test_the_csv_file_to_the_letter():
    """RFC 4180: lines end in CR LF, and what holds a comma or a quote stands in quotes."""
    space = {"network.1": Choice(values=("relu", "a, b")), LR: LogUniform(low=1e-6, high=1.0)}
    results = [
        lost(1, {"network.1": "a, b", LR: 1e-5}, cost=inf),
        lost(2, {"network.1": {"type": "elu"}, LR: 0.1 + 0.2}, "infeasible", reason='a "b"'),
    ]
    assert trials_csv(one_stage(space, results)) == (
        "trial,stage,state,reason,epochs,updates,network.1,optimizer.learning_rate,original_cost,"
        "original_loss,learnable,learned,cost,train_loss,train_accuracy,validation_loss,"
        "validation_accuracy\r\n"
        '1,1,diverged,"cost 31.2 in epoch 1, limit 6.9",0,0,"a, b",1e-05,,,,,,,,,\r\n'
        '2,1,infeasible,"a ""b""",0,0,{type: elu},0.30000000000000004,,,,,,,,,\r\n'
    )


def test_an_infinite_cost_and_one_that_was_read_back_are_written_alike():
    """The journal cannot hold it, and a sweep that was gone on with ends with the same bits."""
    values = at(1e-3, 1e-3)
    texts = {
        trials_csv(one_stage(USUAL, [lost(1, values, cost=cost)])) for cost in (inf, nan, None)
    }
    assert len(texts) == 1
