"""Divides the examples that are not for testing into folds, each left out of training once.

N examples, K folds.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.dataset import Data, Dataset
from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.examples import Examples
from trainer_cli.datasets.preprocess import fit
from trainer_cli.datasets.table import Labels


def folds(dataset: Dataset, settings: Data, count: int, rng: np.random.Generator) -> list[Dataset]:
    """Return a data set for each fold: it is validated on, and all others are trained on.

    What is divided are the examples for training and validation together; those for testing are
    in none. Every fold's preprocessing is fitted on what it is trained on. Folds differ by at most
    one example and, where the split is stratified, by at most one of each class.
    Raises DataError for fewer examples of some class than folds, where the split is stratified, and
    for preprocessing that cannot be fitted or that leaves the folds different shapes.
    """
    rows = np.concatenate([dataset.train.rows, dataset.validation.rows])
    labels = np.concatenate([dataset.train.labels, dataset.validation.labels])
    order = np.argsort(rows)
    rows, labels = rows[order], labels[order]
    _refuse_too_many(dataset, labels, count, settings.split.stratified)
    made = []
    for number, part in enumerate(_parts(labels, count, settings.split.stratified, rng)):
        left_out = np.zeros(len(rows), np.bool_)
        left_out[part] = True
        made.append(_fold(dataset, settings, number, rows, labels, left_out))
    _refuse_other_shapes(made)
    return made


def _parts(
    labels: Labels, count: int, stratified: bool, rng: np.random.Generator
) -> list[NDArray[np.intp]]:
    """Deal the shuffled examples out to the folds, one class after the other if stratified."""
    shuffled = rng.permutation(len(labels))
    if stratified:
        shuffled = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return [shuffled[number::count] for number in range(count)]


def _fold(
    dataset: Dataset,
    settings: Data,
    number: int,
    rows: NDArray[np.intp],
    labels: Labels,
    left_out: NDArray[np.bool_],
) -> Dataset:
    stored, shape = dataset.train.stored, dataset.train.pipeline.input_shape
    try:
        pipeline = fit(settings.preprocess, stored, rows[~left_out], shape)
    except DataError as error:
        message = f"without fold {number}, {error.message}"
        raise DataError(message, key=error.key, hint=error.hint) from None
    train, validation = (
        Examples(stored, rows[part], labels[part], pipeline) for part in (~left_out, left_out)
    )
    return replace(dataset, train=train, validation=validation, test=None, shape=pipeline.shape)


def _refuse_too_many(dataset: Dataset, labels: Labels, count: int, stratified: bool) -> None:
    """Raise DataError where some fold would have no example, or none of a class that there is."""
    most, whose, hint = len(labels), "", "use at most {} folds"
    if stratified:
        of_class = np.bincount(labels)
        smallest = min(np.flatnonzero(of_class), key=lambda c: of_class[c])
        name = dataset.class_names[smallest] if dataset.class_names else smallest
        most, whose = int(of_class[smallest]), f" of class {name}"
        unstratified = "set data.split.stratified to false"
        hint = f"{hint}, or {unstratified}" if most > 1 else unstratified
    if count > most:
        have = f"{most:,} example" + ("" if most == 1 else "s")
        message = f"{count:,} folds cannot share the {have}{whose} for training and validation"
        raise DataError(message, hint=hint.format(f"{most:,}"))


def _refuse_other_shapes(made: Sequence[Dataset]) -> None:
    """Raise DataError unless one network fits all folds."""
    for number, fold in enumerate(made):
        if fold.shape != made[0].shape:
            raise DataError(
                f"preprocessing leaves examples of the shape {made[0].shape} where fold 0 is left "
                f"out, and {fold.shape} where fold {number} is",
                key=("data", "preprocess"),
                hint="set the number of dimensions that are kept",
            )
