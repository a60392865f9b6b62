"""check-data: mirrored images that are no longer what they were, and augmentation that is sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import DIGITS_TABLE, LABELS, alarms, found, given
from tests.experiments import DIGITS
from trainer_cli.config.rules import AugmentationChangesClass
from trainer_cli.datasets.augment import Flip, Jitter, Noise, RandomCrop

RULE = "augmentation-changes-class"
IMAGES = DIGITS_TABLE.inputs  # (1797, 8, 8, 1)


def augmented(experiment, *augment):
    return replace(experiment, data=replace(experiment.data, augment=augment))


def test_digits_mirrored():
    findings = found(augmented(DIGITS, RandomCrop(padding=1), Flip()))
    assert alarms(findings) == {RULE: "warn"}
    finding = findings[RULE]
    assert finding.message == (
        f"mirrored, {finding.measured:.0%} of the training examples are recognized by their "
        f"nearest neighbours, and {finding.expected:.0%} as they are; "
        f"{finding.message.rsplit('; ')[-1]}"
    )
    assert finding.message.endswith(" are taken for '5'")
    assert finding.hint == (
        "take flip out of data.augment, unless what is to be recognized comes mirrored too: "
        "letters and digits do not"
    )
    relaxed = replace(DIGITS, checks=frozenset({AugmentationChangesClass(lost=1.0)}))
    assert alarms(found(augmented(relaxed, Flip()))) == {}


def test_few_digits_mirrored():
    for seed in range(5):
        kept = np.random.default_rng(seed).permutation(len(LABELS))[:200]
        experiment = augmented(given(IMAGES[kept], LABELS[kept]), Flip())
        assert alarms(found(experiment)) == {RULE: "warn"}


@pytest.mark.parametrize("count", [100, 300, 1797])
def test_usual_augmentation_of_digits_raises_no_alarm(count):
    for seed in range(3):
        kept = np.random.default_rng(seed).permutation(len(LABELS))[:count]
        experiment = given(IMAGES[kept], LABELS[kept])
        weak = (RandomCrop(padding=1), Noise(), Jitter(), Flip(probability=0.0))
        assert alarms(found(augmented(experiment, *weak))) == {}, seed


def sides(rng, count):
    """Return images that brighten to the right in one class, to the left in the other."""
    labels = np.arange(count) % 2
    ramp = np.linspace(-1, 1, 8) * np.where(labels, 1, -1)[:, None]  # (N, W)
    images = ramp[:, None] + 0.2 * rng.standard_normal((count, 8, 8))
    return images[..., None], labels


def test_classes_that_are_mirror_images_of_each_other():
    experiment = given(*sides(np.random.default_rng(0), 300))
    finding = found(augmented(experiment, Flip()))[RULE]
    assert finding.message == (
        "mirrored, 0% of the training examples are recognized by their nearest neighbours, and "
        "100% as they are; 100% of class 1 are taken for 0"
    )


@pytest.mark.parametrize("seed", range(5))
def test_images_that_may_be_mirrored(seed):
    rng = np.random.default_rng(seed)
    classes = np.arange(400) % 4
    centers = 2 * rng.standard_normal((4, 8, 8))
    blobs = centers[classes] + rng.standard_normal((400, 8, 8))
    upright = np.sin((1 + classes)[:, None] * np.arange(12) * 0.5 + 6 * rng.random((400, 1)))
    waves = upright[:, None] + 0.2 * rng.standard_normal((400, 12, 12))
    for name, images in {"waves": waves, "blobs": blobs}.items():
        findings = found(augmented(given(images[..., None], classes), Flip()))
        assert alarms(findings) == {}, name
    assert findings[RULE].message == (
        "neighbouring pixels do not go together: right and left mean nothing"
    )


def test_what_neighbours_do_not_recognize_is_not_judged():
    rng = np.random.default_rng(0)
    smooth = np.cumsum(rng.standard_normal((300, 8, 8, 1)), axis=2)
    finding = found(augmented(given(smooth, np.arange(300) % 3), Flip()))[RULE]
    assert finding.status == "skip"
    assert finding.message.startswith("not judged: nearest neighbours recognize no more than ")
    assert finding.message.endswith("% of the training examples, chance 33%")
