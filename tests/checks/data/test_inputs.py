"""check-data: what is wrong with the inputs is found and named."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, found, given, with_parts
from tests.experiments import DIGITS, data_of
from trainer_cli.config.rules import BlankExamples, ConstantFeatures, UnscaledInputs
from trainer_cli.datasets import Data
from trainer_cli.datasets.preprocess import Pipeline, Scale
from trainer_cli.datasets.preprocess.stages import Affine
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn.layers import Flatten, Prelu
from trainer_cli.training.data import read

HALF = np.arange(500) % 2


@pytest.mark.parametrize(("value", "text"), [(np.nan, "nan"), (-np.inf, "-inf")])
def test_a_stored_value_that_is_not_finite(value, text):
    dataset = data_of(DIGITS)
    stored = dataset.train.stored.astype(np.float32)
    row = dataset.validation.rows[3]
    stored[row, 5] = value
    findings = found(DIGITS, with_parts(dataset, stored=stored))
    assert alarms(findings) == {"non-finite-values": "fail"}
    finding = findings["non-finite-values"]
    assert finding.message == f"value 5 of example {row} (validation) is {text}"
    assert finding.hint == "fill or drop what is missing before the data are saved"
    assert findings["unscaled-inputs"].status == "skip"
    assert findings["unscaled-inputs"].message == "not judged: some values are not finite"


def test_a_value_that_preprocessing_makes_infinite():
    dataset = data_of(DIGITS)
    pipeline = Pipeline([Affine(None, np.full(64, 1e38))], (8, 8, 1), (8, 8, 1))
    finding = found(DIGITS, with_parts(dataset, pipeline=pipeline))["non-finite-values"]
    assert finding.status == "fail"
    assert finding.message == "after preprocessing, value 2 of example 0 (training) is inf"
    assert finding.hint == (
        "look for features that hardly vary or lie far out, and at data.preprocess"
    )


def test_many_constant_features():
    rng = np.random.default_rng(0)
    inputs = np.c_[rng.standard_normal((500, 3)) + HALF[:, None], np.ones((500, 9))]
    experiment = given(inputs, HALF)
    findings = found(experiment)
    assert alarms(findings) == {"constant-features": "warn"}
    finding = findings["constant-features"]
    assert finding.message == "9 of 12 features are the same in all training examples"
    assert finding.hint == ("look at features 3, 4, 5, 6, 7 ... as stored, and at data.preprocess")
    relaxed = replace(experiment, checks=frozenset({ConstantFeatures(share=0.8)}))
    assert alarms(found(relaxed)) == {}


def test_features_that_vary_in_few_examples_are_not_constant():
    inputs = np.zeros((4000, 10))
    inputs[:, 0] = np.arange(4000) % 2
    inputs[1:2000:200, 1:] = 1.0  # in none of the examples that are looked at first, or in few
    finding = found(given(inputs, np.arange(4000) % 2))["constant-features"]
    assert finding.status == "pass"


def test_all_features_constant():
    single = given(np.full((500, 1), 3.0), HALF)
    findings = found(single)
    assert alarms(findings) == {"constant-features": "fail"}
    finding = findings["constant-features"]
    assert finding.message == ("all features are constant: every training example is the same")
    assert finding.hint == "look at feature 0 as stored, and at data.preprocess"
    assert findings["unrelated-labels"].message == "not judged: the inputs are all the same"


def test_raw_pixels_before_he():
    findings = found(replace(DIGITS, data=Data(source=Digits())))
    assert alarms(findings) == {"unscaled-inputs": "warn"}
    finding = findings["unscaled-inputs"]
    assert finding.message == (
        f"the inputs have a root mean square of {finding.measured:.3g}, which network[0].weights "
        f"make a signal of {finding.evidence['signal']:.3g}: too large for this start"
    )
    assert finding.hint == ("add standardize to data.preprocess, or scale by the largest value")
    assert finding.measured == pytest.approx(7.75, rel=0.02)
    rule = UnscaledInputs(largest=100)
    assert (
        alarms(found(replace(DIGITS, data=Data(source=Digits()), checks=frozenset({rule})))) == {}
    )


def test_pixels_that_are_scaled_twice():
    twice = Data(source=Digits(), preprocess=(Scale(by=16), Scale(by=255)))
    findings = found(replace(DIGITS, data=twice))
    assert alarms(findings) == {"unscaled-inputs": "warn"}
    thrice = Data(source=Digits(), preprocess=(Scale(by=255), Scale(by=255)))
    assert alarms(found(replace(DIGITS, data=thrice))) == {"unscaled-inputs": "fail"}
    assert findings["unscaled-inputs"].message.endswith(": too small for this start")
    assert findings["unscaled-inputs"].hint == (
        "look whether data.preprocess scales twice, or add standardize to it"
    )


def test_columns_in_units_of_their_own():
    rng = np.random.default_rng(0)
    columns = (rng.standard_normal((500, 3)) + HALF[:, None]) * [1, 1e5, 10]
    assert alarms(found(given(columns, HALF, steps=()))) == {"unscaled-inputs": "warn"}
    assert alarms(found(given(columns, HALF))) == {}


def test_a_network_without_weights_is_not_judged():
    rng = np.random.default_rng(0)
    experiment = given(rng.standard_normal((500, 2)) + 3 * HALF[:, None], HALF)
    finding = found(replace(experiment, network=(Prelu(),)))["unscaled-inputs"]
    assert (finding.status, finding.message) == ("skip", "not judged: no layer has weights")


def test_small_columns_that_nobody_hears():
    rng = np.random.default_rng(0)
    columns = rng.standard_normal((500, 8))
    columns[:, 2:] += HALF[:, None]
    experiment = given(np.where(np.arange(8) < 2, 1, 1e-5) * columns, HALF, steps=())
    findings = found(experiment)
    assert alarms(findings) == {"unscaled-inputs": "warn"}
    finding = findings["unscaled-inputs"]
    assert re.fullmatch(
        r"6 features vary more than 1,000 times less than another: as they are, nearest neighbours "
        r"recognize \d\d% of the examples, and \d\d% if all vary alike",
        finding.message,
    )
    assert finding.hint == (
        "add standardize to data.preprocess, which gives every feature the same say"
    )
    relaxed = replace(experiment, checks=frozenset({UnscaledInputs(columns=1e9)}))
    assert alarms(found(relaxed)) == {}
    noise = np.c_[columns[:, 2:], 1e-5 * columns[:, :2]]
    assert alarms(found(given(noise, HALF, steps=()))) == {}


def test_blank_images():
    images = IMAGES.copy()
    images[::2] = 0
    findings = found(given(images, LABELS))
    assert next(iter(alarms(findings))) == "blank-examples"
    finding = findings["blank-examples"]
    assert finding.message == (
        f"{finding.measured:.0%} of the training examples are blank: all their values are equal, 0 "
        "in 100% of them; they are equal but have 10 different labels"
    )
    assert finding.hint == (
        "look how the examples are read and saved: was an array of zeros filled only in part, or a "
        "file not found? Leave out what is blank"
    )
    assert finding.measured == pytest.approx(0.5, abs=0.05)
    relaxed = replace(given(images, LABELS), checks=frozenset({BlankExamples(share=0.6)}))
    assert found(relaxed)["blank-examples"].status == "pass"


def test_a_class_may_be_that_of_blank_images():
    rng = np.random.default_rng(0)
    images = rng.random((500, 64)) * (HALF[:, None] == 1)
    finding = found(given(images, HALF))["blank-examples"]
    assert finding.status == "pass"
    assert finding.message == "50% of the training examples are blank, all of one class"


def test_sparse_examples_may_be_blank():
    rng = np.random.default_rng(0)
    sparse = rng.standard_normal((500, 20)) * (rng.random((500, 20)) < 0.05)
    assert found(given(sparse, HALF))["blank-examples"].status == "pass"
    finding = found(given(rng.integers(0, 2, (500, 3)) * 1.0, HALF))["blank-examples"]
    assert finding.message == "not judged: of few features all may well be equal"


def test_images_with_their_channels_first():
    images = np.repeat(IMAGES.reshape(-1, 1, 8, 8), 3, axis=1)
    experiment = given(images, LABELS)
    findings = found(replace(experiment, network=(Flatten(), *experiment.network)))
    assert alarms(findings) == {"image-layout": "warn"}
    finding = findings["image-layout"]
    assert finding.message == (
        "examples of the shape (3, 8, 8) are taken for images of 3 rows with 8 channels; they seem "
        "to be 8 x 8 pixels with the channels first"
    )
    assert finding.hint == ("save X with the channels last, (N, H, W, C): X.transpose(0, 2, 3, 1)")
    experiment = given(images.transpose(0, 2, 3, 1), LABELS)
    assert alarms(found(replace(experiment, network=(Flatten(), *experiment.network)))) == {}


@pytest.mark.parametrize("ddof", [0, 1])
def test_what_was_standardized_before_the_split(ddof):
    rng = np.random.default_rng(0)
    raw = rng.standard_normal((500, 6)) + HALF[:, None]
    ready = ((raw - raw.mean(axis=0)) / raw.std(axis=0, ddof=ddof)).astype(np.float32)
    experiment = given(ready, HALF, steps=())
    findings = found(experiment)
    assert alarms(findings) == {"preprocessing-leak": "warn"}
    finding = findings["preprocessing-leak"]
    assert finding.message == (
        "stored features have mean 0 and standard deviation 1 over all 500 examples: they were "
        "standardized before the split, with the examples that are kept for validation"
    )
    assert finding.hint == (
        "save the values as they are, and add standardize to data.preprocess, which is fitted to "
        "the training examples alone"
    )
    train = read(experiment).train.rows
    fair = ((raw - raw[train].mean(axis=0)) / raw[train].std(axis=0)).astype(np.float32)
    assert alarms(found(given(fair, HALF, steps=()))) == {}
    bits = np.repeat(np.array([[a, b, a * b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)]), 100, 0)
    xor = given(bits, (bits[:, 2] > 0).astype(np.intp), steps=())
    assert found(xor)["preprocessing-leak"].status == "pass"
