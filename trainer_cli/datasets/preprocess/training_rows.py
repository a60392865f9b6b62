"""Streams the training examples through what is fitted so far, a chunk at a time.

N training examples, F features, B rows of a chunk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.preprocess.stages import Stage

# 1 MiB of float64: a chunk and its uint8 original stay in the second-level cache.
CHUNK_VALUES = 1 << 17
Shape = tuple[int, ...]


@dataclass(frozen=True)
class TrainingRows:
    """The training examples as the next step sees them.

    stored  (N_all, ...) flat rows of the source, of which `rows` (N,) are for training
    shape   shape of one example after `stages`
    """

    stored: NDArray[Any]
    rows: NDArray[np.intp]
    stages: Sequence[Stage]
    shape: Shape

    @property
    def features(self) -> int:
        """F, the number of values of one example."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self.rows)

    def chunks(self, values: int = CHUNK_VALUES) -> Iterator[NDArray[np.float64]]:
        """Yield all examples as (B, F) float64 of about `values` numbers.

        The next chunk overwrites the buffer of the last; the receiver may write to it too.
        """
        widths = [self.stored.shape[1]]
        for stage in self.stages:
            widths.append(stage.width(widths[-1]))
        most = max(1, min(values // max(widths), len(self)))
        gathered = np.empty((most, self.stored.shape[1]), self.stored.dtype)
        buffers = [np.empty((most, width)) for width in widths]
        for start in range(0, len(self), most):
            rows = self.rows[start : start + most]
            chunk = gathered[: len(rows)]
            np.take(self.stored, rows, axis=0, out=chunk, mode="clip")
            np.copyto(buffers[0][: len(rows)], chunk, casting="same_kind")
            for stage, source, target in zip(self.stages, buffers, buffers[1:], strict=False):
                stage.apply(source[: len(rows)], target[: len(rows)])
            yield buffers[-1][: len(rows)]

    def mean(self) -> NDArray[np.float64]:
        """Return the mean of every feature, (F,), summed in float64."""
        total = np.zeros(self.features)
        for chunk in self.chunks():
            total += chunk.sum(axis=0)
        return total / len(self)

    def variance(self, mean: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the variance of every feature around `mean`, (F,), divisor N.

        A second pass over the data: the one-pass formula E[x²] − E[x]² loses every digit when
        the mean is large.
        """
        total = np.zeros(self.features)
        for chunk in self.chunks():
            chunk -= mean
            total += np.einsum("bf,bf->f", chunk, chunk)
        return total / len(self)
