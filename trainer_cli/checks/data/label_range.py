"""Are the labels 0 to C - 1, or do they start at 1?

C classes.
"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.data.subject import labels_outside, splits
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding

RULE = "label-range"


def label_range(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the labels of all splits."""
    last = dataset.classes - 1
    for name, examples in splits(dataset).items():
        outside = labels_outside(examples, dataset.classes)
        if outside.size:
            return Finding(
                rule=RULE,
                status="fail",
                measured=float(examples.labels[outside[0]]),
                message=f"{outside.size:,} of the {len(examples):,} {name} labels are outside "
                f"0..{last}; the first is {examples.labels[outside[0]]}, "
                f"of example {examples.rows[outside[0]]}",
                hint="labels are the whole numbers 0 to C - 1: look how they are made",
            )
    if starts_at_one(dataset):
        known = experiment.data.source.classes_known() is not None
        return Finding(
            rule=RULE,
            status="warn" if known else "fail",
            measured=1.0,
            expected=0.0,
            message=f"the labels start at 1: no example is of class 0, and every other class "
            f"of 0..{last} has some",
            hint=f"subtract 1 from the labels; then there are {last} classes, and the output "
            f"layer needs {last} units",
        )
    return Finding(rule=RULE, status="pass", message=f"all labels are in 0..{last}")


def starts_at_one(dataset: Dataset) -> bool:
    """Return whether class 0 alone, of three or more, has no example in any split.

    Of two classes, a single one that is left says nothing about where labels start.
    """
    labels = np.concatenate([each.labels for each in splits(dataset).values()])
    counts = np.bincount(labels, minlength=dataset.classes)
    return bool(len(counts) > 2 and counts[0] == 0 and counts[1:].all())
