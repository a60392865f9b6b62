"""check-data: labels that have nothing to do with the inputs, and problems that are hard to see."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, found, given
from tests.experiments import blobs
from trainer_cli.checks.data import unrelated_labels
from trainer_cli.checks.data.probes import RIDGE, _ridge, evidence, standardized
from trainer_cli.config.rules import UnrelatedLabels
from trainer_cli.datasets import Split


def test_shuffled_labels():
    for seed in range(3):
        labels = np.random.default_rng(seed).permutation(LABELS[:600])
        findings = found(given(IMAGES[:600], labels))
        assert alarms(findings) == {"unrelated-labels": "warn"}, seed
    finding = findings["unrelated-labels"]
    assert finding.message == (
        "the labels seem to have nothing to do with the inputs: of 5 probes on 420 training "
        "examples none does better than with shuffled labels"
    )
    assert finding.hint == (
        "look at some examples beside their labels: were inputs and labels put in different orders?"
    )


def test_few_examples_are_not_judged():
    rng = np.random.default_rng(0)
    experiment = given(rng.standard_normal((100, 5)), np.arange(100) % 2)
    finding = found(experiment)["unrelated-labels"]
    assert finding.status == "skip"
    assert finding.message == "not judged: 70 training examples are too few to tell"
    strict = replace(experiment, checks=frozenset({UnrelatedLabels(examples=50)}))
    assert found(strict)["unrelated-labels"].status == "warn"


def test_a_single_class_is_not_judged():
    labels = np.zeros(300, np.intp)
    finding = found(given(IMAGES[:300], labels, known=2, split=Split(stratified=False)))
    assert finding["unrelated-labels"].message == (
        "not judged: all training examples are of one class"
    )


def test_data_that_look_unrelated_at_first_get_a_second_look(monkeypatch):
    module = sys.modules[unrelated_labels.__module__]
    monkeypatch.setattr(module, "FIRST", 60)
    monkeypatch.setattr(module, "SECOND", 800)
    once = 0
    for seed in range(5):
        monkeypatch.setattr(module, "SECOND", 800)
        experiment = blobs(2, examples=1200, features=30, noise=8.0, seed=seed)
        assert found(experiment)["unrelated-labels"].status == "pass", seed
        monkeypatch.setattr(module, "SECOND", 60)
        once += found(experiment)["unrelated-labels"].status == "pass"
    assert once < 5


def test_equal_examples_that_share_a_label_tell_of_it(monkeypatch):
    digits = np.random.default_rng(0).integers(0, 4, (6000, 5))
    experiment = given(digits * 1.0, digits.sum(axis=1) % 3)
    for look in ("FIRST", "SECOND"):
        monkeypatch.setattr(sys.modules[unrelated_labels.__module__], look, 200)
    finding = found(experiment)["unrelated-labels"]
    assert (finding.status, list(finding.evidence)[-1]) == ("pass", "twins")
    assert finding.message == (
        f"the inputs tell of the labels: {finding.measured:.1f} standard deviations beyond "
        "shuffled labels (equal examples)"
    )
    shuffled = given(digits * 1.0, np.random.default_rng(1).permutation(digits.sum(axis=1) % 3))
    assert found(shuffled)["unrelated-labels"].status == "warn"


def products(x, ways):
    return (np.prod(np.sign(x[:, :ways]), axis=1) > 0).astype(int)


def stripes(rng, count):
    """Return images of waves along rows or columns, of any phase."""
    waves = np.sin(np.arange(12) * 1.57 + 6.28 * rng.random((count, 1)))  # (N, 12)
    labels = rng.integers(0, 2, count)
    images = np.where(labels[:, None, None], waves[:, :, None], waves[:, None, :])
    return (images + rng.standard_normal((count, 12, 12))).reshape(count, -1), labels


@pytest.mark.parametrize("seed", range(5))
def test_what_only_a_nonlinear_model_can_learn_is_seen(seed):
    rng = np.random.default_rng(seed)
    normal, bits = rng.standard_normal((700, 20)), rng.integers(0, 2, (700, 6)) * 1.0
    problems = {
        "xor of 2 among 20": (normal, products(normal, 2)),
        "xor of 3 among 6": (normal[:, :6], products(normal, 3)),
        "parity of 6 bits": (bits, (bits.sum(axis=1) % 2).astype(int)),
        "checkerboard": (bits[:, :5], (bits[:, :5].sum(axis=1) % 2).astype(int)),
        "ring": (normal[:, :5], (np.linalg.norm(normal[:, :5], axis=1) > 2.1).astype(int)),
        "stripes": stripes(rng, 700),
    }
    for name, (inputs, labels) in problems.items():
        x = standardized(inputs.astype(np.float32))
        assert max(evidence(x, labels, rng, enough=5.0).values()) >= 5, name


def test_noise_is_not_taken_for_a_dependence():
    rng = np.random.default_rng(0)
    highest = []
    for _ in range(20):
        x = standardized(rng.standard_normal((200, 10)).astype(np.float32))
        highest.append(max(evidence(x, rng.integers(0, 3, 200), rng, enough=99).values()))
    assert len(highest) == 20
    assert sum(each > 3 for each in highest) <= 1
    assert np.median(highest) < 2


def test_a_prediction_rests_on_the_other_examples_alone():
    """Ridge regression without one example, done again, gives what the closed form gives."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((12, 3))
    x -= x.mean(axis=0)
    labels = np.arange(12) % 3
    code = rng.standard_normal((3, 4))
    kernel = x @ x.T
    y = code[labels] - code[labels].mean(axis=0)
    total, penalty = 0.0, RIDGE * kernel.diagonal().mean()
    for i in range(12):
        rest = np.arange(12) != i
        weights = np.linalg.solve(kernel[rest][:, rest] + penalty * np.eye(11), y[rest])
        total += float(y[i] @ (kernel[i, rest] @ weights))
    assert _ridge(kernel, code)(labels) == pytest.approx(total)
