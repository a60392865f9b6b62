"""Is every value a finite number, as it is stored and as a network gets it?

N examples, F features.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.data.subject import splits
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Examples
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

RULE = "non-finite-values"
# Values that are preprocessed to look at them: some tens of milliseconds. Of more, examples spread
# evenly; all stored ones are looked at in any case.
PREPROCESSED = 5_000_000
CHUNK_VALUES = 1 << 18


def non_finite_values(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge all stored values, then what preprocessing makes of them."""
    for name, examples in splits(dataset).items():
        if examples.stored.dtype.kind == "f":
            for rows, values in _chunks(examples, np.arange(len(examples))):
                if (found := _first(values)) is not None:
                    return _wrong(name, rows[found[0]], found[1], values[found], "")
        most = max(1, PREPROCESSED // examples.stored.shape[1])
        precision = np.dtype(experiment.training.precision)
        for rows, values in _chunks(examples, examples.evenly(most)):
            ready = np.empty((len(rows), int(np.prod(examples.shape))), precision)
            examples.pipeline.apply(values, ready)
            if (found := _first(ready)) is not None:
                return _wrong(name, rows[found[0]], found[1], ready[found], "after preprocessing, ")
    return Finding(rule=RULE, status="pass", message="all values are finite")


def _chunks(
    examples: Examples, positions: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], Array]]:
    """Yield rows of the source and their stored values, (n, F)."""
    rows = examples.rows[positions]
    step = max(1, CHUNK_VALUES // examples.stored.shape[1])
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        yield part, examples.stored[part]


def _first(values: Array) -> tuple[int, int] | None:
    """Return where the first value is that is not finite; minimum and maximum carry a NaN on."""
    if np.isfinite(values.min()) and np.isfinite(values.max()):
        return None
    row, feature = np.argwhere(~np.isfinite(values))[0]
    return int(row), int(feature)


def _wrong(split: str, row: int, feature: int, value: float, when: str) -> Finding:
    return Finding(
        rule=RULE,
        status="fail",
        message=f"{when}value {feature} of example {row} ({split}) is {value:g}",
        hint="look for features that hardly vary or lie far out, and at data.preprocess"
        if when
        else "fill or drop what is missing before the data are saved",
        evidence={"split": split, "example": int(row), "feature": feature},
    )
