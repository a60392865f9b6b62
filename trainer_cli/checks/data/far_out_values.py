"""Do single values lie so far outside of all others that they are none: typing errors, codes?

n examples of a sample, F features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer_cli.checks.data.subject import feature_name
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import FarOutValues, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

RULE = "far-out-values"
# Sorting so many takes some tens of milliseconds.
VALUES = 1 << 19
# A code for what is missing is no slip, and the rest of a feature is no category either.
OFTEN, OFTEN_SHARE, MOST_SHARE, FEWEST_VALUES = 5, 0.005, 0.9, 10
# Ranges of the rest that a code lies away from it: one that somebody chose, with two decimals at
# most, and any other number, as a logarithm of next to nothing beside those of counts.
CODE_APART, ODD_APART = 5, 50
# Errors are a handful, and so many times further out than the furthest other value.
ERRORS_SHARE, ERROR_APART = 0.02, 1000
MIDDLE = (0.1, 0.9)


@dataclass(frozen=True, kw_only=True)
class _FarOut:
    feature: int
    value: float
    count: int
    low: float
    high: float


def far_out_values(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge stored features: one exact value far outside of the rest, or a few cells beyond all.

    Heavy tails have values far out as well, but others on the way to them. Images are left alone:
    a pixel cannot lie far out.
    """
    train = dataset.train
    if len(train.pipeline.input_shape) == 3 or train.stored.dtype.itemsize == 1:
        return _passed("pixels cannot lie far out")
    rows = train.rows[train.evenly(max(100, VALUES // train.stored.shape[1]))]
    x = np.sort(train.stored[rows].astype(np.float64), axis=0)  # (n, F)
    codes = [found for j in range(x.shape[1]) if (found := _code(j, x[:, j]))]
    narrow = rule_of(experiment.checks, FarOutValues).narrow
    if codes:
        worst = max(codes, key=lambda each: each.count)
        return _warned(
            f"{_told(dataset, worst, 'is', len(x), len(codes))}: {worst.value:g} seems to stand "
            "for a missing value",
            "fill in what is missing before the data are saved, such as with the feature's mean, "
            "and add a column that is 1 where it was missing",
        )
    errors = [found for j in range(x.shape[1]) if (found := _errors(j, x[:, j], narrow))]
    if errors:
        worst = max(errors, key=lambda each: abs(each.value))
        return _warned(
            f"{_told(dataset, worst, 'goes as far as', len(x), len(errors))}: beside values so far "
            "out, all others look the same",
            "correct or leave out these values, and only then standardize",
        )
    return _passed("no single values lie far outside of all others")


def _told(dataset: Dataset, worst: _FarOut, verb: str, examples: int, features: int) -> str:
    more = f" (and so {features - 1} more)" if features > 1 else ""
    return (
        f"feature {feature_name(dataset, worst.feature)} {verb} {worst.value:g} in "
        f"{worst.count:,} of {examples:,} training examples, and is from {worst.low:.3g} to "
        f"{worst.high:.3g} in all others{more}"
    )


def _code(feature: int, values: Array) -> _FarOut | None:
    """Return a value at an end of the sorted ones that occurs often, and is far from the rest."""
    for value, rest in (
        (values[0], values[np.searchsorted(values, values[0], "right") :]),
        (values[-1], values[: np.searchsorted(values, values[-1], "left")]),
    ):
        count = len(values) - len(rest)
        often = max(OFTEN, OFTEN_SHARE * len(values)) <= count <= MOST_SHARE * len(values)
        if not often or value == 0:
            continue
        low, high = float(rest[0]), float(rest[-1])
        away = max(low - value, value - high)
        chosen = np.isclose(value, np.round(value, 2), rtol=1e-6, atol=0)  # in float32 too
        apart = CODE_APART if chosen else ODD_APART
        if away > apart * (high - low) and np.unique(rest).size >= FEWEST_VALUES:
            return _FarOut(feature=feature, value=float(value), count=count, low=low, high=high)
    return None


def _errors(feature: int, values: Array, narrow: float) -> _FarOut | None:
    """Return values beyond a wide gap, if for their sake the middle of the others has no width."""
    low, middle, high = np.quantile(values, (MIDDLE[0], 0.5, MIDDLE[1]))
    if not 0 < high - low < narrow * values.std():
        return None
    order = np.abs(values - middle).argsort()
    away = np.abs(values - middle)[order]
    first = int(len(values) * (1 - ERRORS_SHARE))
    gaps = away[first:] / np.maximum(away[first - 1 : -1], (high - low) / 2)
    if not gaps.max() > ERROR_APART:
        return None
    at = first + int(gaps.argmax())
    rest, beyond = values[order[:at]], values[order[at:]]
    return _FarOut(
        feature=feature,
        value=float(beyond[-1]),
        count=len(beyond),
        low=float(rest.min()),
        high=float(rest.max()),
    )


def _warned(message: str, hint: str) -> Finding:
    return Finding(rule=RULE, status="warn", message=message, hint=hint)


def _passed(message: str) -> Finding:
    return Finding(rule=RULE, status="pass", message=message)
