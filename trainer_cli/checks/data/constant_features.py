"""Do the features differ from example to example, but for the margin around images?

N examples, F features, H W C image height, width and channels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import ConstantFeatures, rule_of
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.training.findings import Finding, Status

RULE = "constant-features"
SAMPLE = 1000
CHUNK = 1000  # examples preprocessed at a time where the sample gives rise to doubt


def constant_features(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the share of constant features in the preprocessed training split."""
    threshold = rule_of(experiment.checks, ConstantFeatures).share
    train = dataset.train
    constant = _constant(train, train.evenly(SAMPLE))
    if np.mean(_within(constant, train.shape)) > threshold:  # all examples have the last word
        constant = _constant(train, np.arange(len(train)))
    inside = _within(constant, train.shape)
    share, many = float(inside.mean()), f"{constant.sum():,} of {constant.size:,} features"
    status: Status
    if constant.all():
        status, message = "fail", "all features are constant: every training example is the same"
    elif share > threshold:
        status, message = "warn", f"{many} are the same in all training examples"
    elif constant.any():
        status, message = "pass", f"{many} are constant, few enough or at the margin of the images"
    else:
        status, message = "pass", "every feature differs between training examples"
    noun = "feature" if constant.sum() == 1 else "features"
    first = ", ".join(map(str, np.flatnonzero(constant)[:5]))
    more = " ..." if constant.sum() > 5 else ""
    return Finding(
        rule=RULE,
        status=status,
        measured=share,
        threshold=threshold,
        message=message,
        hint=None
        if status == "pass"
        else f"look at {noun} {first}{more} as stored, and at data.preprocess",
    )


def _constant(examples: Examples, positions: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which features are the same in the examples at these positions, (F,)."""
    features = int(np.prod(examples.shape))
    least, most = np.full(features, np.inf), np.full(features, -np.inf)
    ready = np.empty((CHUNK, features), np.float32)
    for start in range(0, len(positions), CHUNK):
        stored = examples.stored[examples.rows[positions[start : start + CHUNK]]]
        values = ready[: len(stored)]
        examples.pipeline.apply(stored, values)
        np.minimum(least, values.min(axis=0), out=least)
        np.maximum(most, values.max(axis=0), out=most)
    same: NDArray[np.bool_] = least >= most
    return same


def _within(constant: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return `constant` without the margin of images: the box around all pixels that vary."""
    if len(shape) != 3 or constant.all():
        return constant
    image = constant.reshape(shape)  # (H, W, C)
    rows = np.flatnonzero(~image.all(axis=(1, 2)))
    columns = np.flatnonzero(~image.all(axis=(0, 2)))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
