"""Rule underfitting: is the network too small, or held too tightly, for what there is to learn?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Dataset
from trainer_cli.datasets.examples import Examples
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.flatness import NOTABLE, penalty_share
from trainer_cli.training.diagnosis.names import UNDER, passed, skipped
from trainer_cli.training.diagnosis.suspects import pulls, suspects
from trainer_cli.training.findings import Finding
from trainer_cli.training.proportions import difference
from trainer_cli.training.threads import one_thread

# N training and n validation examples, F features, C classes.

# Low accuracy without a gap may also be all that the data allow. So a network is held against
# the plainest classifier there is, k nearest neighbours (CS231n, "Image Classification"): it has
# room to learn if they name clearly more new examples rightly than it does of those it has seen.
NEIGHBOURS = 10
CLEARLY = 0.1
MOST_NEIGHBOURS_FROM, MOST_NAMED = 5000, 1000
FEWEST_EPOCHS = 5


def underfitting(case: Case) -> Finding:
    """Judge a run that has come to rest: neighbours of validation examples against its accuracy."""
    train, validation = case.end.train_accuracy, case.end.validation_accuracy
    if len(case.history.epochs) < FEWEST_EPOCHS:
        return skipped(UNDER, f"too few epochs to tell, {len(case.history.epochs)}")
    accuracies = f"training accuracy {train:.1%}, validation accuracy {validation:.1%}"
    count = case.history.setting.validation_examples
    if train >= 1 - CLEARLY:
        return passed(UNDER, accuracies, train, 1 - CLEARLY)
    theirs = neighbours_accuracy(case.read())
    known = f"{NEIGHBOURS} nearest neighbours name {theirs:.1%} of the validation examples rightly"
    measured = min(len(case.read().validation), MOST_NAMED)
    clear = difference(theirs, measured, validation, count)[0] > CLEARLY
    if clear and theirs > train + CLEARLY >= theirs - _to_come(case):
        return skipped(UNDER, f"the accuracy is still rising, {accuracies}: more epochs come first")
    if not clear or theirs <= train + CLEARLY:
        seen = f"{accuracies}; {known}: nothing shows that the data allow more"
        return passed(UNDER, seen, train, theirs)
    held = " and ".join(_holding(case))
    return Finding(
        rule=UNDER,
        status="warn",
        measured=train,
        expected=theirs,
        threshold=CLEARLY,
        message=f"{accuracies}: no gap, and low, where {known}",
        hint=("try less regularization (" + held + "), " if held else "try ")
        + "more units or layers, or more epochs",
        evidence={"train_accuracy": train, "neighbours_accuracy": theirs},
    )


def _holding(case: Case) -> list[str]:
    """Return the settings that may hold the network back: penalties if they are worth a word."""
    weak = {} if penalty_share(case.history) >= NOTABLE else pulls(case.experiment)
    return [name for name in suspects(case.experiment) if name not in weak]


def _to_come(case: Case) -> float:
    """Return what as many epochs again add to the accuracies at the pace of the last quarter."""
    both = np.array([(e.train_accuracy, e.validation_accuracy) for e in case.history.epochs])
    quarter = len(both) // 4
    before, last = both[-2 * quarter : -quarter], both[-quarter:]
    return (
        len(both)
        / quarter
        * float(max(0.0, *(np.median(last, axis=0) - np.median(before, axis=0))))
    )


def neighbours_accuracy(dataset: Dataset) -> float:
    """Return which share of up to 1,000 validation examples their nearest neighbours name rightly.

    The neighbours are the nearest of up to 5,000 training examples, preprocessed; each has a vote.
    """
    known, train_labels = _some(dataset.train, MOST_NEIGHBOURS_FROM)  # (N, F), (N,)
    new, labels = _some(dataset.validation, MOST_NAMED)  # (n, F), (n,)
    k = min(NEIGHBOURS, len(known))
    with one_thread():  # so that the last bits are the same wherever it is judged
        apart = np.square(known).sum(axis=1) - 2 * new @ known.T  # (n, N), |a - b|² - |b|²
    nearest = np.argpartition(apart, k - 1, axis=1)[:, :k]  # (n, k)
    votes = np.zeros((len(new), dataset.classes))
    for column in train_labels[nearest].T:
        votes[np.arange(len(new)), column] += 1
    return float(np.mean(votes.argmax(axis=1) == labels))


def _some(examples: Examples, most: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    chosen = examples.select(examples.evenly(most))
    return chosen.ready(np.dtype(np.float32)), chosen.labels
