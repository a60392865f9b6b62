"""Has every class examples, and none too many beside the others?

C classes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.label_range import starts_at_one
from trainer_cli.checks.data.subject import class_list, class_name, splits
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import ClassImbalance, MissingClasses, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding

# So many different numbers, with fewer examples each than this, are no classes.
MANY, FEW = 30, 6


def missing_classes(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge whether classes lack examples, in training or where some must be expected.

    Class 0 is left to label-range where the labels start at 1.
    """
    threshold = rule_of(experiment.checks, MissingClasses).expected
    every = splits(dataset)
    counts = {
        name: np.bincount(each.labels, minlength=dataset.classes) for name, each in every.items()
    }
    shares = counts["training"] / counts["training"].sum()
    told, few = [], []
    for name, count in counts.items():
        missing = np.flatnonzero(count == 0)
        if name == "training":
            wrong = missing[missing > 0] if starts_at_one(dataset) else missing
        else:
            wrong = missing[shares[missing] * len(every[name]) >= threshold]
            by_chance = np.count_nonzero(shares[missing]) - len(wrong)
            if by_chance:
                few.append(f"{by_chance} in {name}")
        if wrong.size:
            noun = "class" if wrong.size == 1 else "classes"
            told.append(f"{noun} {class_list(dataset, wrong)} in {name}")
    if told:
        return Finding(
            rule="missing-classes",
            status="warn",
            message=f"of {dataset.classes} classes these have no example: {'; '.join(told)}",
            hint=_hint(dataset, counts),
        )
    message = "every class has examples in every split"
    if few:
        message = f"of rare classes alone some have no example: {', '.join(few)}"
    return Finding(rule="missing-classes", status="pass", message=message)


def _hint(dataset: Dataset, counts: Mapping[str, NDArray[np.intp]]) -> str:
    """Return what to do about classes without examples: it depends on what the labels seem to be.

    Classes come in names or in a few numbers. Many numbers that a few examples each have, and
    others have not, are quantities.
    """
    together = np.array([*counts.values()]).sum(axis=0)
    present = np.flatnonzero(together)
    usual = float(np.median(together[present]))
    if dataset.class_names is None and len(present) > MANY and usual < FEW:
        return (
            f"labels seem to be quantities: {len(present)} different numbers, of {usual:g} "
            "examples each (median). Networks here tell classes apart: cut the quantity into a few "
            "ranges, and number these from 0"
        )
    if dataset.class_names is None and (together[: present[-1]] == 0).any():
        return (
            "look where their examples are left out; if there are no such classes, number the "
            f"{len(present)} that there are without gaps: y = numpy.unique(y, "
            "return_inverse=True)[1]"
        )
    return (
        "what has no training examples is never learned, and what has no others never judged: look "
        "how the splits are made, or set data.classes to the classes there are"
    )


def class_imbalance(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge how many times the smallest class of the training split the largest one has."""
    threshold = rule_of(experiment.checks, ClassImbalance).ratio
    counts = np.bincount(dataset.train.labels, minlength=dataset.classes)
    present = np.flatnonzero(counts)
    largest, smallest = int(counts.argmax()), int(present[counts[present].argmin()])
    ratio = float(counts[largest] / counts[smallest])
    unequal = ratio > threshold
    weighed = getattr(experiment.loss, "class_weights", None) is not None
    share, name = counts[largest] / counts.sum(), class_name(dataset, largest)
    message = f"the largest class has {ratio:.3g} times the examples of the smallest"
    if unequal:
        message = (
            f"class {name} has {share:.1%} of the training examples, {ratio:,.0f} times as many as "
            f"class {class_name(dataset, smallest)} with {counts[smallest]:,}"
        )
        message += "; loss.class_weights make up for it" * weighed
    return Finding(
        rule="class-imbalance",
        status="warn" if unequal and not weighed else "pass",
        measured=ratio,
        threshold=threshold,
        message=message,
        hint=f"always saying {name} is right in {share:.1%} of all cases: set "
        "loss.class_weights, higher for rare classes, and judge each class by its own accuracy"
        if unequal and not weighed
        else None,
        evidence={"counts": counts.tolist()},
    )
