"""Augmentation meets the batches that are learned from, and nothing else."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, data_of
from trainer_cli.checks.initial_loss import check_loss
from trainer_cli.checks.memorize import memorize
from trainer_cli.config.experiment import Training
from trainer_cli.datasets import Feed
from trainer_cli.datasets.augment import Flip, Jitter, Noise, RandomCrop
from trainer_cli.nn.layers import Dense
from trainer_cli.training import memory
from trainer_cli.training.diagnosis.probe import probe
from trainer_cli.training.loop import train
from trainer_cli.training.material import capacity

BLOBS = blobs()
EVERYTHING = (RandomCrop(padding=1), Flip(), Jitter(), Noise())


def with_augmentation(experiment, *augment, **changes):
    return replace(experiment, data=replace(experiment.data, augment=augment), **changes)


def figures(outcome):
    return outcome.alone.epochs


def test_training_repeats_and_depends_on_the_seed():
    experiment, dataset = with_augmentation(DIGITS, *EVERYTHING), data_of(DIGITS)
    first = train(experiment, dataset, batches_per_epoch=10)
    again = train(experiment, dataset, batches_per_epoch=10)
    plain = train(DIGITS, dataset, batches_per_epoch=10)
    assert len(first.alone.epochs) == 3
    assert figures(first) == figures(again)
    for epoch, other in zip(first.alone.epochs, plain.alone.epochs, strict=True):
        assert epoch.cost != other.cost


def test_changes_that_change_nothing_leave_training_as_it_is():
    dataset = data_of(BLOBS)
    nothing = train(with_augmentation(BLOBS, Noise(std=0)), dataset)
    assert figures(nothing) == figures(train(BLOBS, dataset))


def test_every_epoch_begins_with_numbers_of_its_own(monkeypatch):
    calls = []
    monkeypatch.setattr(Feed, "restart", lambda feed, seeds, epoch: calls.append((seeds, epoch)))
    train(replace(BLOBS, seed=5, training=Training(epochs=3)), data_of(BLOBS))
    assert calls == [([5], 1), ([5], 2), ([5], 3)]


def test_evaluation_sees_the_examples_as_they_are():
    still = replace(BLOBS.optimizer, learning_rate=1e-12)
    noisy = with_augmentation(BLOBS, Noise(std=1), optimizer=still)
    outcome, plain = (train(e, data_of(BLOBS)) for e in (noisy, replace(BLOBS, optimizer=still)))
    assert outcome.alone.start == plain.alone.start
    for epoch, expected in zip(outcome.alone.epochs, plain.alone.epochs, strict=True):
        assert abs(epoch.cost - expected.cost) > 0.01 * expected.cost  # of the batches themselves
        assert epoch.train_loss == pytest.approx(expected.train_loss, rel=1e-6)
        assert epoch.train_accuracy == expected.train_accuracy
        assert epoch.validation_loss == pytest.approx(expected.validation_loss, rel=1e-6)


def test_trying_rates_trains_as_training_does():
    rates, dataset = [0.01, 0.1], data_of(BLOBS)
    noisy = with_augmentation(BLOBS, Noise(std=2))
    first, again = probe(noisy, dataset, rates), probe(noisy, dataset, rates)
    plain = probe(BLOBS, dataset, rates)
    assert first == again
    assert all(one.decrease != other.decrease for one, other in zip(first, plain, strict=True))
    assert probe(with_augmentation(BLOBS, Noise(std=0)), dataset, rates) == plain


def test_checks_look_at_the_examples_as_they_are():
    noisy, dataset = with_augmentation(BLOBS, Noise(std=2)), data_of(BLOBS)
    assert memorize(noisy, dataset).costs == memorize(BLOBS, dataset).costs
    one, other = (check_loss(experiment, dataset) for experiment in (noisy, BLOBS))
    assert [finding.measured for finding in one] == [finding.measured for finding in other]


def test_the_memory_of_augmentation_is_counted():
    experiment = with_augmentation(
        DIGITS,
        RandomCrop(padding=7),
        *EVERYTHING[1:],
        network=(Dense(units=10),),
        training=Training(epochs=1, batch_size=1200),
    )
    dataset = data_of(DIGITS)
    most = capacity(experiment.training.batch_size, len(dataset.train))
    estimate = memory.training_bytes(experiment, dataset.shape, most)
    plain = memory.stack_bytes(with_augmentation(experiment), dataset.shape, most)
    tracemalloc.start()
    train(experiment, dataset, batches_per_epoch=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 2 * plain < estimate
    assert 0.6 * estimate < peak < 1.1 * estimate


def test_augmented_digits_still_learn():
    training = Training(epochs=12, batch_size=32)
    experiment = with_augmentation(DIGITS, RandomCrop(padding=1), Jitter(), training=training)
    last = train(experiment, data_of(DIGITS)).alone.epochs[-1]
    assert last.validation_accuracy > 0.8
    assert last.train_accuracy > 0.8
    assert np.isfinite(last.cost)
