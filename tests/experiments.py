"""Experiments that tests start from: the built-in digits and small synthetic problems."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from trainer_cli.config.experiment import Experiment, Overfit, Training
from trainer_cli.datasets import Data, Dataset
from trainer_cli.datasets.preprocess import Scale, Standardize
from trainer_cli.datasets.preprocess.center import Center
from trainer_cli.datasets.sources import Digits, Synthetic
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.optim.optimizers import Momentum
from trainer_cli.training.data import read

DIGITS = Experiment(
    data=Data(source=Digits(), preprocess=(Scale(by=16.0), Center())),
    network=(Dense(units=50), Relu(), Dense(units=10)),
    optimizer=Momentum(learning_rate=0.03),
    training=Training(epochs=3, batch_size=32),
)


def blobs(classes: int = 3, **settings: Any) -> Experiment:
    """Return a small experiment on Gaussian blobs, which a two-layer network learns easily."""
    source = Synthetic(kind="blobs", classes=classes, **{"examples": 300, **settings})
    return Experiment(
        data=Data(source=source, preprocess=(Standardize(),)),
        network=(Dense(units=20), Relu(), Dense(units=classes)),
        optimizer=Momentum(learning_rate=0.05),
        training=Training(epochs=5, batch_size=20),
        overfit=Overfit(),
    )


@cache
def data_of(experiment: Experiment) -> Dataset:
    """Return the experiment's data, loaded once for all tests."""
    return read(experiment)


def unevenly(dataset: Dataset, *counts: int) -> Dataset:
    """Return the dataset with so many training and validation examples of each class."""
    train, validation = (
        split.select(
            np.sort(
                np.concatenate(
                    [np.flatnonzero(split.labels == c)[:count] for c, count in enumerate(counts)]
                )
            )
        )
        for split in (dataset.train, dataset.validation)
    )
    return replace(dataset, train=train, validation=validation)


def changed(experiment: Experiment, **changes: Any) -> Experiment:
    """Return the experiment with other sections."""
    return replace(experiment, **changes)
