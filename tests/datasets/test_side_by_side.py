"""Batches of members that have examples of their own: each gets what a feed gives it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, data_of
from trainer_cli.datasets import Feed, SideBySide, folds
from trainer_cli.datasets.augment import Noise
from trainer_cli.nn.streams import stream

AUGMENT = (Noise(std=0.5),)


def splits_of(experiment, count=3):
    dataset = data_of(experiment)
    made = folds(dataset, experiment.data, count, stream(0, "folds"))
    return [fold.train for fold in made]


def drawn(splits, size, seed=0):
    """Return positions of as many examples of every split, (size, M)."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(len(split))[:size] for split in splits], axis=-1)


@pytest.mark.parametrize("experiment", [DIGITS, blobs()], ids=["images", "rows"])
@pytest.mark.parametrize("augment", [(), AUGMENT], ids=["plain", "augmented"])
def test_every_member_gets_what_it_gets_alone(experiment, augment):
    splits = splits_of(experiment)
    together = SideBySide(splits, 16, augment=augment)
    alone = [Feed(split, 16, augment=augment) for split in splits]
    together.restart([4, 5, 6], epoch=2)
    for feed, seed in zip(alone, [4, 5, 6], strict=True):
        feed.restart([seed], epoch=2)
    for size in (16, 16, 7):
        indices = drawn(splits, size)
        x, labels = together.fill(indices)
        assert x.shape == (size, *splits[0].shape[:-1], 3, splits[0].shape[-1])
        assert labels.shape == (size, 3)
        assert together.labels is labels
        for m, feed in enumerate(alone):
            own, its = feed.fill(indices[:, m])
            assert np.array_equal(x[..., m, :], own[..., 0, :])
            assert np.array_equal(labels[:, m], its[:, 0])


def test_those_that_stay_go_on_where_they_were():
    splits = splits_of(DIGITS)
    full, kept = (SideBySide(splits, 8, augment=AUGMENT) for _ in range(2))
    indices = drawn(splits, 8)
    for feed in (full, kept):
        feed.restart([0, 1, 2], epoch=1)
        feed.fill(indices)
    kept.keep([0, 2])
    x, labels = full.fill(indices)
    y, its = kept.fill(indices[:, [0, 2]])
    assert np.array_equal(x[..., [0, 2], :], y)
    assert np.array_equal(labels[:, [0, 2]], its)


def test_the_random_numbers_go_on_where_their_state_was_taken():
    splits = splits_of(DIGITS)
    one, two = (SideBySide(splits, 8, augment=AUGMENT) for _ in range(2))
    for feed in (one, two):
        feed.restart([0, 0, 0], epoch=1)
    indices = drawn(splits, 8)
    one.fill(indices)
    two.restore(one.state())
    assert np.array_equal(one.fill(indices)[0], two.fill(indices)[0])


def test_examples_that_are_batches_as_they_are_stored():
    """Nothing is done to them: they go straight from the source into the batch."""
    experiment = blobs()
    plain = replace(experiment.data, preprocess=())
    made = folds(data_of(replace(experiment, data=plain)), plain, 3, stream(0, "folds"))
    splits = [fold.train for fold in made]
    together = SideBySide(splits, 8, splits[0].stored.dtype)
    indices = drawn(splits, 8)
    x, _ = together.fill(indices)
    for m, split in enumerate(splits):
        assert np.array_equal(x[:, m], split.stored[split.rows[indices[:, m]]])
