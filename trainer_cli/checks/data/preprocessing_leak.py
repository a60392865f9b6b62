"""Was the preprocessing fitted to the training examples alone, and is it the same for all splits?

n examples of a sample, K features after preprocessing.
"""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.subject import not_judged, splits
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import PreprocessingLeak, rule_of
from trainer_cli.datasets import DataError, Dataset
from trainer_cli.datasets.preprocess import PerImageMean, Pipeline, Scale, fit
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding, Status
from trainer_cli.training.threads import one_thread

RULE = "preprocessing-leak"
# Examples whose preprocessed values are compared.
SAMPLE = 200
# Principal axes of more features take longer than all other checks together.
MOST_FEATURES = 256
# Features, of more than a few values, that are looked at for having been standardized; how exactly
# they then have mean 0 and deviation 1, after rounding to float32 or to some decimals.
COLUMNS, FEWEST_COLUMNS, FEW_VALUES, STANDARD = 32, 2, 20, 1e-4


def preprocessing_leak(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge the fitted steps by fitting them again, to the training examples.

    It fails where the examples that were fitted to instead are found, and warns where not.
    """
    tolerance = rule_of(experiment.checks, PreprocessingLeak).tolerance
    train, steps = dataset.train, experiment.data.preprocess
    sample = train.stored[train.rows[train.evenly(SAMPLE)]]
    for name, examples in splits(dataset).items():
        if examples.pipeline is train.pipeline:
            continue
        apart = _apart(examples.pipeline, train.pipeline, sample)
        if not apart <= tolerance:
            message = f"the {name} split is preprocessed otherwise than the training split"
            return _found(message, apart, tolerance)
    if told := _standardized_before(dataset):
        return told
    if all(isinstance(step, Scale | PerImageMean) for step in steps):
        return Finding(rule=RULE, status="pass", message="no step of the preprocessing is fitted")
    if experiment.data.preprocess_changes_shape() and sample.shape[1] > MOST_FEATURES:
        why = f"principal axes of {sample.shape[1]:,} features take too long to find again"
        return not_judged(RULE, why)
    again = _fitted(experiment, dataset, train.rows, train.stored)
    apart = _apart(train.pipeline, again, sample)
    if apart <= tolerance:
        return Finding(
            rule=RULE,
            status="pass",
            measured=apart,
            threshold=tolerance,
            message="the preprocessing is fitted to the training examples alone",
        )
    seen = _fitted_to(experiment, dataset, sample, tolerance)
    message = f"the preprocessing is fitted to {seen or 'other examples'}"
    message += ", not to the training examples alone"
    return _found(message, apart, tolerance, "fail" if seen else "warn")


def _standardized_before(dataset: Dataset) -> Finding | None:
    """Warn where stored features have mean 0 and deviation 1 over all, and not over training.

    Features that take few values are left aside: balanced ones of -1 and 1 are so by design.
    """
    stored, rows = dataset.train.stored, dataset.train.rows
    if stored.dtype.kind != "f" or len(rows) == len(stored):
        return None
    columns = np.unique(np.linspace(0, stored.shape[1] - 1, COLUMNS).astype(np.intp))
    columns = columns[[np.unique(stored[:SAMPLE, j]).size > FEW_VALUES for j in columns]]
    if len(columns) < FEWEST_COLUMNS:
        return None
    x = stored[:, columns].astype(np.float64)
    if not _is_standard(x) or _is_standard(x[rows]):
        return None
    return Finding(
        rule=RULE,
        status="warn",
        message=f"stored features have mean 0 and standard deviation 1 over all {len(stored):,} "
        "examples: they were standardized before the split, with the examples that are kept for "
        "validation",
        hint="save the values as they are, and add standardize to data.preprocess, which is fitted "
        "to the training examples alone",
    )


def _is_standard(x: Array) -> bool:
    """Return whether features (N, F) have mean 0 and deviation 1, counted by N or by N - 1."""
    mean, std = x.mean(axis=0), x.std(axis=0)
    unbiased = std * sqrt(len(x) / (len(x) - 1))
    off = np.minimum(np.abs(std - 1), np.abs(unbiased - 1))
    return bool((np.abs(mean) < STANDARD).all() and (off < STANDARD).all())


def _fitted_to(
    experiment: Experiment, dataset: Dataset, sample: Array, tolerance: float
) -> str | None:
    """Return the examples that the preprocessing is fitted to, None where it cannot be told."""
    every, stored = splits(dataset), dataset.train.stored
    both = np.union1d(dataset.train.rows, dataset.validation.rows)
    candidates = {
        **{f"the {name} examples": (each.stored, each.rows) for name, each in every.items()},
        "training and validation examples": (stored, both),
        f"all {len(stored):,} examples of the source": (stored, np.arange(len(stored))),
    }
    for name, (source, rows) in candidates.items():
        again = _fitted(experiment, dataset, rows, source)
        if _apart(dataset.train.pipeline, again, sample) <= tolerance:
            return name
    return None


def _fitted(
    experiment: Experiment, dataset: Dataset, rows: NDArray[np.intp], stored: Array
) -> Pipeline | None:
    """Return the preprocessing fitted to `rows` of `stored`, None where it cannot be."""
    shape = dataset.train.pipeline.input_shape
    try:
        with one_thread():  # as it was when the data were read
            return fit(experiment.data.preprocess, stored, rows, shape)
    except DataError:
        return None


def _apart(pipeline: Pipeline, other: Pipeline | None, sample: Array) -> float:
    """Return the largest difference that they make, in standard deviations of all values.

    It is infinite where the shapes differ.
    """
    if other is None or pipeline.shape != other.shape:
        return inf
    ready = np.empty((2, len(sample), int(np.prod(pipeline.shape))))  # (2, n, K)
    pipeline.apply(sample, ready[0])
    other.apply(sample, ready[1])
    spread = float(ready[1].std()) or 1.0
    return float(np.abs(ready[0] - ready[1]).max()) / spread


def _found(message: str, apart: float, tolerance: float, status: Status = "fail") -> Finding:
    return Finding(
        rule=RULE,
        status=status,
        measured=apart,
        threshold=tolerance,
        message=f"{message}: values differ by up to {apart:.2g} standard deviations",
        hint="split first, fit to the training examples, then apply the same to every split",
    )
