"""Runs whose networks are known to the last digit, so that whole outputs can be told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tests.runs_on_disk import trained

EXPERIMENT = """
data: {source: csv, path: animals.csv, label: kind, split: {train: 30, validation: 15, test: 15}}
network: [{type: dense, units: 3}]
training: {epochs: 1, batch_size: 10}
"""
KINDS = ("ant", "bee", "cat")


def known_run(folder: Path, scale: float = 2.0, *overrides: str) -> Path:
    """Train a run on three kinds of animals that have one feature each, and replace its weights.

    Every score is `scale` times the feature of its class; one of three cats looks like a bee.
    """
    lines = ["a,b,c,kind"]
    for i in range(60):
        kind = i % 3
        seen = 1 if kind == 2 and i % 9 == 2 else kind
        lines.append(",".join([*("1" if c == seen else "0" for c in range(3)), KINDS[kind]]))
    (folder.parent / "animals.csv").write_text("\n".join(lines) + "\n")
    trained(folder, EXPERIMENT, *overrides)
    weights = {
        "network[0].weights": np.eye(3, dtype=np.float32) * np.float32(scale),
        "network[0].biases": np.zeros(3, np.float32),
    }
    for name in ("best", "final"):
        save_file(weights, folder / f"{name}.safetensors")
    return folder
