"""Small runs on disk, trained in a moment, for what is done with runs afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer_cli.config.dump import to_yaml
from trainer_cli.config.load import load
from trainer_cli.training.data import read
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.recorded import train_recorded
from trainer_cli.training.taking_up import begin

# Blobs that overlap, so that some test examples are classified wrongly.
BLOBS = """
seed: 0
data:
  source: synthetic
  classes: 3
  examples: 300
  noise: 0.8
  split: {train: 180, validation: 60, test: 60, seed: 0}
  preprocess: [standardize]
network:
  - {type: dense, units: 8}
  - relu
  - {type: dense, units: 3}
optimizer: {type: momentum, learning_rate: 0.05}
training: {epochs: 3, batch_size: 20}
"""


def trained(folder: Path, text: str = BLOBS, *overrides: str, **more: Any) -> Path:
    """Train an experiment into a folder and return the folder.

    `overrides` are those of --set.
    """
    config = folder.with_name(f"{folder.name}.yaml")
    config.write_text(text)
    experiment = load(config, overrides).experiment
    config.unlink()
    dataset = read(experiment)
    run = begin(folder, to_yaml(experiment), dataset)
    try:
        train_recorded(
            experiment, dataset, run, watchers=Watchers(), judge=lambda *given: [], **more
        )
    finally:
        run.close()
    return folder
