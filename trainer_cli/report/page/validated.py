"""What the networks of a run say of the validation examples, and where they are most wrong.

N examples of the validation split, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.losses import Softmax
from trainer_cli.nn.network import Network
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.pixels import Image, shades
from trainer_cli.training.confusion import confusion_matrix, taken_for
from trainer_cli.training.ensemble import mean_for, outputs

Values = NDArray[np.float64]
Labels = NDArray[np.intp]

MOST_MISTAKES = 24
MOST_PIXELS = 128 * 128  # of a picture that a page can hold 24 of


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A validation example that was taken for another class.

    `row` counts the examples of the source from 0. `sure` is the probability of the class it was
    taken for, or where the loss knows none, by how much that class's score is above the true
    one's. `image` are the stored pixels; else `values` are the stored numbers.
    """

    row: int
    true: int
    taken: int
    sure: float
    image: Image | None
    values: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Validated:
    """How the validation split was classified, by the mean over `networks` networks.

    matrix         (C, C) examples of a class (rows) that were taken for a class (columns)
    mistakes       the examples that were most surely taken for another class
    probabilities  whether `sure` of a mistake is a probability
    """

    names: Sequence[str]
    networks: int
    matrix: Labels
    mistakes: Sequence[Mistake]
    probabilities: bool

    @property
    def examples(self) -> int:
        """Number of validation examples N."""
        return int(self.matrix.sum())

    @property
    def right(self) -> int:
        """Number of those that were classified rightly."""
        return int(np.trace(self.matrix))


def validate(network: Network, experiment: Experiment, dataset: Dataset) -> Validated | Missing:
    """Classify the validation split by the mean of a network's members.

    Raises RunError for scores that are not finite.
    """
    labels = dataset.validation.labels
    mean = mean_for([experiment.loss], len(labels), dataset.classes)
    for rows, scores in outputs(network, dataset.validation, "the network"):
        mean.add(rows, scores)
    values, taken = mean.values(), taken_for(mean.scores(), labels)
    known = isinstance(experiment.loss, Softmax)
    numbers = [str(c) for c in range(dataset.classes)]
    return Validated(
        names=dataset.class_names or numbers,
        networks=mean.networks,
        matrix=confusion_matrix(labels, taken, dataset.classes),
        mistakes=_mistakes(values, taken, experiment, dataset, known),
        probabilities=known,
    )


def _mistakes(
    values: Values, taken: Labels, experiment: Experiment, dataset: Dataset, known: bool
) -> list[Mistake]:
    labels, every = dataset.validation.labels, np.arange(len(taken))
    sure = values[every, taken] - (0.0 if known else values[every, labels])
    wrong = np.flatnonzero(taken != labels)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")][:MOST_MISTAKES]
    images = _pictures(worst, experiment, dataset)
    rows = dataset.validation.rows[worst]
    return [
        Mistake(
            row=int(row),
            true=int(labels[i]),
            taken=int(taken[i]),
            sure=float(sure[i]),
            image=None if images is None else images[k],
            values=dataset.validation.stored[row].tolist() if images is None else (),
        )
        for k, (i, row) in enumerate(zip(worst, rows, strict=True))
    ]


def _pictures(worst: Labels, experiment: Experiment, dataset: Dataset) -> list[Image] | None:
    """Return the stored pixels of these examples as they are, None where they are no images."""
    examples = dataset.validation
    stored = examples.stored
    shape = experiment.data.source.shape_known() or dataset.shape
    if len(shape) != 3 or shape[-1] not in (1, 3) or prod(shape) != stored.shape[1]:
        return None
    if shape[0] * shape[1] > MOST_PIXELS:
        return None
    sample = stored[examples.rows[examples.evenly(1000)]]
    low, high = (0, 255) if stored.dtype == np.uint8 and sample.max() > 16 else _ends(sample)
    return [shades(stored[row].reshape(shape), low, high) for row in examples.rows[worst]]


def _ends(sample: Values) -> tuple[float, float]:
    return float(sample.min()), float(sample.max())
