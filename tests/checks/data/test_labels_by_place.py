"""check-data: labels that are right in a part of the file, or sorted without their inputs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, found, given


def clusters(seed, count=1200):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 4
    return 2 * rng.standard_normal((4, 10))[labels] + rng.standard_normal((count, 10)), labels


@pytest.mark.parametrize("seed", range(3))
def test_labels_shuffled_in_half_of_the_file(seed):
    x, y = clusters(seed)
    y[600:] = np.random.default_rng(seed).permutation(y[600:])
    findings = found(given(x, y))
    assert alarms(findings) == {"unrelated-labels": "warn"}
    finding = findings["unrelated-labels"]
    assert re.fullmatch(
        r"50% to 100% of the way through the training examples, labels seem to have nothing to do "
        r"with the inputs: 2\d% of an example's nearest neighbours have its label there, \d\d% "
        r"elsewhere",
        finding.message,
    )
    assert finding.hint == (
        "look at some examples of that part beside their labels: were inputs and labels put "
        "together in different orders there?"
    )


def test_sorted_labels_beside_inputs_that_are_not():
    findings = found(given(IMAGES, np.sort(LABELS)))
    assert alarms(findings) == {"unrelated-labels": "warn"}
    finding = findings["unrelated-labels"]
    assert finding.message == (
        "the labels are sorted, and the inputs seem not to be: with the borders between the "
        "classes in other places no probe does worse on 1,000 training examples"
    )
    assert finding.hint == (
        "look at some examples beside their labels: were the labels sorted, and the inputs not?"
    )


@pytest.mark.parametrize("seed", range(5))
def test_places_that_tell_of_sound_labels_raise_no_alarm(seed):
    rng = np.random.default_rng(seed)
    normal, half = rng.standard_normal((1000, 20)), np.repeat([0, 1], 500)
    walk, place = np.cumsum(0.1 * rng.standard_normal((1000, 5)), axis=0), np.linspace(-1, 1, 1000)
    x, y = clusters(seed)
    hard = np.where(y[:, None] == 0, 4, 0) * rng.standard_normal(x.shape)
    late = np.where(np.arange(1200)[:, None] > 900, 1.5, 0) * rng.standard_normal(x.shape)
    order = np.argsort(LABELS, kind="stable")
    weak = (normal @ rng.standard_normal(20) + 6 * rng.standard_normal(1000) > 0).astype(np.intp)
    sound = {
        "sorted digits": (IMAGES[order], LABELS[order]),
        "weak, sorted": (normal + 0.2 * half[:, None], half),
        "weak and linear, sorted": (normal[np.argsort(weak)], np.sort(weak)),
        "regimes of a walk": (walk, (walk[:, 0] > np.median(walk[:, 0])).astype(np.intp)),
        "a line": (np.c_[place, normal[:, :3]], half),
        "a hard class": (x + hard, y),
        "a hard class, sorted": ((x + hard)[np.argsort(y, kind="stable")], np.sort(y)),
        "a noisier end": (x + late, y),
    }
    for name, (inputs, labels) in sound.items():
        assert found(given(inputs, labels))["unrelated-labels"].status == "pass", name
