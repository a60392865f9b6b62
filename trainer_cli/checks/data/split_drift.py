"""Are validation and test examples like those for training, and labelled as they are?

n examples of a sample, N of the training sample, F features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.subject import class_name, not_judged, splits
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import SplitDrift, rule_of
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding
from trainer_cli.training.proportions import difference

RULE = "split-drift"
# Shares within some percent, in some tens of milliseconds.
TRAINING, SAMPLE, FEWEST = 1000, 300, 50
# Where neighbours recognize less than this beyond chance, there is little to lose.
LEAST = 0.2
# Features that vary by less than this share of what is usual are no larger than they look.
NARROW = 0.1
# Where neighbours agree so well, and on another class, classes have other numbers.
RENAMED = 0.5

Labels = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class _Drift:
    """How far a split is from the training sample.

    moved   the median over the features of how far their means are apart, in standard deviations
    known   the share of its examples whose nearest neighbour in training has their label
    named   the labels of these neighbours; labels, its own
    """

    moved: float
    known: float
    named: Labels
    labels: Labels


def split_drift(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge every split by its means, and by the labels of nearest neighbours in training.

    A training example's neighbour is another one, and no copy: copies are no measure for splits
    that have none.
    """
    rule = rule_of(experiment.checks, SplitDrift)
    others = {name: each for name, each in splits(dataset).items() if len(each) >= FEWEST}
    train = others.pop("training", None)
    if train is None or not others:
        return not_judged(RULE, "validation and test have too few examples to tell")
    sample = train.select(train.evenly(TRAINING))
    x = _ready(sample)  # (N, F)
    center, spread = x.mean(axis=0), x.std(axis=0)
    varied = spread > 0
    if not varied.any():
        return not_judged(RULE, "the inputs are all the same")
    width = np.maximum(spread, NARROW * np.median(spread[varied]))
    x = (x - center) / width
    own = _named(x[: len(x) : max(1, len(x) // SAMPLE)], x, sample.labels, themselves=True)
    known = float((own == sample.labels[:: max(1, len(x) // SAMPLE)]).mean())
    chance = float(np.bincount(sample.labels).max()) / len(sample)
    for name, each in others.items():
        drift = _drift(each, sample, x, center, width, varied)
        if drift.moved > rule.distance:
            return _warned(
                f"the {name} examples are not distributed like those for training: their values "
                f"lie {drift.moved:.2g} standard deviations from them (median of the features)",
                f"look at some {name} examples beside training examples: are they inverted, or in "
                "other units?",
                drift.moved,
                rule.distance,
            )
        low, _ = difference(known, len(own), drift.known, len(drift.labels))
        lost = known - chance
        if lost < LEAST or low <= (1 - rule.kept) * lost:
            continue
        message = (
            f"{drift.known:.0%} of the {name} examples have a nearest neighbour of their class in "
            f"training, and {known:.0%} of the training examples have one"
        )
        return _warned(
            f"{message}{_renamed(dataset, drift, known)}",
            f"look at some {name} examples beside their labels: were these put in another order, "
            "or numbered otherwise, than those for training?",
            drift.known,
            known,
        )
    return Finding(
        rule=RULE,
        status="pass",
        message="the splits have the same distribution, as far as means and neighbours tell",
    )


def _drift(
    examples: Examples, training: Examples, x: Array, center: Array, width: Array, varied: Array
) -> _Drift:
    few = examples.select(examples.evenly(SAMPLE))
    y = (_ready(few) - center) / width  # (n, F)
    named = _named(y, x, training.labels)
    return _Drift(
        moved=float(np.median(np.abs(y.mean(axis=0))[varied])),
        known=float((named == few.labels).mean()),
        named=named,
        labels=few.labels,
    )


def _ready(examples: Examples) -> Array:
    values: Array = examples.ready(np.dtype(np.float32)).reshape(len(examples), -1)
    return values


def _named(x: Array, others: Array, labels: Labels, *, themselves: bool = False) -> Labels:
    """Return the labels of the nearest others, equal ones left out where x is among them."""
    sizes = np.square(others).sum(axis=1)
    apart = sizes + np.square(x).sum(axis=1)[:, None] - 2 * (x @ others.T)  # (n, N)
    if themselves:
        apart[apart < 1e-4 * np.median(apart)] = np.inf
    nearest: Labels = labels[apart.argmin(axis=1)]
    return nearest


def _renamed(dataset: Dataset, drift: _Drift, known: float) -> str:
    """Return what a class is taken for, if every class is taken for another one of its own."""
    counts = np.zeros((dataset.classes, dataset.classes), np.intp)
    np.add.at(counts, (drift.labels, drift.named), 1)
    counts = counts[counts.any(axis=1)]
    named = counts.argmax(axis=1)
    agreed = counts.max(axis=1).sum() >= RENAMED * known * len(drift.labels)
    if not agreed or len(np.unique(named)) < len(named):
        return ""
    pairs = np.zeros((dataset.classes, dataset.classes), np.intp)
    np.add.at(pairs, (drift.labels, drift.named), drift.labels != drift.named)
    one, other = np.unravel_index(pairs.argmax(), pairs.shape)
    return (
        f"; neighbours of class {class_name(dataset, int(one))} are of class "
        f"{class_name(dataset, int(other))}, as if classes had other numbers there"
    )


def _warned(message: str, hint: str, measured: float, threshold: float) -> Finding:
    return Finding(
        rule=RULE,
        status="warn",
        measured=measured,
        threshold=threshold,
        message=message,
        hint=hint,
    )
