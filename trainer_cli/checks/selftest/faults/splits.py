"""Faults in how data are divided, ordered and preprocessed, which no file can say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.selftest.case import Case, Plant
from trainer_cli.checks.selftest.files import DIGITS
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.datasets.preprocess import fit


def _fault(name: str, plant: Plant, *sets: str, rules: tuple[str, ...]) -> Case:
    return Case(name=name, kind="data", rules=rules, file=DIGITS, sets=sets, plant=plant)


def _refitted(choose: Callable[[Dataset], NDArray[np.intp]]) -> Plant:
    """Fit the preprocessing to other rows."""

    def plant(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
        train = dataset.train
        rows = choose(dataset)
        pipeline = fit(experiment.data.preprocess, train.stored, rows, train.pipeline.input_shape)
        train, validation = (
            Examples(each.stored, each.rows, each.labels, pipeline)
            for each in (dataset.train, dataset.validation)
        )
        return experiment, replace(dataset, train=train, validation=validation, test=None)

    return plant


def _own_preprocessing(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
    """Fit the preprocessing of the validation split to itself."""
    split = dataset.validation
    shape = split.pipeline.input_shape
    pipeline = fit(experiment.data.preprocess, split.stored, split.rows, shape)
    validation = Examples(split.stored, split.rows, split.labels, pipeline)
    return experiment, replace(dataset, validation=validation)


def _overlapping(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
    """Add the validation examples to the training split."""
    train, more = dataset.train, dataset.validation
    rows = np.concatenate([train.rows, more.rows])
    labels = np.concatenate([train.labels, more.labels])
    return experiment, replace(dataset, train=Examples(train.stored, rows, labels, train.pipeline))


def _unordered(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
    """Put the training inputs in another order than their labels."""
    train = dataset.train
    rows = np.random.default_rng(experiment.seed).permutation(train.rows)
    return experiment, replace(
        dataset, train=Examples(train.stored, rows, train.labels, train.pipeline)
    )


SPLITS = (
    _fault(
        "X and y reordered apart in training",
        _unordered,
        "data.split={train: 420, validation: 180}",
        rules=("unrelated-labels",),
    ),
    _fault("training and validation overlap", _overlapping, rules=("split-leak",)),
    _fault(
        "mean image of the validation split",
        _refitted(lambda dataset: dataset.validation.rows),
        "data.preprocess=[mean_image, {type: scale, by: 16}]",
        rules=("preprocessing-leak",),
    ),
    _fault(
        "mean image of all examples",
        _refitted(lambda dataset: np.arange(len(dataset.train.stored))),
        "data.preprocess=[mean_image, {type: scale, by: 16}]",
        rules=("preprocessing-leak",),
    ),
    _fault(
        "standardized by all examples",
        _refitted(lambda dataset: np.arange(len(dataset.train.stored))),
        "data.preprocess=[standardize]",
        rules=("preprocessing-leak",),
    ),
    _fault(
        "validation split standardized by itself",
        _own_preprocessing,
        "data.preprocess=[standardize]",
        rules=("preprocessing-leak",),
    ),
)
