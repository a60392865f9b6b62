"""Tables of an evaluation on a narrow terminal: names give way, numbers do not."""

from __future__ import annotations

import numpy as np
import pytest
from rich.cells import cell_len

from trainer_cli.report.evaluation_report import evaluation_report
from trainer_cli.training.confusion import by_class
from trainer_cli.training.evaluation import Evaluation, NetworkFigures

NAMES = ("猫の種類のとても長い名前です", "línea\nnueva", "Egyptian mongoose of the Nile")


def evaluated(names=NAMES, runs=("one",)):
    matrix = np.eye(len(names), dtype=np.intp) * 5
    matrix[0, 1] = 2
    figures = {"weights": "best", "member": 0, "validation_accuracy": 0.9, "test_accuracy": 0.8}
    return Evaluation(
        runs=runs,
        choice="best",
        networks=tuple(NetworkFigures(run=run, **figures) for run in runs),
        averaged="probabilities",
        examples=int(matrix.sum()),
        cost=0.1,
        accuracy=0.8,
        interval=(0.6, 0.9),
        majority=0.4,
        class_names=names,
        classes=tuple(by_class(matrix)),
        matrix=matrix,
        validation=None,
        times=(1,) * len(runs),
        unfinished=None,
    )


def test_chinese_names_and_such_as_cannot_be_seen():
    table = evaluation_report(evaluated()).table
    assert list(table[1:5]) == [
        "class                       examples  predicted  precision  recall",
        "0 猫の種類のとても長い名…          7          5     100.0%   71.4%",
        "1 línea\\nnueva                     5          7      71.4%  100.0%",
        "2 Egyptian mongoose of th…         5          5     100.0%  100.0%",
    ]
    assert {cell_len(line) for line in table[1:5]} == {66}


def test_names_give_way_to_numbers():
    table = evaluation_report(evaluated(), 60).table
    assert list(table[1:5]) == [
        "class                 examples  predicted  precision  recall",
        "0 猫の種類のとても…          7          5     100.0%   71.4%",
        "1 línea\\nnueva               5          7      71.4%  100.0%",
        "2 Egyptian mongoose…         5          5     100.0%  100.0%",
    ]
    assert table[8] == "0 猫の種類のとても長い名…   5  2  .", "there is room in the other table"


@pytest.mark.parametrize("classes", [2, 10, 21, 300])
@pytest.mark.parametrize("width", [50, 60, 80])
def test_no_number_is_cut_off(classes, width):
    names = tuple(f"a rather long name of class {c}" for c in range(classes))
    report = evaluation_report(evaluated(names, ("runs/train-of-a-long-name-20260102",) * 2), width)
    heading = "confusion: classes in rows, what they were taken for in columns"
    assert max(cell_len(line) for line in report.table if line != heading) <= width


def test_of_a_runs_name_the_end_is_shown():
    report = evaluation_report(evaluated(runs=("runs/train-digits-20260102-030405", "b")), 45)
    assert list(report.table[1:5]) == [
        "network                     validation   test",
        "…gits-20260102-030405 best       90.0%  80.0%",
        "b best                           90.0%  80.0%",
        "mean probabilities                 n/a  80.0%",
    ]
