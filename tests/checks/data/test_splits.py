"""check-data: splits that share examples or are too small, and preprocessing that saw too much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, fitted_to, found, given
from tests.experiments import DIGITS, data_of
from trainer_cli.config.rules import SmallSplit, SplitLeak, SplitScale
from trainer_cli.datasets import Data, Examples, Split
from trainer_cli.datasets.preprocess import PerImageMean, Scale, Standardize, Whiten, fit
from trainer_cli.datasets.sources import Digits
from trainer_cli.training.data import read

SAME = "split first, fit to the training examples, then apply the same to every split"


def test_test_examples_that_are_in_training():
    experiment = given(IMAGES, LABELS, test_inputs=IMAGES[:300], test_labels=LABELS[:300])
    findings = found(experiment)
    assert alarms(findings) == {"split-leak": "fail"}
    finding = findings["split-leak"]
    count = finding.evidence["test in training"]
    assert finding.message == (
        f"{count} of the 300 test examples ({count / 300:.1%}) are in training too"
    )
    assert finding.hint == (
        "take them out of training: accuracy on them shows memory, not knowledge"
    )
    assert finding.evidence["validation in training"] == 0


def test_duplicates_in_the_source():
    experiment = given(
        np.concatenate([IMAGES, IMAGES[:360]]), np.concatenate([LABELS, LABELS[:360]])
    )
    findings = found(experiment)
    assert alarms(findings) == {"split-leak": "warn"}
    finding = findings["split-leak"]
    assert ", and " in finding.message
    assert finding.message.endswith("% of the training examples are there twice")
    assert finding.hint == "drop duplicates before the data are split"
    relaxed = replace(experiment, checks=frozenset({SplitLeak(share=0.5)}))
    assert found(relaxed)["split-leak"].message.endswith(" are in training too, few enough")


def test_a_few_duplicates_are_honest():
    experiment = given(np.concatenate([IMAGES, IMAGES[:9]]), np.concatenate([LABELS, LABELS[:9]]))
    assert alarms(found(experiment)) == {}


def test_inputs_of_few_values_are_compared_with_duplicates_within_training():
    bits = np.random.default_rng(0).integers(0, 2, (400, 2))
    finding = found(given(bits * 1.0, bits[:, 0] ^ bits[:, 1]))["split-leak"]
    assert finding.status == "pass"
    assert finding.message == (
        "60 of the 60 validation examples (100.0%) are in training too, as 100.0% of the training "
        "examples are there twice: the inputs take few values"
    )


@pytest.mark.parametrize("noise", [1e-3, 0.1])
def test_duplicates_with_a_little_noise(noise):
    more = IMAGES + noise * np.random.default_rng(0).standard_normal(IMAGES.shape)
    findings = found(given(np.concatenate([IMAGES, more]), np.concatenate([LABELS, LABELS])))
    assert alarms(findings) == {"split-leak": "warn"}
    finding = findings["split-leak"]
    count = int(finding.message.split()[0])
    assert finding.message == (
        f"{count} of 150 validation examples looked at are nearly equal to one in training, and "
        "far from others: copies with some noise, or of other precision"
    )
    assert count > 60
    assert finding.hint == (
        "copy or augment examples after the data are split, so that copies stay together"
    )


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_by_chance_are_no_copies(seed):
    rng = np.random.default_rng(seed)
    along, half = rng.random(600), np.arange(600) % 2
    clusters = 5 * rng.standard_normal((60, 5))[np.arange(600) % 60]
    tables = {
        "a line": along[:, None],
        "a curve": np.c_[np.sin(9 * along), along**2, np.cos(5 * along)],
        "heavy tails": rng.standard_cauchy((600, 3)),
        "categories and a number": np.c_[rng.integers(0, 3, (600, 3)), along],
        "rounded": np.round(rng.standard_normal((600, 4)), 1),
        "tight clusters": clusters + 0.01 * rng.standard_normal((600, 5)),
        "margins": np.c_[rng.standard_normal((600, 5)), np.zeros((600, 5))],
    }
    for name, inputs in tables.items():
        assert found(given(inputs, half))["split-leak"].status == "pass", name


@pytest.mark.parametrize("seed", range(5))
def test_sparse_examples_that_are_equal_by_accident_are_honest(seed):
    rng = np.random.default_rng(seed)
    sparse = rng.standard_normal((350, 20)) * (rng.random((350, 20)) < 0.1)
    assert found(given(sparse, np.arange(350) % 2))["split-leak"].status == "pass"


def test_splits_that_overlap():
    dataset = data_of(DIGITS)
    train, more = dataset.train, dataset.validation.rows[:50]
    labels = dict(zip(dataset.validation.rows, dataset.validation.labels, strict=True))
    every = np.concatenate([train.rows, more])
    own = np.concatenate([train.labels, [labels[row] for row in more]])
    pipeline = fit(DIGITS.data.preprocess, train.stored, every, (8, 8, 1))
    leaking = replace(
        dataset,
        train=Examples(train.stored, every, own, pipeline),
        validation=Examples(
            train.stored, dataset.validation.rows, dataset.validation.labels, pipeline
        ),
        test=None,
    )
    findings = found(DIGITS, leaking)
    assert alarms(findings) == {"split-leak": "fail"}
    assert findings["split-leak"].message == (
        "50 of the 270 validation examples (18.5%) are in training too: 50 of them are the very "
        "same rows"
    )
    assert findings["split-leak"].hint == (
        "the splits overlap: give every row of the source to one split alone"
    )


@pytest.mark.parametrize(("by", "text"), [(1 / 16, "16 times less"), (255, "255 times more")])
def test_a_split_in_other_units(by, text):
    experiment = given(
        IMAGES[300:], LABELS[300:], test_inputs=by * IMAGES[:300], test_labels=LABELS[:300]
    )
    findings = found(experiment)
    assert alarms(findings) == {"split-scale": "fail"}
    finding = findings["split-scale"]
    assert finding.message == (
        f"stored values of the test examples vary {text} than those of the training examples"
    )
    assert finding.hint == (
        "save all files in the same units, such as pixels from 0 to 255 in each"
    )
    assert list(finding.evidence) == ["validation", "test"]
    relaxed = replace(experiment, checks=frozenset({SplitScale(factor=1000)}))
    assert found(relaxed)["split-scale"].status == "pass"


@pytest.mark.parametrize("seed", range(10))
def test_small_and_sparse_splits_are_not_taken_for_other_units(seed):
    rng = np.random.default_rng(seed)
    half = np.arange(140) % 2
    problems = {
        "sparse": rng.standard_normal((140, 30)) * (rng.random((140, 30)) < 0.1),
        "rare": (rng.random((140, 3)) < 0.2) * 1.0,
        "heavy tails": np.exp(2 * rng.standard_normal((140, 1))),
    }
    for name, inputs in problems.items():
        assert found(given(inputs, half))["split-scale"].status == "pass", name


def test_splits_too_small_for_their_scale():
    finding = found(given(IMAGES[:100], LABELS[:100]))["split-scale"]
    assert finding.status == "skip"
    assert finding.message == "not judged: validation and test have too few examples to tell"


def test_a_split_that_is_too_small():
    few = Split(train=1000, validation=8)
    experiment = replace(DIGITS, data=replace(DIGITS.data, split=few))
    findings = found(experiment)
    assert alarms(findings) == {"small-split": "warn"}
    finding = findings["small-split"]
    assert finding.message == (
        "the validation split has 8 examples of 1,797: by them an accuracy is known to 28 "
        "percentage points either way"
    )
    assert finding.hint == (
        "give it more in data.split, or use nntrain crossval, which validates on every example in "
        "turn"
    )
    assert alarms(found(replace(experiment, checks=frozenset({SmallSplit(widest=0.6)})))) == {}


def test_preprocessing_fitted_to_more_than_training():
    dataset = data_of(DIGITS)
    train, validation = dataset.train.rows, dataset.validation.rows
    cases = {
        "all 1,797 examples of the source": np.arange(1797),
        "the validation examples": validation,
        "the test examples": dataset.test.rows,
        "training and validation examples": np.union1d(train, validation),
        "other examples": train[:100],
    }
    for name, rows in cases.items():
        findings = found(DIGITS, fitted_to(dataset, DIGITS, rows))
        status = "warn" if name == "other examples" else "fail"
        assert alarms(findings) == {"preprocessing-leak": status}
        finding = findings["preprocessing-leak"]
        assert finding.message == (
            f"the preprocessing is fitted to {name}, not to the training examples alone: values "
            f"differ by up to {finding.measured:.2g} standard deviations"
        )
        assert finding.hint == SAME


def test_preprocessing_fitted_to_a_test_set_of_its_own():
    experiment = given(
        IMAGES[:1500], LABELS[:1500], test_inputs=IMAGES[1500:], test_labels=LABELS[1500:]
    )
    dataset = read(experiment)
    test = dataset.test
    pipeline = fit(experiment.data.preprocess, test.stored, test.rows, (64,))
    train, validation, own = (
        Examples(each.stored, each.rows, each.labels, pipeline)
        for each in (dataset.train, dataset.validation, test)
    )
    leaking = replace(dataset, train=train, validation=validation, test=own)
    finding = found(experiment, leaking)["preprocessing-leak"]
    assert finding.status == "fail"
    assert finding.message.startswith("the preprocessing is fitted to the test examples, not to ")


def test_every_fitted_step_is_fitted_again():
    for steps in ((Standardize(),), (Whiten(dimensions=10),), (Scale(by=16), Standardize())):
        experiment = replace(DIGITS, data=Data(source=Digits(), preprocess=steps))
        dataset = fitted_to(data_of(experiment), experiment, np.arange(1797))
        assert alarms(found(experiment, dataset)) == {"preprocessing-leak": "fail"}


def test_a_split_that_is_preprocessed_by_itself():
    dataset = data_of(DIGITS)
    own = fitted_to(dataset, DIGITS, dataset.test.rows)
    findings = found(DIGITS, replace(dataset, test=own.test))
    assert alarms(findings) == {"preprocessing-leak": "fail"}
    finding = findings["preprocessing-leak"]
    assert finding.message == (
        "the test split is preprocessed otherwise than the training split: values differ by up to "
        f"{finding.measured:.2g} standard deviations"
    )
    assert finding.hint == SAME


def test_steps_that_are_not_fitted_cannot_leak():
    steps = (Scale(by=16), PerImageMean())
    finding = found(replace(DIGITS, data=Data(source=Digits(), preprocess=steps)))
    assert finding["preprocessing-leak"].status == "pass"
    assert finding["preprocessing-leak"].message == "no step of the preprocessing is fitted"


def test_principal_axes_of_many_features_are_not_judged():
    rng = np.random.default_rng(0)
    half = np.arange(300) % 2
    wide = rng.standard_normal((300, 300)) + half[:, None]
    finding = found(given(wide, half, steps=(Whiten(dimensions=5),)))["preprocessing-leak"]
    assert finding.status == "skip"
    assert finding.message == (
        "not judged: principal axes of 300 features take too long to find again"
    )
