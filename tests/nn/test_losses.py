"""What every loss promises: its value at zero scores, a mean over the batch, the right gradient.

N examples, M members, C classes.
"""

from __future__ import annotations

import tracemalloc
from dataclasses import fields, replace
from functools import partial
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.nn.differences import central_differences, relative_error
from tests.nn.examples import LOSSES
from tests.parts import members_of
from trainer_cli.nn.losses import Loss, Softmax


def nth(cls, i: int, classes: int) -> Loss:
    """Return the i-th example of a loss for so many classes."""
    return LOSSES[cls](classes)[i]


EXAMPLES = [(cls, i) for cls, examples in LOSSES.items() for i in range(len(examples(2)))]
EVERY_LOSS = pytest.mark.parametrize(
    "loss",
    [pytest.param(partial(nth, cls, i), id=f"{cls.__name__}-{i}") for cls, i in EXAMPLES],
)


def bound(loss, members: int, capacity: int, classes: int, dtype=np.float64):
    return loss.bind([loss] * members, capacity, classes, np.dtype(dtype))


def means(work, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return work.forward(scores, labels).mean(axis=0)


def drawn(n: int, members: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (N, M, C) and a label for each, (N, M)."""
    rng = np.random.default_rng(seed)
    return 2 * rng.standard_normal((n, members, classes)), rng.integers(0, classes, (n, members))


def test_every_loss_has_an_example() -> None:
    assert set(LOSSES) == set(members_of(Loss))
    assert len(LOSSES) >= 3


@EVERY_LOSS
@pytest.mark.parametrize("classes", [2, 3, 10, 100])
def test_zero_scores_cost_what_the_loss_says_for_any_labels(loss, classes) -> None:
    loss = loss(classes)
    if isinstance(loss, Softmax) and loss.label_smoothing and loss.class_weights is not None:
        return  # holds for some labels only: see below
    work = bound(loss, 2, 50, classes)
    for seed in range(3):
        labels = np.random.default_rng(seed).integers(0, classes, (50, 2))
        found = means(work, np.zeros((50, 2, classes)), labels)
        np.testing.assert_allclose(found, loss.at_zero_scores(classes), rtol=1e-13)


@EVERY_LOSS
def test_zero_scores_with_every_class_once_cost_what_the_loss_says(loss) -> None:
    labels = np.arange(7)[:, None]
    found = means(bound(loss(7), 2, 7, 7), np.zeros((7, 2, 7)), labels)
    np.testing.assert_allclose(found, loss(7).at_zero_scores(7), rtol=1e-13)


@EVERY_LOSS
@pytest.mark.parametrize("own", [True, False], ids=["own labels", "shared labels"])
@pytest.mark.parametrize("members", [1, 3])
def test_the_gradient_is_the_derivative_of_the_mean(loss, members, own) -> None:
    work = bound(loss(4), members, 6, 4)
    for n in (6, 2, 5):  # the capacity, then smaller batches
        scores, labels = drawn(n, members, 4, seed=members)
        labels = labels if own else labels[:, :1]
        expected = central_differences(lambda s=scores, y=labels: means(work, s, y).sum(), scores)
        work.forward(scores, labels)
        assert relative_error(work.backward(scores.copy()), expected) < 1e-9


@EVERY_LOSS
@pytest.mark.parametrize("scale", [0.25, np.array([0.5, 2.0, 0.0])], ids=["one", "by member"])
def test_the_gradient_may_be_scaled(loss, scale) -> None:
    work = bound(loss(4), 3, 6, 4)
    scores, labels = drawn(5, 3, 4)
    work.forward(scores, labels)
    plain = work.backward(scores.copy())
    work.forward(scores, labels)
    expected = plain * np.reshape(scale, (-1, 1))
    np.testing.assert_allclose(work.backward(scores.copy(), scale), expected, atol=1e-15)


@EVERY_LOSS
def test_shared_labels_count_for_every_member(loss) -> None:
    work = bound(loss(4), 3, 5, 4)
    scores, labels = drawn(5, 3, 4)
    labels = labels[:, :1]
    shared = work.forward(scores, labels).copy()
    shared_gradient = work.backward(scores.copy())
    own = work.forward(scores, np.repeat(labels, 3, axis=1))
    np.testing.assert_array_equal(own, shared)
    np.testing.assert_array_equal(work.backward(scores.copy()), shared_gradient)


@pytest.mark.parametrize("cls", LOSSES, ids=lambda cls: cls.__name__)
def test_members_of_different_settings_are_as_alone(cls) -> None:
    stack = [*LOSSES[cls](4), cls()]
    members = len(stack)
    work = cls.bind(stack, 9, 4, np.dtype(np.float64))
    for n in (9, 4):
        scores, labels = drawn(n, members, 4)
        losses, weight = work.forward(scores, labels).copy(), work.weight(labels)
        scale = np.arange(1.0, members + 1)
        gradient = work.backward(scores.copy(), scale)
        for m, loss in enumerate(stack):
            alone, own = bound(loss, 1, 9, 4), (slice(None), slice(m, m + 1))
            np.testing.assert_allclose(
                losses[own], alone.forward(scores[own], labels[own]), rtol=1e-12
            )
            found = alone.backward(scores[own].copy(), float(scale[m]))
            np.testing.assert_allclose(gradient[own], found, rtol=1e-12, atol=1e-15)
            expected = alone.weight(labels[own])
            np.testing.assert_allclose(np.broadcast_to(weight, members)[m], expected)


@EVERY_LOSS
def test_a_whole_is_the_weighted_mean_of_its_batches(loss) -> None:
    scores, labels = drawn(23, 2, 5)
    work = bound(loss(5), 2, 23, 5)
    whole, weight = means(work, scores, labels), work.weight(labels)
    for cuts in ([11], [1, 2, 20], list(range(1, 23))):
        total, mass = np.zeros(2), np.zeros(2)
        for s, y in zip(np.split(scores, cuts), np.split(labels, cuts), strict=True):
            total += means(work, s, y) * work.weight(y)
            mass += work.weight(y)
        np.testing.assert_allclose(mass, np.broadcast_to(weight, 2), rtol=1e-13)
        np.testing.assert_allclose(total / mass, whole, rtol=1e-13)


@EVERY_LOSS
def test_equal_class_weights_change_nothing(loss) -> None:
    plain = replace(loss(4), class_weights=None)
    scores, labels = drawn(6, 2, 4)
    expected = bound(plain, 2, 6, 4)
    for weight in (1.0, 7.0):
        work = bound(replace(plain, class_weights=(weight,) * 4), 2, 6, 4)
        np.testing.assert_allclose(
            work.forward(scores, labels), expected.forward(scores, labels), rtol=1e-12
        )
        found, right = work.backward(scores.copy()), expected.backward(scores.copy())
        np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-15)


@EVERY_LOSS
def test_a_huge_batch_is_judged_as_its_examples_one_by_one(loss) -> None:
    n, loss = 20_000, loss(3)
    scores, labels = drawn(n, 2, 3)
    whole, single = bound(loss, 2, n, 3), bound(loss, 2, 1, 3)
    losses = whole.forward(scores, labels)
    gradient = whole.backward(scores.copy())
    for i in range(0, n, 997):
        one, label = scores[i : i + 1], labels[i : i + 1]
        share = n * single.weight(label) / whole.weight(labels)
        expected = single.forward(one, label) * share
        np.testing.assert_allclose(losses[i : i + 1], expected, rtol=1e-12)
        np.testing.assert_allclose(
            gradient[i : i + 1] * n,
            single.backward(one.copy()) * np.reshape(share, (-1, 1)),
            rtol=1e-11,
            atol=1e-15,
        )


@EVERY_LOSS
def test_forward_leaves_the_scores_and_backward_writes_into_its_argument(loss) -> None:
    scores, _ = drawn(3, 2, 4)
    before, work = scores.copy(), bound(loss(4), 2, 3, 4)
    work.forward(scores, np.zeros((3, 1), np.intp))
    np.testing.assert_array_equal(scores, before)
    assert np.shares_memory(work.backward(scores), scores)


@EVERY_LOSS
def test_float32_is_near_float64(loss) -> None:
    scores, labels = drawn(40, 2, 6)
    single, double = (bound(loss(6), 2, 40, 6, dtype) for dtype in (np.float32, np.float64))
    losses = single.forward(scores.astype(np.float32), labels)
    assert losses.dtype == np.float32
    np.testing.assert_allclose(losses, double.forward(scores, labels), rtol=1e-5, atol=1e-6)
    gradient = single.backward(scores.astype(np.float32))
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, double.backward(scores.copy()), rtol=1e-4, atol=1e-7)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(EXAMPLES), st.sampled_from([np.float32, np.float64]))
def test_large_scores_give_a_finite_loss_and_gradient(data, example, dtype) -> None:
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(2, 5)))
    width = np.dtype(dtype).itemsize * 8
    most = 2.0**50  # whose square float32 can hold
    numbers = st.floats(-most, most, width=width)
    scores = data.draw(arrays(dtype, shape, elements=numbers))
    labels = data.draw(arrays(np.intp, shape[:2], elements=st.integers(0, shape[2] - 1)))
    work = bound(nth(*example, shape[2]), shape[1], shape[0], shape[2], dtype)
    losses = work.forward(scores, labels)
    assert np.all(np.isfinite(losses))
    assert np.all(losses >= 0)
    gradient = work.backward(scores.copy())
    assert np.all(np.isfinite(gradient))
    size = np.abs(gradient).sum(axis=-1, keepdims=True)
    assert np.all(np.abs(gradient.sum(axis=-1, keepdims=True)) <= 1e-5 * size + 1e-6)


@EVERY_LOSS
@pytest.mark.parametrize("where", [0, 1], ids=["right class", "wrong class"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_not_hidden(loss, bad, where) -> None:
    scores = np.zeros((1, 1, 3))
    scores[0, 0, where] = bad
    with np.errstate(invalid="ignore"):
        found = bound(loss(3), 1, 1, 3).forward(scores, np.array([[0]]))
    assert not np.isfinite(found)


@pytest.mark.parametrize("cls", LOSSES, ids=lambda cls: cls.__name__)
def test_every_setting_matters(cls) -> None:
    changes = {"margin": 1.5, "label_smoothing": 0.2, "class_weights": (1.0, 2.0, 3.0)}
    names = [field.name for field in fields(cls) if field.name != "type"]
    assert "class_weights" in names
    scores, labels = drawn(8, 1, 3)
    plain = means(bound(cls(), 1, 8, 3), scores, labels)
    for name in names:
        changed = bound(replace(cls(), **{name: changes[name]}), 1, 8, 3)
        assert abs(means(changed, scores, labels) - plain) > 1e-3, name


@EVERY_LOSS
@pytest.mark.parametrize("std", [0.5, 2.0, 10.0])
@pytest.mark.parametrize("classes", [2, 10])
def test_random_scores_raise_the_loss_as_said(loss, classes, std) -> None:
    loss = replace(loss(classes), class_weights=None)
    n = 40_000
    scores, labels = drawn(n, 1, classes)
    found = float(means(bound(loss, 1, n, classes), scores * std / 2, labels)[0])
    rise, said = found - loss.at_zero_scores(classes), loss.excess(classes, std)
    noise = 4 * std * classes / sqrt(n) * max(loss.unit(), std)
    assert rise < said + noise
    if not isinstance(loss, Softmax):  # for softmax it is a bound
        assert rise > said - noise


@EVERY_LOSS
@pytest.mark.parametrize("members", [1, 4])
def test_nothing_large_is_allocated(loss, members) -> None:
    n, classes = 512, 64
    work = bound(loss(classes), members, n, classes, np.float32)
    scores, labels = drawn(n, members, classes)
    scores, scale = scores.astype(np.float32), np.arange(members) + 1.0
    tracemalloc.start()
    try:
        for _ in range(2):
            work.forward(scores, labels)
            work.backward(scores, scale)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        work.forward(scores, labels)
        work.backward(scores, scale)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Rows of one value for each example, and blocks of 8,192 values that NumPy converts.
    assert peak - before < scores.nbytes // 4 + 2**16


@EVERY_LOSS
def test_class_weights_that_are_not_one_for_each_class_are_refused(loss) -> None:
    wrong = replace(loss(3), class_weights=(1.0, 2.0))
    message = "class_weights must have one weight for each of the 3 classes, got 2 weights"
    with pytest.raises(ValueError, match=message):
        bound(wrong, 1, 5, 3)
