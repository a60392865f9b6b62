"""Turns a fitted pipeline into named arrays and back, so that it outlives its training data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.preprocess.pipeline import Pipeline
from trainer_cli.datasets.preprocess.stages import Affine, OwnMean, Projection, Stage
from trainer_cli.datasets.preprocess.training_rows import Shape

Arrays = Mapping[str, NDArray[np.float64]]

# What a stage is called, and the arrays that it may have.
AFFINE, OWN_MEAN, PROJECTION = "affine", "own_mean", "projection"
PARTS = {AFFINE: ("shift", "factor"), OWN_MEAN: (), PROJECTION: ("center", "directions")}


def described(pipeline: Pipeline) -> tuple[list[str], Arrays]:
    """Return the kinds of the stages, and their arrays under names such as "stages[0].shift"."""
    kinds = [_kind(stage) for stage in pipeline.stages]
    arrays = {
        f"stages[{i}].{part}": getattr(stage, part)
        for i, (kind, stage) in enumerate(zip(kinds, pipeline.stages, strict=True))
        for part in PARTS[kind]
        if getattr(stage, part) is not None
    }
    return kinds, arrays


def restored(kinds: Sequence[str], arrays: Arrays, input_shape: Shape) -> Pipeline:
    """Return the pipeline that `described` told of, for examples of `input_shape`.

    Raises ValueError for anything that it cannot have told.
    """
    stages: list[Stage] = []
    shape, width = input_shape, int(np.prod(input_shape))
    for i, kind in enumerate(kinds):
        if kind not in PARTS:
            raise ValueError(f"stages[{i}] is {kind!r}")
        own = {part: arrays.get(f"stages[{i}].{part}") for part in PARTS[kind]}
        stage = _stage(kind, own, i, width)
        stages.append(stage)
        if isinstance(stage, Projection):
            width = stage.width(width)
            shape = (width,)
    return Pipeline(stages, input_shape, shape)


def _kind(stage: Stage) -> str:
    if isinstance(stage, Affine):
        return AFFINE
    return PROJECTION if isinstance(stage, Projection) else OWN_MEAN


def _stage(kind: str, own: Mapping[str, Any], i: int, width: int) -> Stage:
    for part, array in own.items():
        if array is None:
            continue
        given = array.shape[0] if part == "directions" and array.ndim == 2 else array.shape
        wanted = (width,) if part != "directions" else width
        if given != wanted and not (kind == AFFINE and given == (1,)):
            raise ValueError(f"stages[{i}].{part} has the shape {array.shape} for {width} values")
    if kind == AFFINE:
        return Affine(own["shift"], own["factor"])
    if kind == OWN_MEAN:
        return OwnMean()
    if own["center"] is None or own["directions"] is None:
        raise ValueError(f"stages[{i}] lacks its center or its directions")
    return Projection(own["center"], own["directions"])
