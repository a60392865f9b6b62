"""Brings a source, its split and its preprocessing together into what a network trains on.

N_all examples of the source, n of them in a split, F stored features, K after preprocessing.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from annotated_types import doc
from numpy.typing import NDArray

from trainer_cli.datasets.preprocess import Pca, Pipeline, Step, Whiten, fit
from trainer_cli.datasets.sources import Source
from trainer_cli.datasets.split import Split, split
from trainer_cli.datasets.table import Labels, Table

READY_ROWS = 256  # rows preprocessed at a time where a whole split is


@dataclass(frozen=True, kw_only=True)
class Data:
    """The `data:` section of an experiment file."""

    source: Annotated[Source, doc("where the examples come from")]
    split: Annotated[Split, doc("how many examples are for training, validation and test")] = field(
        default_factory=Split
    )
    preprocess: Annotated[
        tuple[Step, ...], doc("steps done to every example, fitted on the training split only")
    ] = ()

    def preprocess_changes_shape(self) -> bool:
        """Return whether a step projects the examples on other dimensions."""
        return any(isinstance(step, Pca | Whiten) for step in self.preprocess)


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

    def evenly(self, most: int) -> NDArray[np.intp]:
        """Return the positions of at most so many examples, spread evenly over the split."""
        return np.linspace(0, len(self) - 1, min(len(self), most)).astype(np.intp)

    def select(self, positions: NDArray[np.intp]) -> "Examples":
        """Return the examples at these positions of the split, in this order."""
        return Examples(self.stored, self.rows[positions], self.labels[positions], self.pipeline)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """The splits of an experiment's data; `test` is None where nothing was kept for it."""

    name: str
    train: Examples
    validation: Examples
    test: Examples | None
    shape: tuple[int, ...]
    classes: int
    class_names: tuple[str, ...] | None


def load(settings: Data, rng: np.random.Generator) -> Dataset:
    """Read the source, split it with `rng` and fit the preprocessing on the training split.

    Raises DataError for data or settings that cannot be used. Beside the stored examples nothing
    of their size is allocated.
    """
    table = settings.source.read()
    rows = split(table.labels, table.test_inputs is not None, settings.split, rng)
    stored = _flat(table.inputs)
    pipeline = fit(settings.preprocess, stored, rows.train, _shape(table))
    train, validation, test = (
        Examples(stored, part, table.labels[part], pipeline)
        for part in (rows.train, rows.validation, rows.test)
    )
    if table.test_inputs is not None and table.test_labels is not None:
        every = np.arange(len(table.test_labels), dtype=np.intp)
        test = Examples(_flat(table.test_inputs), every, table.test_labels, pipeline)
    return Dataset(
        name=settings.source.type,
        train=train,
        validation=validation,
        test=test if len(test) else None,
        shape=pipeline.shape,
        classes=table.classes,
        class_names=table.class_names,
    )


def _flat(inputs: NDArray[Any]) -> NDArray[Any]:
    """(N, ...) -> (N, F), a view."""
    return inputs.reshape(len(inputs), -1)


def _shape(table: Table) -> tuple[int, ...]:
    return tuple(int(length) for length in table.inputs.shape[1:])
