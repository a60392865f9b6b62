"""The examples of one split, which share the memory of the source with the other splits.

N_all examples of the source, n of them in the split, F stored features, K after preprocessing.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.preprocess import Pipeline
from trainer_cli.datasets.preprocess.training_rows import TrainingRows
from trainer_cli.datasets.table import Labels

READY_ROWS = 256  # rows preprocessed at a time where a whole split is
SPREAD_EXAMPLES = 1000  # what is measured in standard deviations needs them no more exactly


class Examples:
    """One split: which rows of the stored examples belong to it, and how they are preprocessed.

    stored    (N_all, F) as the source has them, shared with other splits and never copied
    rows      (n,) rows of `stored`
    labels    (n,) classes of the examples, 0 to C - 1
    pipeline  the fitted preprocessing
    """

    def __init__(
        self, stored: NDArray[Any], rows: NDArray[np.intp], labels: Labels, pipeline: Pipeline
    ) -> None:
        self.stored = stored
        self.rows = rows
        self.labels = labels
        self.pipeline = pipeline
        self._ready: dict[np.dtype[Any], NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one preprocessed example: (F,), (H, W, C) or (K,)."""
        return self.pipeline.shape

    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return all examples preprocessed, (n, K); computed once per dtype and kept."""
        ready = self._ready.get(dtype)
        if ready is None:
            ready = np.empty((len(self), int(np.prod(self.shape))), dtype)
            for start in range(0, len(self), READY_ROWS):
                part = self.rows[start : start + READY_ROWS]
                self.pipeline.apply(self.stored[part], ready[start : start + READY_ROWS])
            self._ready[dtype] = ready
        return ready

    @cached_property
    def spread(self) -> float:
        """Standard deviation of all preprocessed values, on at most 1,000 examples."""
        rows = self.rows[self.evenly(SPREAD_EXAMPLES)]
        sample = TrainingRows(self.stored, rows, self.pipeline.stages, self.shape)
        mean = np.full(sample.features, sample.mean().mean())
        return float(np.sqrt(sample.variance(mean).mean()))

    def evenly(self, most: int) -> NDArray[np.intp]:
        """Return the positions of at most so many examples, spread evenly over the split."""
        return np.linspace(0, len(self) - 1, min(len(self), most)).astype(np.intp)

    def select(self, positions: NDArray[np.intp]) -> "Examples":
        """Return the examples at these positions of the split, in this order."""
        return Examples(self.stored, self.rows[positions], self.labels[positions], self.pipeline)
