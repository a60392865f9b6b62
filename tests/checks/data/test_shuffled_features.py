"""check-data: examples whose values are in a random order, and patterns that look like that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import DIGITS_TABLE, LABELS, alarms, found, given
from trainer_cli.config.rules import ShuffledFeatures

IMAGES = DIGITS_TABLE.inputs  # (1797, 8, 8, 1)


def shuffled(rng, images):
    return rng.permuted(images.reshape(len(images), -1), axis=1).reshape(images.shape)


@pytest.mark.parametrize("shape", [(8, 8, 1), (64,)])
@pytest.mark.parametrize("seed", range(3))
def test_pixels_in_another_order_for_each_image(shape, seed):
    images = shuffled(np.random.default_rng(seed), IMAGES).reshape(-1, *shape)
    experiment = given(images, LABELS)
    findings = found(replace(experiment, seed=seed))
    assert alarms(findings) == {"shuffled-features": "warn"}
    finding = findings["shuffled-features"]
    assert finding.message == (
        "the pixels seem to be in a random order within each of 400 training examples: in new "
        "random orders they agree as much with their neighbours, with other examples and within a "
        "class"
    )
    assert finding.hint == (
        "look at some examples as pictures: was every one shuffled or reshaped by itself? Textures "
        "of noise look the same to this check, and are sound if the label does not depend on where "
        "a value is"
    )


def test_colours_that_stay_together_and_pixels_of_large_images():
    rng = np.random.default_rng(0)
    tone = rng.random((300, 1, 1)) * np.array([1.0, 0.5, 0.2])
    images = tone * rng.random((300, 40, 1)) ** 2 * np.ones((300, 40, 3))
    images = np.repeat(images[:, :, None], 50, axis=2)  # stripes, (N, H, W, C)
    labels = np.arange(300) % 2
    sound = found(given(images, labels))["shuffled-features"]
    assert sound.status == "pass"
    assert sound.message == (
        "the order of the values means something: examples vary in the same places"
    )
    places = rng.permuted(np.tile(np.arange(2000), (300, 1)), axis=1)[..., None]
    mixed = np.take_along_axis(images.reshape(300, 2000, 3), places, axis=1)
    finding = found(given(mixed.reshape(images.shape), labels))["shuffled-features"]
    assert (finding.status, finding.measured < 6) == ("warn", True)


def test_one_new_order_for_all_images_is_an_order():
    order = np.random.default_rng(0).permutation(64)
    images = IMAGES.reshape(-1, 64)[:, order]
    assert alarms(found(given(images, LABELS))) == {}
    assert alarms(found(given(images.reshape(IMAGES.shape), LABELS))) == {}


@pytest.mark.parametrize("seed", range(5))
def test_values_that_are_drawn_by_themselves_are_in_no_order(seed):
    rng = np.random.default_rng(seed)
    noise, half = rng.random((400, 8, 8, 1)), np.arange(400) % 2
    bits, counts = rng.integers(0, 2, (400, 64)), rng.poisson(4.0, (400, 40))
    problems = {
        "brightness": (noise + half[:, None, None, None], half),
        "contrast": (noise * (1 + half[:, None, None, None]), half),
        "sum": (noise, (noise.sum(axis=(1, 2, 3)) > 32).astype(np.intp)),
        "parity": (bits.reshape(-1, 8, 8, 1), bits.sum(axis=1) % 2),
        "counts": (counts, (counts.sum(axis=1) > 160).astype(np.intp)),
    }
    for name, (inputs, labels) in problems.items():
        finding = found(given(inputs, labels))["shuffled-features"]
        assert finding.status == "pass", name
        assert finding.message == (
            "the order of the values within an example means nothing, as each seems to be drawn by "
            "itself"
        )


@pytest.mark.parametrize("seed", range(5))
def test_weak_patterns_are_seen(seed):
    rng = np.random.default_rng(seed)
    classes = np.arange(400) % 5
    faint = rng.standard_normal((5, 64))[classes] + 3 * rng.standard_normal((400, 64))
    down, right = np.mgrid[:8, :8]
    at = rng.integers(0, 7, (400, 2, 1, 1))
    spots = np.abs(down - at[:, 0]) + np.abs(right - at[:, 1]) < 2
    for images in (faint.reshape(-1, 8, 8, 1), spots[..., None] * rng.random((400, 1, 1, 1))):
        assert found(given(images, classes))["shuffled-features"].status == "pass"


def test_tables_and_few_examples_are_not_looked_at():
    rng = np.random.default_rng(0)
    table = given(rng.standard_normal((300, 64)), np.arange(300) % 2)
    assert found(table)["shuffled-features"].message == (
        "the examples are no images: the order of their features is as good as any"
    )
    few = given(shuffled(rng, IMAGES[:40]), LABELS[:40] % 2)
    assert found(few)["shuffled-features"].message == (
        "the examples are too few, too small or too much alike to look for patterns"
    )


def test_the_threshold_decides():
    strict = frozenset({ShuffledFeatures(deviations=100)})
    rng = np.random.default_rng(0)
    faint = np.mgrid[:8, :8][0] / 10 + 30 * rng.random((400, 8, 8)) * rng.random((400, 1, 1))
    experiment = given(faint[..., None], np.arange(400) % 2)
    assert found(experiment)["shuffled-features"].status == "pass"
    assert found(replace(experiment, checks=strict))["shuffled-features"].status == "warn"
