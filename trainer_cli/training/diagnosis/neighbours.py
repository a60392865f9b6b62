"""What nearest neighbours make of the data: how much of it can be told at the least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Dataset
from trainer_cli.datasets.examples import Examples
from trainer_cli.training.threads import one_thread

# N training and n validation examples, F features, C classes.

# The plainest classifier there is, k nearest neighbours (CS231n, "Image Classification").
NEIGHBOURS = 10
MOST_NEIGHBOURS_FROM, MOST_NAMED = 5000, 1000


def known_to_neighbours(dataset: Dataset) -> tuple[float, int, str]:
    """Return the accuracy of neighbours, on how many validation examples, and both in words."""
    accuracy, measured = neighbours_accuracy(dataset), min(len(dataset.validation), MOST_NAMED)
    words = (
        f"{NEIGHBOURS} nearest neighbours name {accuracy:.1%} of the validation examples rightly"
    )
    return accuracy, measured, words


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
