"""check-data: what is wrong with the labels is found and named."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, found, given
from tests.experiments import DIGITS, data_of
from trainer_cli.config.rules import ClassImbalance, ContradictoryLabels, MissingClasses
from trainer_cli.datasets import Examples
from trainer_cli.nn.losses import Softmax


@pytest.mark.parametrize("shift", [1, -1])
def test_labels_out_of_range(shift):
    dataset = data_of(DIGITS)
    test = dataset.test
    moved = Examples(test.stored, test.rows, test.labels + shift, test.pipeline)
    findings = found(DIGITS, replace(dataset, test=moved))
    assert alarms(findings) == {"label-range": "fail"}
    finding = findings["label-range"]
    outside = np.flatnonzero(test.labels == (9 if shift > 0 else 0))
    assert finding.message == (
        f"{len(outside)} of the 269 test labels are outside 0..9; the first is "
        f"{10 if shift > 0 else -1}, of example {test.rows[outside[0]]}"
    )
    assert finding.hint == "labels are the whole numbers 0 to C - 1: look how they are made"
    for rule in ("missing-classes", "class-imbalance", "contradictory-labels", "unrelated-labels"):
        assert findings[rule].message == "not judged: some labels are out of range"


@pytest.mark.parametrize(("known", "status"), [(None, "fail"), (11, "warn")])
def test_labels_that_start_at_one(known, status):
    findings = found(given(IMAGES, LABELS + 1, known=known))
    assert alarms(findings) == {"label-range": status}
    finding = findings["label-range"]
    assert finding.message == (
        "the labels start at 1: no example is of class 0, and every other class of 0..10 has some"
    )
    assert finding.hint == (
        "subtract 1 from the labels; then there are 10 classes, and the output layer needs 10 units"
    )


def test_classes_without_any_example():
    findings = found(given(IMAGES, LABELS, known=12))
    assert alarms(findings) == {"missing-classes": "warn"}
    finding = findings["missing-classes"]
    assert finding.message == ("of 12 classes these have no example: classes 10, 11 in training")
    assert finding.hint == (
        "what has no training examples is never learned, and what has no others never judged: "
        "look how the splits are made, or set data.classes to the classes there are"
    )
    even = found(given(IMAGES, LABELS * 2, known=20))["missing-classes"]
    assert even.message == (
        "of 20 classes these have no example: classes 1, 3, 5, 7, 9 and 5 more in training"
    )


def test_a_class_without_test_examples():
    others = LABELS != 3
    experiment = given(
        IMAGES, LABELS, test_inputs=IMAGES[others][:300] + 0.5, test_labels=LABELS[others][:300]
    )
    findings = found(experiment)
    assert alarms(findings) == {"missing-classes": "warn"}
    assert findings["missing-classes"].message == (
        "of 10 classes these have no example: class 3 in test"
    )
    relaxed = replace(experiment, checks=frozenset({MissingClasses(expected=100)}))
    assert alarms(found(relaxed)) == {}


def test_very_unequal_classes():
    rare = (np.arange(1000) % 100 == 0).astype(np.intp)
    inputs = np.random.default_rng(0).standard_normal((1000, 5)) + 3 * rare[:, None]
    experiment = given(inputs, rare)
    findings = found(experiment)
    assert alarms(findings) == {"class-imbalance": "warn"}
    finding = findings["class-imbalance"]
    assert finding.message == (
        "class 0 has 99.0% of the training examples, 99 times as many as class 1 with 7"
    )
    assert finding.hint == (
        "always saying 0 is right in 99.0% of all cases: set loss.class_weights, higher for rare "
        "classes, and judge each class by its own accuracy"
    )
    weighed = found(replace(experiment, loss=Softmax(class_weights=(1.0, 99.0))))
    assert alarms(weighed) == {}
    assert weighed["class-imbalance"].message == (
        "class 0 has 99.0% of the training examples, 99 times as many as class 1 with 7; "
        "loss.class_weights make up for it"
    )
    relaxed = replace(experiment, checks=frozenset({ClassImbalance(ratio=100)}))
    assert alarms(found(relaxed)) == {}


def test_examples_with_two_labels():
    twice = np.concatenate([IMAGES, IMAGES[:180]])
    labels = np.concatenate([LABELS, (LABELS[:180] + 1) % 10])
    experiment = given(twice, labels)
    findings = found(experiment)
    assert alarms(findings) == {"contradictory-labels": "warn"}
    finding = findings["contradictory-labels"]
    start = "360 of 1,977 examples (18.2%) have a twin with another label, such as examples "
    assert finding.message.startswith(start)
    pattern = r"(\d+) \(\w+\) and (\d+) \(\w+\), which are equal, but labelled (\d) and (\d)"
    one, other, *told = map(int, re.fullmatch(pattern, finding.message[len(start) :]).groups())
    np.testing.assert_array_equal(twice[one], twice[other])
    assert [labels[one], labels[other]] == told
    assert finding.hint == (
        "keep the right label of each or drop both: the cost cannot reach 0 with two"
    )
    relaxed = replace(experiment, checks=frozenset({ContradictoryLabels(share=0.2)}))
    assert found(relaxed)["contradictory-labels"].message == (
        "360 of 1,977 examples (18.2%) have a twin with another label, few enough"
    )


def test_equal_inputs_of_few_values_may_have_two_labels():
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (400, 2))
    noisy = bits[:, 0] ^ bits[:, 1] ^ (rng.random(400) < 0.1)
    finding = found(given(bits * 1.0, noisy.astype(np.intp)))["contradictory-labels"]
    assert finding.status == "pass"
    assert finding.message == (
        "400 of 400 examples (100.0%) have a twin with another label, but the inputs take few "
        "values"
    )


def test_a_column_that_is_the_label():
    experiment = given(np.c_[IMAGES[:, 20:40], 3.0 - LABELS, IMAGES[:, 40:50]], LABELS)
    findings = found(experiment)
    assert alarms(findings) == {"label-among-features": "warn"}
    finding = findings["label-among-features"]
    assert finding.message == (
        "feature 20 has one value for each class, the same in all 1,258 training examples: the "
        "label over again"
    )
    assert finding.hint == (
        "leave out of the inputs what is made from the label or known only after it"
    )


def test_columns_that_are_the_label_one_by_one():
    finding = found(given(np.c_[np.eye(10)[LABELS], IMAGES[:, 20:40]], LABELS))
    assert finding["label-among-features"].message == (
        "features 0, 1, 2, 3, 4, ... have one value for each class, the same in all 1,258 training "
        "examples: the label over again"
    )


def test_columns_that_only_look_like_the_label():
    rng = np.random.default_rng(0)
    half = np.arange(300) % 2
    normal = rng.standard_normal((300, 5))
    slip = half.copy()
    slip[::7] = 1 - slip[::7]
    tables = {
        "bits": (np.c_[half, rng.integers(0, 2, (300, 5))], half),
        "the label alone": (half[:, None] * 1.0, half),
        "some are another": (np.c_[normal, slip], half),
        "half of the label": (np.c_[normal, half], np.arange(300) % 4),
        "a rare class": (np.c_[normal, np.arange(300) == 5], (np.arange(300) == 5).astype(int)),
        "far apart": (normal + 100 * half[:, None], half),
    }
    for name, (inputs, labels) in tables.items():
        finding = found(given(inputs, labels))["label-among-features"]
        assert finding.status in ("pass", "skip"), name


def test_a_column_is_told_by_its_name():
    experiment = given(np.c_[IMAGES[:, 20:40], LABELS], LABELS)
    dataset = data_of(experiment)
    named = replace(dataset, feature_names=(*(f"pixel {i}" for i in range(20)), "digit"))
    finding = found(experiment, named)["label-among-features"]
    assert finding.message.startswith("feature 'digit' has one value for each class")


def test_columns_that_are_the_other_labels_of_a_code():
    code, nine = np.eye(10)[LABELS], (LABELS == 9).astype(np.intp)
    findings = found(given(np.c_[IMAGES[:, 20:40], code[:, :9], IMAGES[:, 0] > 0], nine))
    assert alarms(findings) == {"label-among-features": "warn"}
    assert findings["label-among-features"].message == (
        "features 20, 21, 22, 23, 24, ... have a 1 in just one of them unless the label is 1, in "
        "all 1,258 training examples: the label in one-hot columns"
    )
    wrong = code[:, :9].copy()
    wrong[::10] = 0
    assert alarms(found(given(np.c_[IMAGES[:, 20:40], wrong], nine))) == {}


def test_a_row_number_beside_sorted_labels():
    order = np.argsort(LABELS, kind="stable")
    numbers, images, labels = np.arange(len(order)), IMAGES[order], LABELS[order]
    findings = found(given(np.c_[images[:, 20:40], numbers], labels))
    assert alarms(findings) == {"label-among-features": "warn"}
    assert findings["label-among-features"].message == (
        "feature 20 has the number of the row, and the rows are sorted by class"
    )
    sound = {
        "not sorted": (np.c_[IMAGES[:, 20:40], numbers], LABELS),
        "in another order": (np.c_[images[:, 20:40], order], labels),
        "a line and its square": (np.c_[numbers, numbers**2], labels),
        "a line": (numbers[:, None], labels),
    }
    for name, (inputs, own) in sound.items():
        assert found(given(inputs, own))["label-among-features"].status == "pass", name


def test_classes_that_are_written_in_two_ways():
    experiment = given(IMAGES[LABELS < 4], LABELS[LABELS < 4])
    names = ("Cat", "cat ", "dog", "a")
    finding = found(experiment, replace(data_of(experiment), class_names=names))["class-spelling"]
    assert finding.status == "warn"
    assert finding.message == "classes have the same name but for case and spaces: 'Cat', 'cat '"
    assert finding.hint == (
        "write each class in one way; then there are 3 classes, and the output layer needs 3 units"
    )
    letters = replace(data_of(experiment), class_names=("A", "B", "a", "b"))
    assert found(experiment, letters)["class-spelling"].status == "pass"


def test_labels_with_gaps_and_quantities_for_labels():
    findings = found(given(IMAGES, np.where(LABELS == 9, 12, LABELS)))
    assert alarms(findings) == {"missing-classes": "warn"}
    assert findings["missing-classes"].hint == (
        "look where their examples are left out; if there are no such classes, number the 10 that "
        "there are without gaps: y = numpy.unique(y, return_inverse=True)[1]"
    )
    prices = np.round(200 + 10 * IMAGES[:400, 20]) + np.arange(400) % 10
    finding = found(given(IMAGES[:400], prices.astype(np.intp)))["missing-classes"]
    numbers, counts = np.unique(prices, return_counts=True)
    assert finding.hint == (
        f"labels seem to be quantities: {len(numbers)} different numbers, of "
        f"{np.median(counts):g} examples each (median). Networks here tell classes apart: cut the "
        "quantity into a few ranges, and number these from 0"
    )
