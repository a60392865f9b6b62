"""The searches that are compared: for nntrain as experiment files, for PyTorch as arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.load import load
from trainer_cli.datasets import load as read
from trainer_cli.datasets.sources import Cifar10
from trainer_cli.nn.streams import stream
from trainer_cli.search.plan import plan_stage

IMAGES, CLASSES = 50_000, 10
MOMENTUM, DECAY = 0.9, 0.9
TEXT = """
data: {data}
network:
  - {{type: dense, units: 50, init: {{type: normal, std: {std}}}}}
  - relu
  - {{type: dense, units: {classes}, init: {{type: normal, std: {std}}}}}
optimizer: {{type: momentum, momentum: {momentum}}}
schedule: {{type: exponential, factor: {decay}}}
training: {{batch_size: {batch}}}
sweep:
  trials: {trials}
  epochs: {epochs}
  stages: 1
  space:
    optimizer.learning_rate: {{log_uniform: {rates}}}
    regularization.l2: {{log_uniform: [1e-5, 1e-1]}}
"""


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search for rate and penalty; no trial explodes at `rates`, so that all have equal work."""

    data: str
    std: float  # of the initial weights
    batch: int
    trials: int
    epochs: int
    rates: tuple[float, float]


SEARCHES = {
    "lecture": Search(
        data="{source: npz, path: images.npz, split: {train: 0.98, validation: 0.02}, "
        "preprocess: [mean_image]}",
        std=1e-4,
        batch=100,
        trials=20,
        epochs=1,
        rates=(1e-6, 1e-4),
    ),
    "digits": Search(
        data="{source: digits, preprocess: [{type: scale, by: 16}, center]}",
        std=0.15,
        batch=32,
        trials=100,
        epochs=5,
        rates=(1e-3, 3e-2),
    ),
}


def write(search: Search, folder: Path, cifar10: Path | None) -> None:
    """Write the experiment file, its data, and what `_sweepers.py` says that PyTorch is given.

    The lecture's images are those of a folder, repeated, or else random bytes.
    """
    if "images.npz" in search.data:
        images, labels = _images(cifar10)
        np.savez(folder / "images.npz", X=images, y=labels)
    text = TEXT.format(
        **{**vars(search), "rates": list(search.rates)},
        classes=CLASSES,
        momentum=MOMENTUM,
        decay=DECAY,
    )
    file = folder / "experiment.yaml"
    file.write_text(text, encoding="utf-8")
    loaded = load(file)
    dataset = read(loaded.experiment.data, stream(loaded.experiment.data_seed, "split"))
    for name, part in (("training", dataset.train), ("validation", dataset.validation)):
        inputs = part.ready(np.dtype(np.float32))
        np.save(folder / f"{name}_inputs.npy", inputs.reshape(len(part), -1))
        np.save(folder / f"{name}_labels.npy", part.labels.astype(np.int64))
    settings = loaded.experiment.sweep
    assert settings is not None
    stage = plan_stage(
        loaded,
        settings,
        number=1,
        first_trial=1,
        space=settings.space,
        stack=len,
        misfit=lambda experiment: None,
    )
    facts = {
        "shape": dataset.shape,
        "examples": len(dataset.train),
        "batch": search.batch,
        "epochs": search.epochs,
        "momentum": MOMENTUM,
        "decay": DECAY,
        "std": search.std,
        "trials": [dict(trial.values) for trial in stage.trials],
    }
    (folder / "search.json").write_text(json.dumps(facts), encoding="utf-8")


def _images(cifar10: Path | None) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    if cifar10 is None:
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (IMAGES, 32, 32, 3), dtype=np.uint8)
        return images, rng.integers(0, CLASSES, IMAGES).astype(np.intp)
    table = Cifar10(path=cifar10).read()
    assert table.test_inputs is not None
    assert table.test_labels is not None
    inputs = np.concatenate([table.inputs, table.test_inputs])
    labels = np.concatenate([table.labels, table.test_labels])
    again = np.arange(IMAGES) % len(inputs)
    return inputs[again], labels[again]
