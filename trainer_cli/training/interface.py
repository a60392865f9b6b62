"""What the networks of a run take and answer, kept with it so that it predicts without its data.

C classes, F stored features.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save

from trainer_cli.datasets import Dataset
from trainer_cli.datasets.preprocess import Pipeline
from trainer_cli.datasets.preprocess.stored import described, restored
from trainer_cli.training.networks import FORMAT, read_tensors
from trainer_cli.training.runs import RunError

PREPROCESSING = "preprocessing.safetensors"


@dataclass(frozen=True, kw_only=True)
class Interface:
    """The preprocessing, fitted on the training split, and the names of classes and features."""

    pipeline: Pipeline
    classes: int
    class_names: tuple[str, ...] | None
    feature_names: tuple[str, ...] | None


def interface_of(dataset: Dataset) -> Interface:
    """Return the interface of networks that are trained on these data."""
    return Interface(
        pipeline=dataset.train.pipeline,
        classes=dataset.classes,
        class_names=dataset.class_names,
        feature_names=dataset.feature_names,
    )


def interface_content(interface: Interface) -> bytes:
    """Return it as a safetensors file: arrays such as "stages[0].shift" in float64.

    The metadata tell the rest as JSON, under "interface": "stages" what each of them is, in the
    order in which they are applied, "input_shape" that of a stored example, "classes" and names.
    """
    kinds, arrays = described(interface.pipeline)
    told = {
        "stages": kinds,
        "input_shape": interface.pipeline.input_shape,
        "classes": interface.classes,
        "class_names": interface.class_names,
        "feature_names": interface.feature_names,
    }
    # One entry only: safetensors writes several in an order that changes from run to run.
    metadata = {"interface": json.dumps({"format": FORMAT, **told})}
    whole = {name: np.ascontiguousarray(array, np.float64) for name, array in arrays.items()}
    return save(whole, metadata)


def read_interface(path: Path) -> Interface:
    """Return what `interface_content` has told; raises RunError if the file is damaged."""
    try:
        metadata, arrays = read_tensors(path)
        told = json.loads(metadata["interface"])
        shape = tuple(int(length) for length in told["input_shape"])
        return Interface(
            pipeline=restored(told["stages"], arrays, shape),
            classes=int(told["classes"]),
            class_names=_names(told["class_names"]),
            feature_names=_names(told["feature_names"]),
        )
    except (SafetensorError, KeyError, ValueError, TypeError, IndexError) as error:
        cause = str(error).splitlines()[0]
        hint = "remove it, if the data of the run are still there: they tell the same"
        raise RunError(f"{path} is damaged: {cause}", hint) from None


def _names(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(str(name) for name in value)
