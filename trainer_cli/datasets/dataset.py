"""Brings a source, its split and its preprocessing together into what a network trains on.

N examples of the source, F stored features.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from annotated_types import doc
from numpy.typing import NDArray

from trainer_cli.datasets.augment import Augmentation, refuse_unfit
from trainer_cli.datasets.examples import Examples
from trainer_cli.datasets.preprocess import Pca, Step, Whiten, fit
from trainer_cli.datasets.sources import Source
from trainer_cli.datasets.split import Split, split
from trainer_cli.datasets.table import Table


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
    augment: Annotated[
        tuple[Augmentation, ...],
        doc("changes made at random to examples each time that they are trained on"),
    ] = ()

    def preprocess_changes_shape(self) -> bool:
        """Return whether a step projects the examples on other dimensions."""
        return any(isinstance(step, Pca | Whiten) for step in self.preprocess)


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
    feature_names: tuple[str, ...] | None = None


def load(settings: Data, rng: np.random.Generator) -> Dataset:
    """Read the source, split it with `rng` and fit the preprocessing on the training split.

    Raises DataError for data or settings that cannot be used. Beside the stored examples nothing
    of their size is allocated.
    """
    table = settings.source.read()
    rows = split(table.labels, table.test_inputs is not None, settings.split, rng)
    stored = _flat(table.inputs)
    pipeline = fit(settings.preprocess, stored, rows.train, _shape(table))
    refuse_unfit(settings.augment, pipeline.shape)
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
        feature_names=table.feature_names,
    )


def _flat(inputs: NDArray[Any]) -> NDArray[Any]:
    """(N, ...) -> (N, F), a view."""
    return inputs.reshape(len(inputs), -1)


def _shape(table: Table) -> tuple[int, ...]:
    return tuple(int(length) for length in table.inputs.shape[1:])
