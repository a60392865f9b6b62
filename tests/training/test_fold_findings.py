"""What is said of all folds together: the mean, and whether they differ more than by chance."""

from __future__ import annotations

import numpy as np
import pytest

from trainer_cli.training.fold_figures import FoldFigures, spread_of
from trainer_cli.training.fold_findings import judge_folds


def figures(*accuracies, size=200, stopped="finished"):
    """Return folds of `size` examples each, with these validation accuracies."""
    return [
        FoldFigures(
            fold=fold,
            stopped=stopped if accuracy is None else "finished",
            epochs=3,
            updates=60,
            examples=size * (len(accuracies) - 1),
            validation_examples=size,
            train_accuracy=accuracy,
            validation_accuracy=accuracy,
            validation_loss=None if accuracy is None else 1 - accuracy,
        )
        for fold, accuracy in enumerate(accuracies)
    ]


def judged(folds, majority=0.25, stops_early=False):
    return {f.rule: f for f in judge_folds(folds, majority, stops_early=stops_early)}


def test_mean_deviation_and_standard_error():
    """By hand: 0.7, 0.8, 0.9 have the mean 0.8, the deviation 0.1 and the error 0.1/√3."""
    spread = spread_of(figures(0.7, 0.8, 0.9), "validation_accuracy")
    assert spread.mean == pytest.approx(0.8)
    assert spread.std == pytest.approx(0.1)
    assert spread.standard_error == pytest.approx(0.1 / np.sqrt(3))


def test_folds_that_learn_and_agree():
    found = judged(figures(0.9, 0.92, 0.885, 0.91, 0.9))
    assert list(found) == ["crossval", "fold-spread"]
    assert found["crossval"].status == "pass"
    assert found["crossval"].message == (
        "mean validation accuracy 90.3% ± 0.6% (standard error over 5 folds; standard deviation "
        "1.3%); the largest class alone: 25.0%"
    )
    assert found["crossval"].measured == pytest.approx(0.903)
    low, high = found["crossval"].evidence["interval"]
    assert low < 0.903 < high
    assert found["fold-spread"].status == "pass"
    assert found["fold-spread"].message == (
        "the folds differ no more than chance explains: standard deviation 1.3%, and 2.0% by chance"
    )


def test_a_mean_that_the_largest_class_alone_gives():
    found = judged(figures(0.26, 0.25, 0.24), majority=0.25)["crossval"]
    assert found.status == "warn"
    assert found.message == (
        "mean validation accuracy 25.0% ± 0.6% (standard error over 3 folds; standard deviation "
        "1.0%), which is no more than naming the largest class every time gives, 25.0%"
    )
    assert found.hint == "look at one run first: nntrain train, and what it says"


def test_folds_that_differ_more_than_chance_explains():
    found = judged(figures(0.92, 0.7, 0.91, 0.9))["fold-spread"]
    assert found.status == "warn"
    assert found.message == (
        "the folds differ more than chance explains: standard deviation 10.5%, and 2.3% by chance; "
        "the worst is fold 1 with 70.0%"
    )
    assert found.hint == (
        "train with another seed: if the worst fold is another one then, training is what differs, "
        "so train longer or at a lower rate; if not, look at the examples of that fold"
    )
    assert found.evidence["share"] < 1e-3


@pytest.mark.parametrize(
    ("size", "accuracy", "count"), [(300, 0.97, 5), (20, 0.9, 10), (1, 0.8, 50)]
)
def test_folds_that_differ_by_chance_alone_are_not_blamed(size, accuracy, count):
    rng = np.random.default_rng(3)
    for _ in range(30):
        shares = rng.binomial(size, accuracy, count) / size
        assert judged(figures(*shares, size=size))["fold-spread"].status == "pass"


def test_folds_without_an_error():
    found = judged(figures(1.0, 1.0, 1.0))
    assert {finding.status for finding in found.values()} == {"pass"}


@pytest.mark.parametrize(
    ("stopped", "message"),
    [
        ("diverged", "not judged: the cost exploded in 2 of 4 folds"),
        ("interrupted", "not judged: training was interrupted"),
    ],
)
def test_folds_that_have_no_last_epoch(stopped, message):
    folds = figures(0.9, None, 0.9, None, stopped=stopped)
    found = judged(folds)
    assert [finding.status for finding in found.values()] == ["skip", "skip"]
    assert {finding.message for finding in found.values()} == {message}
    assert spread_of(folds, "validation_accuracy") is None


def test_early_stopping_is_left_aside_and_said_so():
    found = judged(figures(0.9, 0.9), stops_early=True)["early-stopping"]
    assert found.status == "skip"
    assert found.message == (
        "training.early_stopping is left aside: it would choose the epoch by the examples that the "
        "fold is judged by, which flatters; every fold is trained to its last epoch"
    )
    assert (
        found.hint == "set training.epochs to the number of epochs that nntrain train stops after"
    )
