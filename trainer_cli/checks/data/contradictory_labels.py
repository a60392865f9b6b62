"""Has the same example two labels?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.data.subject import class_name, splits
from trainer_cli.checks.data.twins import common_dtype, keys, twins_expected
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import ContradictoryLabels, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding
from trainer_cli.training.proportions import wilson

RULE = "contradictory-labels"
# Fewer examples than this are a slip, however few there are in all.
FEW = 6


def contradictory_labels(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the share of examples, in all splits, that have a twin with another label.

    It is what the share is at least (95 % interval) that counts.
    """
    threshold = rule_of(experiment.checks, ContradictoryLabels).share
    every = splits(dataset)
    dtype = common_dtype(*every.values())
    hashes = np.concatenate([keys(each, dtype) for each in every.values()])
    labels = np.concatenate([each.labels for each in every.values()])
    order = np.lexsort((labels, hashes))
    hashes, labels = hashes[order], labels[order]
    # Neighbours of one hash whose labels differ tell of the whole group of that hash.
    unlike = np.flatnonzero((hashes[1:] == hashes[:-1]) & (labels[1:] != labels[:-1]))
    count = int(np.isin(hashes, hashes[unlike]).sum())
    share = count / len(labels)
    many = f"{count:,} of {len(labels):,} examples ({share:.1%})"
    if not count:
        return _passed("no example has two labels", share, threshold)
    if count < FEW or wilson(share, len(labels))[0] <= threshold:
        return _passed(f"{many} have a twin with another label, few enough", share, threshold)
    if twins_expected(dataset.train) > threshold:
        message = f"{many} have a twin with another label, but the inputs take few values"
        return _passed(message, share, threshold)
    places = np.concatenate(
        [np.array([f"{row} ({name})" for row in each.rows]) for name, each in every.items()]
    )[order]
    i = int(unlike[0])
    one, other = (class_name(dataset, int(labels[k])) for k in (i, i + 1))
    return Finding(
        rule=RULE,
        status="warn",
        measured=share,
        threshold=threshold,
        message=f"{many} have a twin with another label, such as examples {places[i]} and "
        f"{places[i + 1]}, which are equal, but labelled {one} and {other}",
        hint="keep the right label of each or drop both: the cost cannot reach 0 with two",
    )


def _passed(message: str, share: float, threshold: float) -> Finding:
    return Finding(rule=RULE, status="pass", measured=share, threshold=threshold, message=message)
