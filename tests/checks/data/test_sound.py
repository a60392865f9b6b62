"""check-data: no alarm on sound data of many kinds, and the same numbers afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, found, given
from tests.experiments import DIGITS, blobs, data_of
from trainer_cli.checks.data import check_data
from trainer_cli.datasets import Data, Split
from trainer_cli.datasets.preprocess import (
    Center,
    MeanChannel,
    MeanImage,
    Pca,
    PerImageMean,
    Scale,
    Standardize,
    Whiten,
)
from trainer_cli.datasets.sources import Digits, Synthetic
from trainer_cli.nn.initializers import Lsuv, Normal, Zeros
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Flatten, Relu
from trainer_cli.training.data import read


def test_digits_pass_every_rule():
    findings = found(DIGITS)
    assert {each.status for each in findings.values()} == {"pass"}
    assert [f"{rule}: {each.message}" for rule, each in findings.items()] == [
        "non-finite-values: all values are finite",
        "label-range: all labels are in 0..9",
        "class-spelling: no two classes have the same name",
        "missing-classes: every class has examples in every split",
        "class-imbalance: the largest class has 1.05 times the examples of the smallest",
        "image-layout: images have 8 x 8 pixels and 1 channel",
        "constant-features: 4 of 64 features are constant, few enough or at the margin of the "
        "images",
        "blank-examples: no more than a few examples are blank",
        "far-out-values: pixels cannot lie far out",
        "shuffled-features: the order of the values means something: examples vary in the same "
        "places",
        f"unscaled-inputs: the inputs have a root mean square of "
        f"{findings['unscaled-inputs'].measured:.3g}, which network[0].weights make a signal of "
        f"{findings['unscaled-inputs'].evidence['signal']:.3g}",
        "split-scale: values vary by the same size in every split",
        "split-drift: the splits have the same distribution, as far as means and neighbours tell",
        "split-leak: no example is in two splits",
        "contradictory-labels: no example has two labels",
        "label-among-features: the examples are images, of which no pixel is a label",
        f"unrelated-labels: the inputs tell of the labels: "
        f"{findings['unrelated-labels'].measured:.1f} standard deviations beyond shuffled labels "
        "(nearest neighbours)",
        "small-split: the test split has 269 examples of 1,797: by them an accuracy is known to "
        "5.9 percentage points either way",
        "preprocessing-leak: the preprocessing is fitted to the training examples alone",
        "augmentation-changes-class: nothing is mirrored by data.augment",
    ]


@pytest.mark.parametrize("classes", [2, 3, 10, 100])
def test_blobs_raise_no_alarm(classes):
    for seed in range(5):
        for features, examples in ((2, 60), (20, 300), (20, 1000)):
            if examples < 10 * classes:
                continue
            experiment = blobs(classes, examples=examples, features=features, seed=seed)
            assert alarms(found(replace(experiment, seed=seed))) == {}, (seed, features, examples)


def test_data_of_other_kinds_raise_no_alarm():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        normal, half = rng.standard_normal((600, 10)), np.arange(600) % 2
        bits = rng.integers(0, 2, (400, 2))
        clean = bits[:, 0] ^ bits[:, 1]
        rounded = np.round(normal[:150, :4] + half[:150, None], 1)
        sound = {
            "xor of two among ten": (normal, (normal[:, 0] * normal[:, 1] > 0).astype(int)),
            "xor of bits": (bits * 1.0, clean),
            "xor of bits with noise": (bits * 1.0, clean ^ (rng.random(400) < 0.1)),
            "one hot": (np.eye(30)[np.arange(600) % 30], np.arange(600) % 30 % 3),
            "nineteen to one": (normal[:, :3] + (half * 3)[:, None], half),
            "noisy labels": (normal, (normal[:, 0] > 0) ^ (rng.random(600) < 0.2)),
            "rounded": (rounded, half[:150]),
            "wide": (rng.standard_normal((300, 2000)) + 0.3 * half[:300, None], half[:300]),
            "tiny": (normal[:40] + 3 * half[:40, None], half[:40]),
        }
        for name, (inputs, labels) in sound.items():
            keep = np.ones(len(labels), bool)
            if name == "nineteen to one":
                keep = (labels == 0) | (np.arange(600) % 19 == 0)
            experiment = given(inputs[keep], labels[keep].astype(np.intp))
            assert alarms(found(experiment)) == {}, (name, seed)
    spirals = Data(source=Synthetic(kind="spirals", examples=300), preprocess=(Standardize(),))
    assert alarms(found(replace(blobs(), data=spirals))) == {}


def test_images_in_a_wide_margin_raise_no_alarm():
    padded = np.pad(IMAGES.reshape(-1, 8, 8, 1), ((0, 0), (6, 6), (6, 6), (0, 0)))
    experiment = given(padded, LABELS, steps=(Scale(by=16), Center()))
    network = (Flatten(), *experiment.network)
    assert alarms(found(replace(experiment, network=network))) == {}


@pytest.mark.parametrize(
    "steps",
    [
        (Scale(by=16),),
        (Standardize(),),
        (MeanImage(), Scale(by=4)),
        (Scale(by=16), MeanChannel()),
        (PerImageMean(), Scale(by=6)),
        (Pca(dimensions=20), Scale(by=16)),
        (Whiten(dimensions=20),),
    ],
    ids=lambda steps: "-".join(step.type for step in steps),
)
def test_preprocessing_of_every_kind_raises_no_alarm(steps):
    experiment = replace(DIGITS, data=Data(source=Digits(), preprocess=steps))
    assert alarms(found(experiment)) == {}


@pytest.mark.parametrize(
    "network",
    [
        (Conv(filters=4), Relu(), Flatten(), Dense(units=10)),
        (Dense(units=30), BatchNorm(), Relu(), Dense(units=10)),
        (Dense(units=30, init=Normal(std=1e-4)), Relu(), Dense(units=10)),
        (Dense(units=10, init=Zeros()),),
        (Dense(units=30, init=Lsuv()), Relu(), Dense(units=10)),
    ],
    ids=lambda network: network[0].type,
)
def test_networks_that_make_up_for_raw_pixels_raise_no_alarm(network):
    scaled = found(replace(DIGITS, network=network))
    assert alarms(scaled) == {}
    if not isinstance(network[0], Conv):
        raw = replace(DIGITS, network=network, data=Data(source=Digits()))
        assert alarms(found(raw)) == {}


def test_classes_absent_by_chance_raise_no_alarm():
    source = Synthetic(examples=1000, classes=100, features=20)
    data = Data(source=source, preprocess=(Standardize(),), split=Split(stratified=False))
    finding = found(replace(blobs(100), data=data))["missing-classes"]
    assert finding.status == "pass"
    assert finding.message.startswith("of rare classes alone some have no example: ")


def test_the_check_changes_nothing():
    dataset = read(DIGITS)
    before = data_of(DIGITS)
    assert [f.measured for f in check_data(DIGITS, dataset)] == [
        f.measured for f in check_data(DIGITS, dataset)
    ]
    for one, other in ((dataset.train, before.train), (dataset.validation, before.validation)):
        for name in ("stored", "rows", "labels"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
