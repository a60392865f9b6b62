"""What every source hands over, and the promises that hold for it from then on.

N examples, M test examples, F features, H W C image height, width and channels.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError

Labels = NDArray[np.intp]

# Batches are float32: a larger value would become infinite there.
LARGEST = float(np.finfo(np.float32).max)
# Values looked at in one go by the search for non-finite ones: 8 MiB of float64.
CHUNK_VALUES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Table:
    """The examples of a source, as stored.

    inputs       (N, F), or (N, H, W, C) for images; any integer or real dtype, C-contiguous
    labels       (N,), 0 to classes - 1
    test_inputs  (M, ...) and test_labels (M,) when the source has a test set of its own
    where        the file or folder, for messages; test_where likewise for the test set

    Raises DataError for lengths that differ, labels out of range, values that are not finite in
    float32, fewer than 2 classes, no example or no feature. Nothing of the size of the inputs is
    allocated on the way.
    """

    inputs: NDArray[Any]
    labels: Labels
    classes: int
    where: str
    test_inputs: NDArray[Any] | None = None
    test_labels: Labels | None = None
    test_where: str | None = None
    class_names: tuple[str, ...] | None = None
    feature_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.classes < 2:
            raise DataError(
                f"has {self.classes} class, but at least 2 are needed to tell apart",
                where=self.where,
            )
        _refuse_bad(self.inputs, self.labels, self.classes, self.where, "example")
        if self.test_inputs is None or self.test_labels is None:
            return
        where = self.test_where or self.where
        _refuse_bad(self.test_inputs, self.test_labels, self.classes, where, "test example")
        if self.test_inputs.shape[1:] != self.inputs.shape[1:]:
            raise DataError(
                f"test examples have the shape {self.test_inputs.shape[1:]}, "
                f"but training examples {self.inputs.shape[1:]}",
                where=where,
            )


def check_lengths(inputs: int, labels: int, where: str, kind: str = "example") -> None:
    """Raise DataError unless there is one label for each example."""
    if inputs != labels:
        raise DataError(f"has {inputs:,} {kind}s but {labels:,} labels", where=where)


def check_labels(labels: NDArray[Any], classes: int, where: str, kind: str = "example") -> None:
    """Raise DataError for the first label outside 0 to classes - 1."""
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if wrong.size:
        row = int(wrong[0])
        raise DataError(
            f"label {int(labels[row])} of {kind} {row} is outside 0..{classes - 1}",
            where=where,
            hint=below_zero(int(labels[row])),
        )


def below_zero(label: int) -> str | None:
    """Return a hint for a negative label, None for others."""
    if label >= 0:
        return None
    if label == -1:
        return (
            "labels are the whole numbers 0..C-1: leave out examples that -1 marks as unlabeled, "
            "or write 0 for -1 where labels are -1 and 1"
        )
    return "labels are the whole numbers 0..C-1"


def inferred_classes(labels: NDArray[Any], where: str) -> int:
    """Return C for labels 0 to C - 1: the largest label + 1.

    Raises DataError when that is more than there are examples: such labels are identifiers or
    quantities, and a network with so many outputs helps nobody.
    """
    largest = int(labels.max(initial=0))
    if largest >= max(len(labels), 2):
        raise DataError(
            f"the largest label is {largest:,}, which makes {largest + 1:,} classes, "
            f"but there are only {len(labels):,} examples",
            where=where,
            hint="labels are the whole numbers 0..C-1; set classes if there really are so many",
        )
    return largest + 1


def _refuse_bad(inputs: NDArray[Any], labels: Labels, classes: int, where: str, kind: str) -> None:
    if len(inputs) == 0:
        raise DataError(f"has no {kind}s", where=where)
    if inputs[0].size == 0:
        raise DataError(f"{kind}s have no features (shape {inputs.shape})", where=where)
    check_lengths(len(inputs), len(labels), where, kind)
    check_labels(labels, classes, where, kind)
    if inputs.dtype.kind == "f":
        refuse_non_finite(inputs.reshape(len(inputs), -1), where, kind)


def refuse_non_finite(flat: NDArray[Any], where: str, kind: str) -> None:
    """Raise DataError for the first value of (N, F) that is not finite in float32.

    Looks through them in chunks; minimum and maximum carry a NaN on.
    """
    step = max(1, CHUNK_VALUES // flat.shape[1])
    for start in range(0, len(flat), step):
        chunk = flat[start : start + step]
        with np.errstate(invalid="ignore"):
            if float(chunk.min()) >= -LARGEST and float(chunk.max()) <= LARGEST:
                continue
            row, feature = (
                int(i) for i in np.argwhere(~(np.abs(chunk).astype(np.float64) <= LARGEST))[0]
            )
        value = chunk[row, feature]
        rule = "outside the range of float32" if np.isfinite(value) else "not a finite number"
        raise DataError(
            f"value {feature} of {kind} {start + row} is {value:g}, {rule}", where=where
        )
