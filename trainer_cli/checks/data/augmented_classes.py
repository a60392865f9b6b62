"""Are mirrored images still what they were?

N examples of a sample, F features, H W C image height, width and channels.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.subject import class_name, not_judged
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import AugmentationChangesClass, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.datasets.augment import Flip
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding
from trainer_cli.training.proportions import difference

RULE = "augmentation-changes-class"
# Enough for shares within a few percent, in some tens of milliseconds.
SAMPLE = 600
# Where neighbours recognize less than this beyond chance, there is little to lose.
LEAST = 0.2
# Pictures are smooth. Where neighbouring pixels go together less than this (a correlation), the
# places of an image are no places, and mirroring it only makes another image of the class.
SMOOTH = 0.2

Labels = NDArray[np.intp]


def augmented_classes(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge flip by the nearest neighbours of mirrored images among images as they are.

    Where left and right are alike in the world, mirrored images have neighbours of their class as
    often as others. The other augmentations leave an image what it is unless they are very strong,
    and neighbours are a bad judge of that: moved by a pixel, an image is far from itself.
    """
    if not any(isinstance(each, Flip) and each.probability for each in experiment.data.augment):
        return _passed("nothing is mirrored by data.augment")
    most = rule_of(experiment.checks, AugmentationChangesClass).lost
    sample = dataset.train.select(dataset.train.evenly(SAMPLE))
    labels = sample.labels
    images = sample.ready(np.dtype(np.float32)).reshape(len(sample), *sample.shape)  # (N, H, W, C)
    if not _smooth(images):
        return _passed("neighbouring pixels do not go together: right and left mean nothing")
    chance = float(np.bincount(labels).max()) / len(labels)
    known = float((_named(images, images, labels) == labels).mean())
    if known - chance < LEAST:
        share = f"{known:.0%} of the training examples, chance {chance:.0%}"
        return not_judged(RULE, f"nearest neighbours recognize no more than {share}")
    named = _named(images[:, :, ::-1], images, labels)
    mirrored = float((named == labels).mean())
    low, _ = difference(known, len(labels), mirrored, len(labels))
    wrong = low > most * (known - chance)
    message = (
        f"mirrored, {mirrored:.0%} of the training examples are recognized by their nearest "
        f"neighbours, and {known:.0%} as they are"
    )
    return Finding(
        rule=RULE,
        status="warn" if wrong else "pass",
        measured=mirrored,
        expected=known,
        threshold=most,
        message=f"{message}; {_mistake(dataset, labels, named)}" if wrong else message,
        hint="take flip out of data.augment, unless what is to be recognized comes mirrored too: "
        "letters and digits do not"
        if wrong
        else None,
    )


def _passed(message: str) -> Finding:
    return Finding(rule=RULE, status="pass", message=message)


def _smooth(images: Array) -> bool:
    """Return whether pixels side by side go together, apart from the mean image."""
    varied = images - images.mean(axis=0)
    left, right = varied[:, :, :-1], varied[:, :, 1:]
    alone = float(np.square(left).sum() + np.square(right).sum()) / 2
    return float((left * right).sum()) > SMOOTH * alone


def _named(images: Array, others: Array, labels: Labels) -> Labels:
    """Return the labels of the images' nearest neighbours among the others, never their own."""
    x, y = images.reshape(len(images), -1), others.reshape(len(others), -1)  # (N, F)
    apart = np.square(y).sum(axis=1) - 2 * (x @ y.T)  # (N, N), but for |x|²
    np.fill_diagonal(apart, np.inf)
    named: Labels = labels[apart.argmin(axis=1)]
    return named


def _mistake(dataset: Dataset, labels: Labels, named: Labels) -> str:
    """Return what is mistaken for what most often."""
    wrong = labels != named
    pairs = Counter(zip(labels[wrong].tolist(), named[wrong].tolist(), strict=True))
    (one, other), count = pairs.most_common(1)[0]
    share = count / int((labels == one).sum())
    return (
        f"{share:.0%} of class {class_name(dataset, one)} are taken for "
        f"{class_name(dataset, other)}"
    )
