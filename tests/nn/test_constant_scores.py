"""The least loss with the same scores for all examples, against searches on the loss at work.

C classes.
"""

from __future__ import annotations

from itertools import product
from math import log

import numpy as np
import pytest

from tests.nn.examples import LOSSES
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.nn.losses.constant_scores import class_shares

COUNTS = [
    [5, 5],
    [99, 1],
    [3, 2, 1],
    [90, 9, 1],
    [20, 0, 1],
    [0, 0, 7],
    [8, 4, 2, 1],
    [60, 60, 1, 1],
    [5, 5, 4, 4],
]
EVERY_LOSS = pytest.mark.parametrize(
    ("cls", "i"), [(cls, i) for cls in LOSSES for i in range(len(LOSSES[cls](2)))]
)


class AllAlike:
    """The loss of constant scores (C,) on examples of which so many belong to each class."""

    def __init__(self, loss, counts):
        self.labels = np.repeat(np.arange(len(counts)), counts)[:, None]
        self.shares = class_shares(self.labels, len(counts))
        n = len(self.labels)
        self.work = loss.bind([loss], n, len(counts), np.dtype(np.float64))

    def value(self, scores):
        scores = np.tile(np.asarray(scores, np.float64), (len(self.labels), 1, 1))
        return self.work.forward(scores, self.labels).mean()

    def slope(self, scores):
        scores = np.tile(np.asarray(scores, np.float64), (len(self.labels), 1, 1))
        self.work.forward(scores, self.labels)
        return self.work.backward(scores).sum(axis=(0, 1))


def test_class_shares():
    labels = np.array([[2], [0], [2], [2]])
    np.testing.assert_array_equal(class_shares(labels, 4), [0.25, 0, 0.75, 0])


@EVERY_LOSS
@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_no_constant_scores_do_better(cls, i, counts):
    loss = LOSSES[cls](len(counts))[i]
    alike = AllAlike(loss, counts)
    claimed = loss.at_best_constant(alike.shares)
    rng = np.random.default_rng(0)
    tried = [alike.value(rng.normal(0, 3, len(counts))) for _ in range(100)]
    assert claimed <= min(*tried, alike.value(np.zeros(len(counts)))) + 1e-12


@EVERY_LOSS
@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_some_constant_scores_do_as_well(cls, i, counts):
    loss = LOSSES[cls](len(counts))[i]
    alike = AllAlike(loss, counts)
    if cls is Svm:  # whole margins, by brute force
        grid = product(range(-len(counts), len(counts) + 1), repeat=len(counts) - 1)
        found = min(alike.value(loss.margin * np.array([0, *scores])) for scores in grid)
        assert loss.at_best_constant(alike.shares) == pytest.approx(found, abs=1e-12)
        return
    scores, rate = np.zeros(len(counts)), 0.05 if cls is SquaredSvm else 2.0
    for _ in range(2000):
        scores -= rate * alike.slope(scores)
    found = alike.value(scores)
    assert loss.at_best_constant(alike.shares) == pytest.approx(found, rel=1e-4, abs=3e-4)


@EVERY_LOSS
@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_the_floor_is_what_the_best_scores_of_each_class_cost(cls, i, counts):
    """With scores for every class of their own, the loss falls to the floor and no further."""
    loss = LOSSES[cls](len(counts))[i]
    alike = AllAlike(loss, counts)
    total = weight = 0.0
    for label, count in enumerate(counts):
        if count:
            own = [count if c == label else 0 for c in range(len(counts))]
            alone = AllAlike(loss, own)
            share = count * (1 if loss.class_weights is None else loss.class_weights[label])
            total += share * loss.at_best_constant(alone.shares)
            weight += share
    floor = loss.floor(alike.shares)
    assert floor == pytest.approx(total / weight, abs=1e-12)
    assert floor <= loss.at_best_constant(alike.shares) + 1e-12


def test_values_by_hand():
    uneven = np.array([0.9, 0.1])
    expected = -0.9 * log(0.9) - 0.1 * log(0.1)
    assert Softmax().at_best_constant(uneven) == pytest.approx(expected)
    assert Softmax(class_weights=(1, 9)).at_best_constant(uneven) == pytest.approx(log(2))
    assert Svm(margin=3).at_best_constant(uneven) == pytest.approx(3 * 2 * 0.1)
    # 0.9 (1 - d)² + 0.1 (1 + d)² is least at d = 0.8
    assert SquaredSvm(margin=3).at_best_constant(uneven) == pytest.approx(9 * 4 * 0.9 * 0.1)
    assert Softmax().floor(uneven) == Svm().floor(uneven) == SquaredSvm().floor(uneven) == 0


@EVERY_LOSS
@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_even_shares_leave_equal_scores(cls, i, classes):
    loss = LOSSES[cls](classes)[i]
    if loss.class_weights is None:
        found = loss.at_best_constant(np.full(classes, 1 / classes))
        assert found == pytest.approx(loss.at_zero_scores(classes), rel=1e-9)


def test_many_uneven_classes_are_no_trouble():
    shares = np.random.default_rng(0).dirichlet(np.full(300, 0.1))
    for loss in (Softmax(), Svm(), SquaredSvm()):
        assert 0 < loss.at_best_constant(shares) < loss.at_zero_scores(300)
