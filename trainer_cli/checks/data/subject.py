"""What the findings on data speak of: splits and classes by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets import Dataset, Examples
from trainer_cli.training.findings import Finding

# Classes that a message lists by name.
LISTED = 5


def splits(dataset: Dataset) -> Mapping[str, Examples]:
    """Return the splits that there are, by name."""
    every = {"training": dataset.train, "validation": dataset.validation, "test": dataset.test}
    return {name: examples for name, examples in every.items() if examples is not None}


def class_name(dataset: Dataset, number: int) -> str:
    """Return a class for a message: 3, or 'cat' where classes have names."""
    return str(number) if dataset.class_names is None else repr(dataset.class_names[number])


def feature_name(dataset: Dataset, number: int) -> str:
    """Return a stored feature for a message: 3, or 'age' where columns have names."""
    names = dataset.feature_names
    return str(number) if names is None else repr(names[number])


def class_list(dataset: Dataset, numbers: Sequence[int] | NDArray[np.intp]) -> str:
    """Return classes for a message: 3, 7 and 9 more."""
    told = ", ".join(class_name(dataset, int(number)) for number in numbers[:LISTED])
    more = len(numbers) - LISTED
    return told if more <= 0 else f"{told} and {more} more"


def labels_outside(examples: Examples, classes: int) -> NDArray[np.intp]:
    """Return the positions of the examples whose label is no class."""
    return np.flatnonzero((examples.labels < 0) | (examples.labels >= classes))


def not_judged(rule: str, why: str) -> Finding:
    """Return the finding of a rule that cannot judge."""
    return Finding(rule=rule, status="skip", message=f"not judged: {why}")
