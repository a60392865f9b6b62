"""Fits the steps of an experiment one after another and applies them to batches.

B rows of a batch, F features before and K after.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.preprocess.stages import (
    Affine,
    Projection,
    Scratch,
    Stage,
    refuse_overflow,
)
from trainer_cli.datasets.preprocess.training_rows import Shape, TrainingRows


class Fittable(Protocol):
    """What `fit` asks of a step."""

    def fit(self, data: TrainingRows) -> Stage:
        """Return the working form for the training rows as the step sees them."""
        ...


class Pipeline:
    """Fitted steps in their order; neighbours that shift and scale are one stage.

    input_shape  of one example as it is stored, (F,) or (H, W, C)
    shape        of one example after all steps
    """

    def __init__(self, stages: Sequence[Stage], input_shape: Shape, shape: Shape) -> None:
        self.stages = tuple(stages)
        self.input_shape = input_shape
        self.shape = shape
        self._between = [Scratch() for _ in self.stages[1:]]

    def apply(self, rows: NDArray[Any], out: NDArray[Any]) -> None:
        """Write stored rows (B, F), preprocessed, into out (B, K), float32 or float64.

        `rows` is left as it is. Memory for results in between is kept from call to call.
        """
        if not self.stages:
            np.copyto(out, rows, casting="same_kind")
            return
        for stage, scratch in zip(self.stages, self._between, strict=False):
            target = scratch.take(len(rows), stage.width(rows.shape[1]), out.dtype)
            stage.apply(rows, target)
            rows = target
        self.stages[-1].apply(rows, out)


def fit(
    steps: Sequence[Fittable], stored: NDArray[Any], rows: NDArray[np.intp], shape: Shape
) -> Pipeline:
    """Fit each step to the training rows as the steps before it leave them.

    stored  (N_all, F) flat examples of the source; rows (N,) those for training
    shape   of one stored example, (F,) or (H, W, C)
    Raises DataError, with the key of the step, for a step that does not suit the data.
    """
    stages: list[Stage] = []
    input_shape = shape
    for number, step in enumerate(steps):
        try:
            stage = step.fit(TrainingRows(stored, rows, stages, shape))
            last = stages[-1] if stages else None
            if isinstance(last, Affine) and isinstance(stage, Affine):
                stage = last.then(stage)
                stages.pop()
            refuse_overflow(stage)
        except DataError as error:
            key = ("data", "preprocess", number, *(error.key or ()))
            raise DataError(error.message, key=key, hint=error.hint) from None
        stages.append(stage)
        if isinstance(stage, Projection):
            shape = (stage.width(stored.shape[1]),)
    return Pipeline(stages, input_shape, shape)
