"""Is there anything in the examples, or are many of them blank?

n examples of a sample, F features.
"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.data.subject import not_judged
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import BlankExamples, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

RULE = "blank-examples"
SAMPLE = 1000
# Few features are zero together often enough, and so are many rare ones: blank are as many more
# examples as this factor says than if features were zero independently of each other.
FEWEST_FEATURES, MORE_THAN_CHANCE = 8, 3


def blank_examples(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the share of training examples that hold one value and nothing else, as stored.

    Where all of them have the same label, they are that class: images of nothing.
    """
    most = rule_of(experiment.checks, BlankExamples).share
    sample = dataset.train.select(dataset.train.evenly(SAMPLE))
    stored = sample.stored[sample.rows]  # (n, F)
    if stored.shape[1] < FEWEST_FEATURES:
        return not_judged(RULE, "of few features all may well be equal")
    blank = (stored == stored[:, :1]).all(axis=1)
    share, (value, held) = float(blank.mean()), _usual(stored[blank, 0])
    labels = len(np.unique(sample.labels[blank]))
    chance = _by_chance(stored, value)
    many = share > most and share > MORE_THAN_CHANCE * chance and not blank.all()
    wrong = many and labels > 1
    few = "no more than a few examples are blank"
    sound = f"{share:.0%} of the training examples are blank, all of one class" if many else few
    return Finding(
        rule=RULE,
        status="warn" if wrong else "pass",
        measured=share,
        threshold=most,
        message=f"{share:.0%} of the training examples are blank: all their values are equal, "
        f"{value:g} in {held:.0%} of them; they are equal but have {labels} different labels"
        if wrong
        else sound,
        hint="look how the examples are read and saved: was an array of zeros filled only in part, "
        "or a file not found? Leave out what is blank"
        if wrong
        else None,
    )


def _usual(values: Array) -> tuple[float, float]:
    """Return the most frequent of some values, and its share; 0 of none."""
    if not values.size:
        return 0.0, 0.0
    every, counts = np.unique(values, return_counts=True)
    return float(every[counts.argmax()]), float(counts.max() / counts.sum())


def _by_chance(stored: Array, value: float) -> float:
    """Return the share of examples that hold a value alone, if features are independent."""
    return float(np.prod((stored == value).mean(axis=0)))
