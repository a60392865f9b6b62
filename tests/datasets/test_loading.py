"""Loading joins source, split and preprocessing, and holds the data once."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from data_files import write_cifar

from trainer_cli.datasets import Data, Feed, Split, load
from trainer_cli.datasets.preprocess import Center, MeanImage, Pca, Scale
from trainer_cli.datasets.sources import Cifar10, Digits, Mnist, Npz, Synthetic


def test_digits_with_usual_settings(rng):
    data = load(Data(source=Digits()), rng)
    assert (len(data.train), len(data.validation), len(data.test)) == (1258, 270, 269)
    assert (data.name, data.shape, data.classes) == ("digits", (8, 8, 1), 10)
    assert data.class_names == tuple("0123456789")
    assert data.train.shape == data.shape
    assert data.train.stored is data.validation.stored is data.test.stored
    x, labels = Feed(data.train, 20).fill(np.arange(20))
    np.testing.assert_array_equal(
        x[:, :, :, 0, 0], Digits().read().inputs[data.train.rows[:20], ..., 0]
    )
    np.testing.assert_array_equal(labels[:, 0], data.train.labels[:20])


def test_preprocessing_is_fitted_on_the_training_split_alone(rng):
    data = load(Data(source=Digits(), preprocess=(MeanImage(), Scale(by=16))), rng)
    x, _ = Feed(data.train, len(data.train)).fill(np.arange(len(data.train)))
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-6)
    stored = data.train.stored[data.train.rows]
    np.testing.assert_allclose(data.train.pipeline.stages[0].shift, stored.mean(axis=0), rtol=1e-12)


def test_pca_changes_the_shape(rng):
    data = load(Data(source=Digits(), preprocess=(Pca(dimensions=12),)), rng)
    assert data.shape == data.test.shape == (12,)


def test_a_test_set_of_its_own_is_used_whole_and_in_order(mnist, rng):
    data = load(Data(source=Mnist(path=mnist), preprocess=(Center(),)), rng)
    assert (len(data.train), len(data.validation), len(data.test)) == (10, 2, 6)
    np.testing.assert_array_equal(data.test.labels, np.arange(6))
    np.testing.assert_array_equal(data.test.rows, np.arange(6))
    assert data.test.pipeline is data.train.pipeline


def test_no_test_set_when_nothing_is_kept_for_it(rng):
    split = Split(train=0.8, validation=0.2)
    assert load(Data(source=Synthetic(), split=split), rng).test is None


def test_the_same_generator_gives_the_same_splits():
    one, other = (load(Data(source=Digits()), np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.train.rows, other.train.rows)


def peak_of_loading(settings):
    tracemalloc.start()
    data = load(settings, np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    stored = data.train.stored.nbytes
    return peak / (stored if data.test is None else stored + data.test.stored.nbytes)


def test_loading_cifar10_holds_the_images_once(tmp_path):
    folder = write_cifar(tmp_path / "c", 1500, protocol=4)
    settings = Data(source=Cifar10(path=folder), preprocess=(MeanImage(),))
    # One batch of the six is in memory as a file, too, while its planes are turned into channels.
    assert peak_of_loading(settings) < 1.25


def test_loading_an_npz_holds_the_values_once(tmp_path, rng):
    X = rng.random((20_000, 200), np.float32)
    np.savez(tmp_path / "d.npz", X=X, y=np.arange(20_000) % 7)
    settings = Data(source=Npz(path=tmp_path / "d.npz"), preprocess=(Center(),))
    assert peak_of_loading(settings) < 1.3


@pytest.mark.skipif("NNTRAIN_CIFAR10" not in os.environ, reason="NNTRAIN_CIFAR10 names no folder")
def test_the_published_files_can_be_loaded(rng):
    source = Cifar10(path=Path(os.environ["NNTRAIN_CIFAR10"]))
    data = load(Data(source=source, preprocess=(MeanImage(),)), rng)
    assert data.shape == (32, 32, 3)
    assert data.class_names[0] == "airplane"
    assert set(np.bincount(data.test.labels) > 0) == {True}
