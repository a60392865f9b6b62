"""The SVM losses against values worked out by hand, and at their kinks."""

from __future__ import annotations

import numpy as np
import pytest

from trainer_cli.nn.losses import SquaredSvm, Svm

# Scores of cat, car and frog for one image of each: CS231n, lecture 3, slides on the SVM loss.
CAT_CAR_FROG = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])[:, None]
LABELS = np.arange(3)[:, None]


def at_work(loss, capacity: int, classes: int, dtype=np.float64):
    return loss.bind([loss], capacity, classes, np.dtype(dtype))


def loss_and_gradient(loss, scores: list[float], label: int) -> tuple[float, np.ndarray]:
    """Return the loss of one example and its gradient, (C,)."""
    array = np.array(scores, np.float64).reshape(1, 1, -1)
    work = at_work(loss, 1, len(scores))
    value = float(work.forward(array, np.array([[label]]))[0, 0])
    return value, work.backward(array.copy())[0, 0]


@pytest.mark.parametrize(
    ("loss", "scores", "label", "value", "gradient"),
    [
        (Svm(margin=10), [13, -7, 11], 0, 8, [-1, 0, 1]),  # CS231n, "Linear Classification"
        (SquaredSvm(margin=10), [13, -7, 11], 0, 64, [-16, 0, 16]),
        (Svm(), [1, 2, 3, 4], 0, 2 + 3 + 4, [-3, 1, 1, 1]),
        (SquaredSvm(), [1, 2, 3, 4], 0, 4 + 9 + 16, [-18, 4, 6, 8]),
        (Svm(), [5, 4, 3.5], 0, 0, [0, 0, 0]),  # a hinge of exactly 0 has no slope
        (SquaredSvm(), [5, 4, 3.5], 0, 0, [0, 0, 0]),
        (Svm(margin=0.5), [2, 2], 1, 0.5, [1, -1]),
        (SquaredSvm(margin=0.5), [2, 2], 1, 0.25, [1, -1]),
        (Svm(), [1e300, -1e300], 1, 2e300, [1, -1]),
        (Svm(), [1e300, -1e300], 0, 0, [0, 0]),
        (SquaredSvm(), [1e100, -1e100], 1, 4e200, [4e100, -4e100]),
    ],
)
def test_values_by_hand(loss, scores, label, value, gradient) -> None:
    found, found_gradient = loss_and_gradient(loss, scores, label)
    assert found == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(found_gradient, gradient, rtol=1e-14)


def test_the_lectures_three_images() -> None:
    losses = at_work(Svm(), 3, 3).forward(CAT_CAR_FROG, LABELS)[:, 0]
    np.testing.assert_allclose(losses, [2.9, 0, 12.9], atol=1e-14)
    assert losses.mean() == pytest.approx(5.27, abs=0.005)
    squares = at_work(SquaredSvm(), 3, 3).forward(CAT_CAR_FROG, LABELS)[:, 0]
    np.testing.assert_allclose(squares, [2.9**2, 0, 6.3**2 + 6.6**2], atol=1e-12)


def test_class_weights_by_hand() -> None:
    loss = Svm(class_weights=(1.0, 2.0, 3.0))
    work = at_work(loss, 3, 3)
    found = work.forward(CAT_CAR_FROG, LABELS)[:, 0]
    np.testing.assert_allclose(found, [2.9 / 2, 0, 12.9 * 3 / 2], rtol=1e-14)
    assert found.mean() == pytest.approx((2.9 + 3 * 12.9) / 6)
    np.testing.assert_allclose(work.weight(LABELS), [6])
    gradient = work.backward(CAT_CAR_FROG.copy())[:, 0]
    np.testing.assert_allclose(
        gradient, np.array([[-1, 1, 0], [0, 0, 0], [3, 3, -6]]) / 6, rtol=1e-14
    )


@pytest.mark.parametrize("loss", [Svm(), SquaredSvm()])
def test_sides_tell_which_hinges_are_active(loss) -> None:
    work = at_work(loss, 4, 3)
    work.forward(np.zeros((4, 1, 3)), np.zeros((4, 1), np.intp))
    work.forward(CAT_CAR_FROG, LABELS)
    (sides,) = work.sides()
    assert sides.dtype == np.bool_
    expected = [[False, True, False], [False, False, False], [True, True, False]]
    np.testing.assert_array_equal(sides[:, 0], expected)


def test_a_small_margin_counts_beside_large_equal_scores() -> None:
    scores = np.full((1, 1, 3), 1e8, np.float32)
    work = at_work(Svm(), 1, 3, np.float32)
    assert work.forward(scores, np.array([[1]]))[0, 0] == 2


def test_values_at_zero_scores_and_their_formulas() -> None:
    assert Svm().zero_scores_text(10) == "(10 - 1)·1 = 9"
    assert Svm(margin=0.5).zero_scores_text(3) == "(3 - 1)·0.5 = 1"
    assert SquaredSvm().zero_scores_text(10) == "(10 - 1)·1² = 9"
    assert SquaredSvm(margin=2.5).zero_scores_text(3) == "(3 - 1)·2.5² = 12.5"
    assert (Svm(margin=3).at_zero_scores(5), SquaredSvm(margin=3).at_zero_scores(5)) == (12, 36)
    assert (Svm(margin=3).unit(), SquaredSvm(margin=3).unit()) == (3, 9)
