"""The softmax loss against values worked out by hand, and at the ends of the number line."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.nn.differences import central_differences
from trainer_cli.nn.losses import Softmax


def softmax(members: int, capacity: int, classes: int, dtype=np.float64):
    return Softmax.bind([Softmax()] * members, capacity, classes, np.dtype(dtype))


def loss_and_gradient(scores: list[float], label: int) -> tuple[float, np.ndarray]:
    """Return the loss of one example and its gradient, (C,)."""
    array = np.array(scores, np.float64).reshape(1, 1, -1)
    work = softmax(1, 1, len(scores))
    loss = float(work.forward(array, np.array([[label]]))[0, 0])
    return loss, work.backward(array.copy())[0, 0]


@pytest.mark.parametrize(
    ("scores", "label", "loss", "gradient"),
    [
        ([log(1), log(2), log(5)], 0, log(8), [1 / 8 - 1, 2 / 8, 5 / 8]),
        ([log(1), log(2), log(5)], 2, log(8 / 5), [1 / 8, 2 / 8, 5 / 8 - 1]),
        ([log(3), 0.0], 1, log(4), [3 / 4, 1 / 4 - 1]),
        ([7.0, 7.0, 7.0, 7.0], 3, log(4), [1 / 4, 1 / 4, 1 / 4, 1 / 4 - 1]),
        ([1e4, 1e4], 0, log(2), [-1 / 2, 1 / 2]),
        ([-1e4, -1e4, -1e4], 1, log(3), [1 / 3, -2 / 3, 1 / 3]),
        ([1e4, -1e4], 0, 0.0, [0, 0]),
        ([1e4, -1e4], 1, 2e4, [1, -1]),
        ([1e4, 0.0, -1e4], 2, 2e4, [1, 0, -1]),
        ([1e300, -1e300], 1, 2e300, [1, -1]),
        ([0.0, -50.0], 0, exp(-50), [-exp(-50), exp(-50)]),
    ],
)
def test_values_by_hand(scores, label, loss, gradient) -> None:
    found, found_gradient = loss_and_gradient(scores, label)
    assert found == pytest.approx(loss, rel=1e-14, abs=1e-15)
    np.testing.assert_allclose(found_gradient, gradient, rtol=1e-14, atol=1e-15)


def test_the_lectures_example() -> None:
    """CS231n, "Linear Classification": scores -2.85, 0.86, 0.28, the third class is right."""
    loss, _ = loss_and_gradient([-2.85, 0.86, 0.28], 2)
    assert round(loss, 2) == 1.04


def test_label_smoothing_by_hand() -> None:
    """p = (1, 2, 5) / 8, and the targets are (0.8, 0.1, 0.1)."""
    loss = Softmax(label_smoothing=0.3)
    work = loss.bind([loss], 1, 3, np.dtype(np.float64))
    scores, label = np.log([1.0, 2.0, 5.0]).reshape(1, 1, 3), np.array([[0]])
    found = float(work.forward(scores, label)[0, 0])
    assert found == pytest.approx(0.8 * log(8) + 0.1 * log(4) + 0.1 * log(8 / 5))
    gradient = work.backward(scores.copy())[0, 0]
    np.testing.assert_allclose(gradient, [1 / 8 - 0.8, 2 / 8 - 0.1, 5 / 8 - 0.1])


def test_class_weights_and_smoothing_by_hand() -> None:
    """As PyTorch: the weights enter the smoothed sum, and the total is that of the labels alone."""
    weights = (1.0, 2.0, 4.0)
    loss = Softmax(label_smoothing=0.3, class_weights=weights)
    work = loss.bind([loss], 2, 3, np.dtype(np.float64))
    row = np.log([1.0, 2.0, 5.0])
    scores, labels = np.array([[row], [row]]), np.array([[0], [2]])
    logs = [log(8), log(4), log(8 / 5)]
    spread = 0.1 * sum(w * each for w, each in zip(weights, logs, strict=True))
    expected = (0.7 * 1 * logs[0] + 0.7 * 4 * logs[2] + 2 * spread) / (1 + 4)
    assert work.forward(scores, labels).mean() == pytest.approx(expected)
    assert work.weight(labels) == pytest.approx([5])


def test_the_value_at_zero_scores_in_words() -> None:
    assert Softmax().zero_scores_text(10) == "ln 10 = 2.3026"
    assert Softmax(label_smoothing=0.5).zero_scores_text(2) == "ln 2 = 0.6931"


@pytest.mark.parametrize("scores", [[1e4, 0, -1e4], [1e4, 1e4, 1e4], [-1e4, -1e4, 1e4]])
@pytest.mark.parametrize("label", [0, 1, 2])
def test_differences_at_extreme_scores(scores, label) -> None:
    x = np.array(scores, np.float64).reshape(1, 1, 3)
    work, labels = softmax(1, 1, 3), np.array([[label]])
    # A loss of 2e4 is rounded to 4e-12, and the step divides that.
    expected = central_differences(lambda: float(work.forward(x, labels)[0, 0]), x)
    work.forward(x, labels)
    np.testing.assert_allclose(work.backward(x.copy()), expected, atol=1e-7)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from([np.float32, np.float64]))
def test_finite_scores_give_a_finite_loss_and_gradient(data, dtype) -> None:
    most = float(np.finfo(dtype).max) / 2  # so that the gap between two scores is a number
    width = np.dtype(dtype).itemsize * 8
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(2, 5)))
    scores = data.draw(arrays(dtype, shape, elements=st.floats(-most, most, width=width)))
    labels = data.draw(arrays(np.intp, shape[:2], elements=st.integers(0, shape[2] - 1)))
    work = softmax(shape[1], shape[0], shape[2], dtype)
    losses = work.forward(scores, labels)
    assert losses.dtype == dtype
    assert np.all(np.isfinite(losses))
    assert np.all(losses >= 0)
    gradient = work.backward(scores.copy())
    assert np.all(np.abs(gradient) <= 1 / shape[0])
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_not_hidden(bad) -> None:
    scores = np.array([[[0.0, bad, 1.0]]])
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(softmax(1, 1, 3).forward(scores, np.array([[0]])))
