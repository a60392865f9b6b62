"""The table of a cross-validation: every fold, and mean and spread where all are finished."""

from __future__ import annotations

from dataclasses import replace

from trainer_cli.report.crossval_report import folds_table
from trainer_cli.training.fold_figures import FoldFigures

FOLD = FoldFigures(
    fold=0,
    stopped="finished",
    epochs=3,
    updates=60,
    examples=2000,
    validation_examples=1000,
    train_accuracy=1.0,
    validation_accuracy=0.9,
    validation_loss=0.25,
)
GONE = {"train_accuracy": None, "validation_accuracy": None, "validation_loss": None}


def test_folds_mean_and_spread():
    other = replace(FOLD, fold=1, validation_accuracy=0.8, validation_loss=0.75)
    assert folds_table([FOLD, other]) == [
        "fold            examples   train  valid    loss",
        "0                  1,000  100.0%  90.0%  0.2500",
        "1                  1,000  100.0%  80.0%  0.7500",
        "mean                      100.0%  85.0%  0.5000",
        "deviation                   0.0%   7.1%  0.3536",
        "standard error              0.0%   5.0%  0.2500",
    ]


def test_a_fold_that_exploded_has_no_figures_and_leaves_no_mean():
    exploded = replace(FOLD, fold=1, stopped="diverged", epochs=1, **GONE)
    assert folds_table([FOLD, exploded]) == [
        "fold  examples   train  valid    loss",
        "0        1,000  100.0%  90.0%  0.2500",
        "1        1,000       -      -       -  diverged in epoch 2",
    ]
