"""Folds: every example is left out once, and nothing of a fold is in what it is judged by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, data_of, unevenly
from trainer_cli.datasets import DataError, Split, folds
from trainer_cli.datasets.preprocess import Standardize, Whiten
from trainer_cli.datasets.preprocess.pca import Pca
from trainer_cli.nn.streams import stream

UNSTRATIFIED = replace(DIGITS.data, split=Split(stratified=False))


def divided(dataset, settings, count, seed=0):
    return folds(dataset, settings, count, stream(seed, "folds"))


@pytest.mark.parametrize("settings", [DIGITS.data, UNSTRATIFIED], ids=["stratified", "not"])
@pytest.mark.parametrize("count", [2, 5, 7])
def test_every_example_that_is_not_for_testing_is_left_out_once(settings, count):
    dataset = data_of(DIGITS)
    pool = np.sort(np.concatenate([dataset.train.rows, dataset.validation.rows]))
    made = divided(dataset, settings, count)
    assert len(made) == count
    left_out = np.concatenate([fold.validation.rows for fold in made])
    assert np.array_equal(np.sort(left_out), pool)
    sizes = [len(fold.validation) for fold in made]
    assert max(sizes) - min(sizes) <= 1
    for fold in made:
        together = np.concatenate([fold.train.rows, fold.validation.rows])
        assert np.array_equal(np.sort(together), pool)
        assert not np.isin(together, dataset.test.rows).any()
        assert fold.test is None


def test_the_labels_stay_with_their_examples():
    dataset = data_of(DIGITS)
    label_of = dict(zip(dataset.train.rows, dataset.train.labels, strict=True))
    label_of |= dict(zip(dataset.validation.rows, dataset.validation.labels, strict=True))
    for fold in divided(dataset, DIGITS.data, 4):
        for part in (fold.train, fold.validation):
            assert [label_of[row] for row in part.rows] == part.labels.tolist()


def test_stratified_folds_share_every_class_evenly():
    made = divided(data_of(DIGITS), DIGITS.data, 7)
    counts = np.array([np.bincount(fold.validation.labels, minlength=10) for fold in made])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()
    others = divided(data_of(DIGITS), UNSTRATIFIED, 7)
    counts = np.array([np.bincount(fold.validation.labels, minlength=10) for fold in others])
    assert (counts.max(axis=0) - counts.min(axis=0) > 1).any()


def test_folds_come_from_their_seed():
    dataset = data_of(DIGITS)
    one, two, other = (divided(dataset, DIGITS.data, 3, seed) for seed in (0, 0, 1))
    rows = [made[0].validation.rows.tolist() for made in (one, two, other)]
    assert rows[0] == rows[1] != rows[2]


def test_preprocessing_is_fitted_on_what_is_trained_on():
    experiment = blobs()
    settings = replace(experiment.data, preprocess=(Standardize(),))
    for fold in divided(data_of(experiment), settings, 3):
        ready = fold.train.ready(np.dtype(np.float64))
        assert ready.mean(axis=0) == pytest.approx(0.0, abs=1e-6)
        assert ready.std(axis=0) == pytest.approx(1.0, abs=1e-6)
        assert abs(fold.validation.ready(np.dtype(np.float64)).mean(axis=0)).max() > 1e-3


def test_more_folds_than_examples_of_a_class():
    dataset = unevenly(data_of(DIGITS), 100, 4, 90)
    with pytest.raises(DataError) as caught:
        divided(dataset, DIGITS.data, 9)
    assert caught.value.message == (
        "9 folds cannot share the 8 examples of class 1 for training and validation"
    )
    assert caught.value.hint == "use at most 8 folds, or set data.split.stratified to false"
    assert len(divided(dataset, DIGITS.data, 8)) == 8
    assert len(divided(dataset, UNSTRATIFIED, 9)) == 9


def test_a_class_of_a_single_example():
    dataset = unevenly(data_of(DIGITS), 100, 1)
    dataset = replace(
        dataset,
        validation=dataset.validation.select(np.flatnonzero(dataset.validation.labels == 0)),
    )
    with pytest.raises(DataError) as caught:
        divided(dataset, DIGITS.data, 2)
    assert caught.value.message == (
        "2 folds cannot share the 1 example of class 1 for training and validation"
    )
    assert caught.value.hint == "set data.split.stratified to false"


def test_more_folds_than_examples():
    dataset = unevenly(data_of(DIGITS), 3, 2)
    with pytest.raises(DataError) as caught:
        divided(dataset, UNSTRATIFIED, 11)
    assert caught.value.message == (
        "11 folds cannot share the 10 examples for training and validation"
    )
    assert caught.value.hint == "use at most 10 folds"
    assert [len(fold.validation) for fold in divided(dataset, UNSTRATIFIED, 10)] == [1] * 10


def test_a_step_that_cannot_be_fitted_names_the_fold():
    dataset = unevenly(data_of(DIGITS), 4, 4)
    settings = replace(DIGITS.data, preprocess=(Pca(dimensions=12),))
    with pytest.raises(DataError) as caught:
        divided(dataset, settings, 4)
    assert caught.value.message == (
        "without fold 0, pca cannot keep 12 dimensions: 12 training examples of 64 features span "
        "at most 11"
    )
    assert caught.value.key == ("data", "preprocess", 0, "dimensions")


def test_folds_whose_examples_have_other_shapes_are_refused():
    """Whitening keeps all directions that the examples can span: one less with an example less."""
    dataset = unevenly(data_of(DIGITS), 4, 4)
    settings = replace(DIGITS.data, preprocess=(Whiten(),), split=Split(stratified=False))
    with pytest.raises(DataError) as caught:
        divided(dataset, settings, 3)
    assert caught.value.message == (
        "preprocessing leaves examples of the shape (9,) where fold 0 is left out, and (10,) where "
        "fold 1 is"
    )
    assert caught.value.hint == "set the number of dimensions that are kept"
    assert caught.value.key == ("data", "preprocess")
