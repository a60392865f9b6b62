"""What the networks of a run say of the validation split, and their surest mistakes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.datasets import Feed
from trainer_cli.datasets.preprocess.pca import Pca
from trainer_cli.nn.losses import Svm
from trainer_cli.nn.network import Network
from trainer_cli.report.page.validated import MOST_MISTAKES, validate


def network_of(experiment, members=1, seed=0):
    dataset = data_of(experiment)
    network = Network(
        [experiment.network] * members, dataset.shape, capacity=64, dtype=np.dtype(np.float64)
    )
    rng = np.random.default_rng(seed)
    network.parameters.values[:] = rng.normal(0, 0.1, network.parameters.values.size)
    return network


def scores_of(network, dataset):
    x, _ = Feed(dataset.validation, len(dataset.validation), dtype=np.float64).fill(
        np.arange(len(dataset.validation))
    )
    whole = Network(network.stack, dataset.shape, capacity=len(x), dtype=np.dtype(np.float64))
    whole.parameters.values[:] = network.parameters.values
    return whole.forward(x, training=False)  # (N, M, C)


def test_members_are_averaged_and_mistakes_ordered():
    dataset, network = data_of(DIGITS), network_of(DIGITS, members=3)
    scores = scores_of(network, dataset)
    p = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    mean = p.mean(axis=1)
    labels, taken = dataset.validation.labels, mean.argmax(axis=1)
    found = validate(network, DIGITS, dataset)
    assert (found.networks, found.probabilities) == (3, True)
    assert (found.right, found.examples) == ((taken == labels).sum(), len(labels))
    assert found.matrix[4, 7] == ((labels == 4) & (taken == 7)).sum()
    assert len(found.mistakes) == MOST_MISTAKES
    sure = [mistake.sure for mistake in found.mistakes]
    assert sure == sorted(sure, reverse=True)
    wrong = taken != labels
    assert sure[0] == pytest.approx(mean[wrong].max())
    first = np.flatnonzero(wrong)[mean[wrong].max(axis=1).argmax()]
    assert found.mistakes[0].row == dataset.validation.rows[first]
    assert (found.mistakes[0].true, found.mistakes[0].taken) == (labels[first], taken[first])


def test_pictures_are_the_stored_pixels():
    dataset = data_of(DIGITS)
    mistake = validate(network_of(DIGITS), DIGITS, dataset).mistakes[0]
    stored = dataset.validation.stored[mistake.row].reshape(8, 8, 1)
    assert mistake.image.tolist() == np.rint(stored / 16 * 255).astype(int).tolist()
    assert mistake.values == ()


def test_pictures_are_shown_whatever_preprocessing_makes_of_them():
    projected = changed(DIGITS, data=replace(DIGITS.data, preprocess=(Pca(dimensions=20),)))
    assert len(data_of(projected).shape) == 1
    found = validate(network_of(projected), projected, data_of(projected))
    assert found.mistakes[0].image.shape == (8, 8, 1)


def test_examples_that_are_no_images_keep_their_numbers():
    plain = blobs(classes=4, noise=3.0)
    dataset = data_of(plain)
    mistake = validate(network_of(plain), plain, dataset).mistakes[0]
    assert mistake.image is None
    assert mistake.values == dataset.validation.stored[mistake.row].tolist()


def test_a_loss_without_probabilities_is_sure_by_scores():
    svm = changed(blobs(classes=4, noise=3.0), loss=Svm())
    dataset, network = data_of(svm), network_of(svm, members=2)
    mean = scores_of(network, dataset).mean(axis=1)
    found = validate(network, svm, dataset)
    assert not found.probabilities
    first = found.mistakes[0]
    position = dataset.validation.rows.tolist().index(first.row)
    expected = mean[position, first.taken] - mean[position, first.true]
    assert first.sure == pytest.approx(expected)


def test_classes_without_names_are_numbers():
    named = replace(data_of(DIGITS), class_names=tuple("abcdefghij"))
    network = network_of(DIGITS)
    assert validate(network, DIGITS, named).names == tuple("abcdefghij")
    assert list(validate(network, DIGITS, replace(named, class_names=None)).names)[:2] == ["0", "1"]
