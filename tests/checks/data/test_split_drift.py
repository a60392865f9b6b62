"""check-data: test examples that are not like those for training, or labelled otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, found, given
from trainer_cli.config.rules import SplitDrift
from trainer_cli.datasets.preprocess import Center, Scale

STEPS = (Scale(by=16), Center())


def with_test_set(inputs, labels):
    """Return an experiment of digits, with others for its test set."""
    return given(IMAGES[:1200], LABELS[:1200], test_inputs=inputs, test_labels=labels, steps=STEPS)


def test_inverted_test_images():
    experiment = with_test_set(16 - IMAGES[1200:], LABELS[1200:])
    findings = found(experiment)
    assert alarms(findings) == {"split-drift": "warn"}
    finding = findings["split-drift"]
    assert finding.message == (
        "the test examples are not distributed like those for training: their values lie "
        f"{finding.measured:.2g} standard deviations from them (median of the features)"
    )
    assert finding.hint == (
        "look at some test examples beside training examples: are they inverted, or in other units?"
    )
    assert finding.measured > 1.5
    relaxed = replace(experiment, checks=frozenset({SplitDrift(distance=10)}))
    assert found(relaxed)["split-drift"].hint.startswith("look at some test examples beside their ")


def test_test_labels_that_are_off_by_one():
    findings = found(with_test_set(IMAGES[1200:], (LABELS[1200:] + 1) % 10))
    assert alarms(findings) == {"split-drift": "warn"}
    finding = findings["split-drift"]
    assert finding.message.startswith(
        f"{finding.measured:.0%} of the test examples have a nearest neighbour of their class in "
        f"training, and {finding.threshold:.0%} of the training examples have one; neighbours of "
        "class "
    )
    assert finding.message.endswith(", as if classes had other numbers there")
    assert finding.measured < 0.05
    assert finding.hint == (
        "look at some test examples beside their labels: were these put in another order, or "
        "numbered otherwise, than those for training?"
    )


def test_test_labels_in_another_order():
    labels = np.random.default_rng(0).permutation(LABELS[1200:])
    finding = found(with_test_set(IMAGES[1200:], labels))["split-drift"]
    assert finding.status == "warn"
    assert finding.message.endswith(" of the training examples have one")


def test_splits_that_differ_a_little_are_honest():
    rng = np.random.default_rng(0)
    images, labels = IMAGES[1200:], LABELS[1200:]
    tests = {
        "brighter": 1.3 * images,
        "noisier": images + rng.standard_normal(images.shape),
        "moved": np.roll(images.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64),
    }
    for name, inputs in tests.items():
        assert alarms(found(with_test_set(inputs, labels))) == {}, name
    few = labels < 5
    assert found(with_test_set(images[few], labels[few]))["split-drift"].status == "pass"


@pytest.mark.parametrize("seed", range(5))
def test_subjects_that_are_in_one_split_alone_are_honest(seed):
    rng = np.random.default_rng(seed)
    subjects, own = rng.standard_normal((60, 8)), rng.integers(0, 40, 1200)
    others = rng.integers(40, 60, 300)
    x = [
        subjects[each] + 1.2 * (each % 2)[:, None] + 0.3 * rng.standard_normal((len(each), 8))
        for each in (own, others)
    ]
    experiment = given(x[0], own % 2, test_inputs=x[1], test_labels=others % 2)
    assert alarms(found(replace(experiment, seed=seed))) == {}


def test_what_cannot_be_compared_is_not_judged():
    finding = found(given(IMAGES[:200], LABELS[:200]))["split-drift"]
    assert (finding.status, finding.message) == (
        "skip",
        "not judged: validation and test have too few examples to tell",
    )
    finding = found(with_test_set(255 * IMAGES[1200:], LABELS[1200:]))["split-drift"]
    assert finding.message == "not judged: the splits are in other units"
    finding = found(given(0 * IMAGES + 1, LABELS))["split-drift"]
    assert finding.message == "not judged: the inputs are all the same"
