"""Is a column of the table the label over again, or are several of them together?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.subject import class_name, feature_name, not_judged
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.training.findings import Finding

RULE = "label-among-features"
SAMPLE = 1000
# In a class of fewer examples a feature may well be constant by chance.
FEWEST = 5
LISTED = 5
# Labels of a table that is sorted by them change so seldom from row to row.
CHANGES = 2

Numbers = NDArray[np.intp]


def label_among_features(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge columns that have one value in each class, or all but one column of a one-hot code.

    Where most columns have few values as well, as in tables of bits, they may be all there is to
    learn; and of images a pixel is no copy of anything. Row numbers are judged too: in a table that
    is sorted by class they tell the class.
    """
    train = dataset.train
    if len(train.pipeline.input_shape) == 3:
        return _passed("the examples are images, of which no pixel is a label")
    sample = train.select(train.evenly(SAMPLE))
    classes = np.flatnonzero(np.bincount(sample.labels) >= FEWEST)
    if len(classes) < 2:
        return not_judged(RULE, "the training examples are too few, or of one class")
    every = np.arange(train.stored.shape[1])
    copies = _copies(sample, classes, every)
    if copies.size:  # all examples have the last word
        copies = _copies(train, classes, copies)
    if copies.size and _rich(sample, np.setdiff1d(every, copies), len(classes)):
        what = "one value for each class, the same in all"
        many = f"{what} {len(train):,} training examples: the label over again"
        return _warned(dataset, copies, many)
    code, left = _one_hot(sample, classes, every)
    if code.size:
        code, left = _one_hot(train, classes, code)
    if code.size and _rich(sample, np.setdiff1d(every, code), len(classes)):
        what = f"a 1 in just one of them unless the label is {class_name(dataset, left)}, in all"
        many = f"{what} {len(train):,} training examples: the label in one-hot columns"
        return _warned(dataset, code, many)
    if _changes(sample) <= CHANGES * len(classes) and (numbers := _row_numbers(train)).size:
        return _warned(dataset, numbers, "the number of the row, and the rows are sorted by class")
    return _passed("no feature is the label over again")


def _copies(examples: Examples, classes: Numbers, features: Numbers) -> Numbers:
    """Return the features with one value in every class, if together they tell classes apart."""
    values = np.empty((len(classes), len(features)), examples.stored.dtype)
    for i, each in enumerate(classes):
        rows = examples.rows[examples.labels == each]
        own = examples.stored[np.ix_(rows, features)]
        same = (own == own[0]).all(axis=0)
        features, values = features[same], values[:, same]
        values[i] = own[0, same]
    values = values[:, varied := np.ptp(values, axis=0) > 0]
    told_apart = len(np.unique(values, axis=0)) == len(classes) if varied.any() else False
    return features[varied] if told_apart else features[:0]


def _one_hot(examples: Examples, classes: Numbers, features: Numbers) -> tuple[Numbers, int]:
    """Return features of 0 and 1 of which one is 1 in all examples but those of a class.

    That class is returned too. Such features are what is left of a one-hot code of the label when
    one of its columns is taken for the label itself.
    """
    x = examples.stored[np.ix_(examples.rows, features)]
    bits = ((x == 0) | (x == 1)).all(axis=0) & (x == 1).any(axis=0)
    features, x = features[bits], x[:, bits]
    for left in classes.tolist():
        own = examples.labels == left
        apart = _exclusive(x, np.flatnonzero(~x[own].any(axis=0)))
        if len(apart) > 1 and not own.all() and (x[:, apart].sum(axis=1) == ~own).all():
            return features[apart], left
    return features[:0], 0


def _exclusive(x: NDArray[Any], columns: Numbers) -> Numbers:
    """Return columns of 0 and 1, frequent ones first, that are never 1 together with another."""
    taken, kept = np.zeros(len(x), bool), []
    for each in columns[np.argsort(-x[:, columns].sum(axis=0), kind="stable")]:
        if not (taken & (x[:, each] == 1)).any():
            taken |= x[:, each] == 1
            kept.append(each)
    return np.sort(np.array(kept, np.intp))


def _row_numbers(examples: Examples) -> Numbers:
    """Return the features that count the rows of the source, up or down.

    None where other features do nothing but rise or fall as well: then the row is a place on a line
    that the inputs are about.
    """
    order = np.argsort(examples.rows)
    rows = examples.rows[order]
    x = examples.stored[rows].astype(np.float64)
    steps = np.diff(x, axis=0)
    one_way = (steps > 0).all(axis=0) | (steps < 0).all(axis=0)
    counted = one_way & (np.abs(steps) == np.diff(rows)[:, None]).all(axis=0)
    whole = (x[0] == np.round(x[0])) & counted
    return np.flatnonzero(whole) if not (one_way & ~whole).any() and not whole.all() else order[:0]


def _changes(examples: Examples) -> int:
    """Return how often the label changes from one row to the next."""
    return int(np.count_nonzero(np.diff(examples.labels)))


def _rich(examples: Examples, features: Numbers, classes: int) -> bool:
    """Return whether most of these features have more values than there are classes."""
    columns = examples.stored[np.ix_(examples.rows, features)].T
    counts = [np.unique(column).size for column in columns]
    return bool(counts) and float(np.median(counts)) > max(2, classes)


def _warned(dataset: Dataset, features: Numbers, what: str) -> Finding:
    told = ", ".join(feature_name(dataset, each) for each in features[:LISTED])
    more = ", ..." if len(features) > LISTED else ""
    subject = f"feature {told} has" if len(features) == 1 else f"features {told}{more} have"
    return Finding(
        rule=RULE,
        status="warn",
        message=f"{subject} {what}",
        hint="leave out of the inputs what is made from the label or known only after it",
        evidence={"features": features.tolist()},
    )


def _passed(message: str) -> Finding:
    return Finding(rule=RULE, status="pass", message=message)
