"""What a data set holds, as lines and as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainer_cli.datasets import Dataset, Examples
from trainer_cli.report.report import Report


def data_report(dataset: Dataset) -> Report:
    """Return shapes, types and, for each split, the number of examples of every class."""
    splits = {
        "train": dataset.train,
        "validation": dataset.validation,
        **({"test": dataset.test} if dataset.test is not None else {}),
    }
    stored = dataset.train.stored
    results: dict[str, Any] = {
        "source": dataset.name,
        "classes": dataset.classes,
        "class_names": dataset.class_names,
        "shape": list(dataset.shape),
        "stored_type": str(stored.dtype),
        "stored_bytes": stored.nbytes,
        "splits": {name: _split(part, dataset.classes) for name, part in splits.items()},
    }
    shape = " x ".join(str(length) for length in dataset.shape)
    lines = [
        f"{dataset.name}: {dataset.classes} classes, examples of {shape} after preprocessing, "
        f"stored as {stored.dtype} ({stored.nbytes / 2**20:.1f} MiB)",
        *(
            f"{name:<10} {part['examples']:>8,} examples, per class "
            f"{min(part['per_class']):,} to {max(part['per_class']):,}"
            for name, part in results["splits"].items()
        ),
    ]
    return Report(findings=(), results={"data": results}, text="\n".join(lines) + "\n")


def _split(examples: Examples, classes: int) -> dict[str, Any]:
    counts = np.bincount(examples.labels, minlength=classes)
    return {"examples": len(examples), "per_class": counts.tolist()}
