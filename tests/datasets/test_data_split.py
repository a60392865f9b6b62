"""Splits are disjoint, exact, in the source's order, and keep the classes in proportion."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer_cli.datasets import Split
from trainer_cli.datasets.apportion import apportion
from trainer_cli.datasets.split import split

LABELS = np.arange(1000) % 10


def sizes(rows):
    return len(rows.train), len(rows.validation), len(rows.test)


def parts(settings, own_test=False, labels=LABELS, seed=0):
    return split(labels, own_test, settings, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("settings", "own_test", "expected"),
    [
        (Split(), False, (700, 150, 150)),
        (Split(), True, (800, 200, 0)),
        (Split(train=900, validation=100), True, (900, 100, 0)),
        (Split(train=900), True, (900, 100, 0)),
        (Split(train=0.7, validation=0.15), False, (700, 150, 150)),
        (Split(train=0.8, validation=0.2), False, (800, 200, 0)),
        (Split(train=0.7, validation=0.2, test=0.1), False, (700, 200, 100)),
        (Split(train=100, validation=50, test=50), False, (100, 50, 50)),
        (Split(train=0.5, validation=1), True, (500, 1, 0)),
        (Split(test=0), False, (824, 176, 0)),
        (Split(test=200, validation=100), False, (700, 100, 200)),
        (Split(train=0.1, validation=0.1, test=0.1), False, (100, 100, 100)),
    ],
)
@pytest.mark.parametrize("stratified", [True, False])
def test_parts_have_the_asked_sizes(settings, own_test, expected, stratified):
    settings = dataclasses.replace(settings, stratified=stratified)
    assert sizes(parts(settings, own_test)) == expected


@given(data=st.data())
def test_every_split_is_disjoint_sorted_and_in_proportion(data):
    counts = data.draw(st.lists(st.integers(0, 40), min_size=2, max_size=6))
    labels = np.repeat(np.arange(len(counts)), counts)
    n = len(labels)
    if n < 3:
        return
    train = data.draw(st.integers(1, n - 2))
    validation = data.draw(st.integers(1, n - train - 1))
    settings = Split(train=train, validation=validation)
    rows = parts(settings, labels=labels, seed=data.draw(st.integers(0, 5)))
    assert sizes(rows) == (train, validation, n - train - validation)
    everything = np.concatenate([rows.train, rows.validation, rows.test])
    np.testing.assert_array_equal(np.sort(everything), np.arange(n))
    for part in (rows.train, rows.validation, rows.test):
        assert part.dtype == np.intp
        assert (np.diff(part) > 0).all()
        found = np.bincount(labels[part], minlength=len(counts))
        exact = np.array(counts) * (len(part) / n)
        assert (np.abs(found - exact) < 2).all()


def test_the_split_is_decided_by_the_generator():
    first, same, other = parts(Split()), parts(Split()), parts(Split(), seed=1)
    np.testing.assert_array_equal(first.train, same.train)
    assert not np.array_equal(first.train, other.train)


def test_the_lecture_on_cifar10_has_each_class_equally_often():
    labels = np.arange(50_000) % 10
    rows = parts(Split(train=49_000, validation=1000), True, labels)
    assert set(np.bincount(labels[rows.train])) == {4900}
    assert set(np.bincount(labels[rows.validation])) == {100}


@pytest.mark.parametrize(
    ("settings", "own_test", "message", "key"),
    [
        (
            Split(train=49_000, validation=1000),
            True,
            "needs 50,000 examples (train 49,000 + validation 1,000), but the source has 1,000",
            ("data", "split", "train"),
        ),
        (
            Split(train=900, validation=0.2),
            True,
            "needs 1,100 examples (train 900 + validation 200), but the source has 1,000",
            ("data", "split", "validation"),
        ),
        (
            Split(test=0.1),
            True,
            "the source has a test set of its own, so test cannot be set",
            ("data", "split", "test"),
        ),
        (
            Split(train=1000),
            False,
            "validation would have none of the 1,000 examples",
            ("data", "split"),
        ),
        (
            Split(validation=0.0001),
            False,
            "validation would have none of the 1,000 examples",
            ("data", "split", "validation"),
        ),
        (
            Split(test=0.0001),
            False,
            "test would have none of the 1,000 examples",
            ("data", "split", "test"),
        ),
    ],
)
def test_what_the_data_cannot_give_is_refused_with_the_arithmetic(
    refused, settings, own_test, message, key
):
    error = refused(lambda: parts(settings, own_test))
    assert str(error) == message
    assert error.key == key


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"train": 2.5},
            "train is a fraction of the examples, at most 1.0, got 2.5; a count has no point",
        ),
        ({"train": 0}, "train must have at least one example, got 0"),
        ({"validation": 0.0}, "validation must have at least one example, got 0.0"),
        (
            {"train": 0.8, "validation": 0.3},
            "the fractions add up to more than 1: train 0.8 + validation 0.3 = 1.1",
        ),
    ],
)
def test_what_no_data_could_give_is_refused_at_once(settings, message):
    with pytest.raises(ValueError, match=r"train|validation|fractions") as caught:
        Split(**settings)
    assert str(caught.value) == message


def test_three_tenths_parts_may_add_up_to_one_in_binary():
    assert sizes(parts(Split(train=0.7, validation=0.2, test=0.1), labels=LABELS[:10])) == (7, 2, 1)


@given(st.lists(st.fractions(0, 100, max_denominator=50), min_size=1, max_size=8))
def test_apportionment_keeps_the_sum_and_rounds_by_less_than_one(shares):
    total = sum(shares, Fraction(0)).__round__()
    whole = apportion([float(share) for share in shares], total)
    assert sum(whole) == total
    assert all(abs(a - b) < 1 for a, b in zip(whole, shares, strict=True))
