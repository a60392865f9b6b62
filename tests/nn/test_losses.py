"""What every loss promises: its value at zero scores, a mean over the batch, the right gradient.

N examples, M members, C classes.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.nn.differences import central_differences, relative_error
from tests.nn.examples import LOSSES
from tests.parts import members_of
from trainer_cli.nn.losses import Loss

EVERY_LOSS = pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.type)


def bound(loss, members: int, capacity: int, classes: int, dtype=np.float64):
    return loss.bind([loss] * members, capacity, classes, np.dtype(dtype))


def means(work, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return work.forward(scores, labels).mean(axis=0)


def test_every_loss_has_an_example() -> None:
    assert set(LOSSES) == set(members_of(Loss))
    assert len(LOSSES) >= 1


@EVERY_LOSS
@pytest.mark.parametrize("classes", [2, 3, 10, 100])
def test_zero_scores_cost_what_the_loss_says_for_any_labels(loss, classes) -> None:
    work = bound(loss, 2, 50, classes)
    for seed in range(3):
        labels = np.random.default_rng(seed).integers(0, classes, (50, 2))
        losses = work.forward(np.zeros((50, 2, classes)), labels)
        np.testing.assert_allclose(losses, loss.at_zero_scores(classes), rtol=1e-14)


@EVERY_LOSS
@pytest.mark.parametrize("own", [True, False], ids=["own labels", "shared labels"])
@pytest.mark.parametrize("members", [1, 3])
def test_the_gradient_is_the_derivative_of_the_mean(loss, members, own) -> None:
    rng = np.random.default_rng(members)
    work = bound(loss, members, 6, 4)
    for n in (6, 2, 5):  # the capacity, then smaller batches
        scores = rng.standard_normal((n, members, 4))
        labels = rng.integers(0, 4, (n, members if own else 1))
        expected = central_differences(lambda s=scores, y=labels: means(work, s, y).sum(), scores)
        work.forward(scores, labels)
        assert relative_error(work.backward(scores.copy()), expected) < 1e-9


@EVERY_LOSS
def test_shared_labels_count_for_every_member(loss) -> None:
    rng = np.random.default_rng(0)
    work = bound(loss, 3, 5, 4)
    scores, labels = rng.standard_normal((5, 3, 4)), rng.integers(0, 4, (5, 1))
    shared = work.forward(scores, labels).copy()
    shared_gradient = work.backward(scores.copy())
    own = work.forward(scores, np.repeat(labels, 3, axis=1))
    np.testing.assert_array_equal(own, shared)
    np.testing.assert_array_equal(work.backward(scores.copy()), shared_gradient)


@EVERY_LOSS
def test_a_huge_batch_is_judged_as_its_examples_one_by_one(loss) -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    scores, labels = 5 * rng.standard_normal((n, 2, 3)), rng.integers(0, 3, (n, 2))
    whole = bound(loss, 2, n, 3)
    losses = whole.forward(scores, labels)
    gradient = whole.backward(scores.copy())
    single = bound(loss, 2, 1, 3)
    for i in range(0, n, 997):
        one, label = scores[i : i + 1], labels[i : i + 1]
        np.testing.assert_allclose(losses[i : i + 1], single.forward(one, label), rtol=1e-14)
        np.testing.assert_allclose(
            gradient[i : i + 1] * n, single.backward(one.copy()), rtol=1e-12, atol=1e-15
        )


@EVERY_LOSS
def test_forward_leaves_the_scores_and_backward_writes_into_its_argument(loss) -> None:
    scores = np.random.default_rng(0).standard_normal((3, 2, 4))
    before, work = scores.copy(), bound(loss, 2, 3, 4)
    work.forward(scores, np.zeros((3, 1), np.intp))
    np.testing.assert_array_equal(scores, before)
    assert np.shares_memory(work.backward(scores), scores)
