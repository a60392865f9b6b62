"""check_batches: batches that hold others than were drawn are found, sound ones never."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, changed, data_of
from tests.parts import members_of
from tests.training.faults import HEALTHY
from trainer_cli.checks.batches import check_batches
from trainer_cli.checks.selftest import feeds
from trainer_cli.config.experiment import Training
from trainer_cli.config.parts import name_of
from trainer_cli.datasets import Augmentation
from trainer_cli.datasets.preprocess import Pca, Scale, Standardize, Whiten

TOGETHER = "are inputs and labels put in order together, and taken by the same numbers?"
POSITIONS = (
    "look at how positions in the split become examples: does every one of them come up once in "
    "an epoch?"
)
FAULTS = {
    "apart": (
        feeds.apart_in_a_batch,
        "the inputs of 32 of the 32 examples of batch 1 are not their own",
        TOGETHER,
    ),
    "labels before": (
        feeds.labels_of_the_batch_before,
        "the labels of 27 of the 32 examples of batch 2 are not their own",
        TOGETHER,
    ),
    "the same": (
        feeds.always_the_same_batch,
        "32 of the 32 examples of batch 1 are others than were drawn",
        POSITIONS,
    ),
    "half": (
        feeds.half_left_out,
        "15 of the 32 examples of batch 1 are others than were drawn",
        POSITIONS,
    ),
    "mixed": (
        feeds.shuffled_inputs,
        "augmentation (shuffling) mixes examples: with others beside them, 8 of 16 examples of a "
        "batch become something else, and keep their labels",
        "change each example by itself: no shuffling, mean or sum over the batch",
    ),
}


def judge(experiment, dataset):
    (finding,) = check_batches(experiment, dataset)
    assert finding.rule == "batch-contents"
    return finding


def test_the_message_of_sound_batches():
    finding = judge(DIGITS, data_of(DIGITS))
    assert finding.status == "pass"
    assert finding.message == (
        "500 examples, in batches of 32, are those that were drawn, each with its own label"
    )


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_named(name):
    plant, message, hint = FAULTS[name]
    finding = judge(*plant(DIGITS, data_of(DIGITS)))
    assert (finding.status, finding.message, finding.hint) == ("fail", message, hint)


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_experiments_pass(name):
    assert judge(HEALTHY[name], data_of(HEALTHY[name])).status == "pass"


@pytest.mark.parametrize("kind", members_of(Augmentation), ids=name_of)
def test_every_augmentation_keeps_to_an_example(kind):
    experiment = changed(DIGITS, data=replace(DIGITS.data, augment=(kind(),)))
    assert judge(experiment, data_of(experiment)).status == "pass"


@pytest.mark.parametrize(
    "steps",
    [(), (Scale(by=1e-6),), (Standardize(), Pca(dimensions=10)), (Whiten(),)],
    ids=str,
)
@pytest.mark.parametrize("batch", [1, 7, 5000])
def test_all_preprocessing_and_batches_pass(steps, batch):
    experiment = changed(
        DIGITS,
        data=replace(DIGITS.data, preprocess=steps),
        training=Training(batch_size=batch),
    )
    assert judge(experiment, data_of(experiment)).status == "pass"


def test_values_that_are_not_finite_are_no_mistake_of_the_batches():
    dataset = data_of(changed(DIGITS, data=replace(DIGITS.data, preprocess=())))
    stored = dataset.train.stored.astype(float)
    stored[:100] = np.nan
    stored[100:200] = np.inf
    train = type(dataset.train)(
        stored, dataset.train.rows, dataset.train.labels, dataset.train.pipeline
    )
    assert judge(DIGITS, replace(dataset, train=train)).status == "pass"


def test_a_single_example():
    dataset = data_of(DIGITS)
    one = replace(dataset, train=dataset.train.select(np.arange(1)))
    assert judge(DIGITS, one).status == "pass"
