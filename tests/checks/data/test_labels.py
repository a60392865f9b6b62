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
