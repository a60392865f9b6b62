"""What a run began with, so that one that goes on with something else is refused.

The bits of a result depend on the experiment, the data and the versions of what computes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from trainer_cli import __version__
from trainer_cli.config.load import values_in
from trainer_cli.config.value_text import value_text
from trainer_cli.datasets import Dataset
from trainer_cli.training.runs import RunError

CONFIG = "config.yaml"
KEYS = ("config", "data", "versions")
DATA_PATH = "data.path"


def identity(config: str, dataset: Dataset) -> dict[str, Any]:
    """Return what identifies a run of the experiment file `config`, for JSON."""
    return {
        "config": config,
        "data": fingerprint(dataset),
        "versions": versions(),
    }


def require_same(
    folder: Path, began: Mapping[str, Any], config: str, dataset: Dataset, *, noun: str
) -> None:
    """Raise RunError unless the run of a folder, which `began` with this identity, can go on.

    The same data may lie elsewhere by now. `noun` is what the run is called, a sweep for instance.
    """
    anew, different = f"begin a new {noun}", differences(began["config"], config)
    if different:
        message = f"the experiment is not the one that {folder} began with:"
        raise RunError("\n  ".join([message, *different]), anew)
    if versions() != began["versions"]:
        with_then, with_now = (_versions_text(each) for each in (began["versions"], versions()))
        message = f"{folder} began with {with_then}, and this is {with_now}: bits may differ"
        raise RunError(message, f"install what it began with, or {anew}")
    if fingerprint(dataset) != began["data"]:
        message = f"the data are not those that {folder} began with"
        raise RunError(message, f"put them back as they were, or {anew}")


def versions() -> dict[str, str]:
    """Return the versions of what the bits of a result depend on."""
    return {"nntrain": __version__, "numpy": np.__version__}


def _versions_text(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found.items())


def fingerprint(dataset: Dataset) -> str:
    """Return a digest of the examples and labels that are trained and validated on."""
    digest = blake2b(digest_size=16)
    for part in (dataset.train, dataset.validation):
        for array in (part.rows, part.labels):
            digest.update(array.tobytes())
    digest.update(np.ascontiguousarray(dataset.train.stored).data)
    return digest.hexdigest()


def differences(began: str, now: str) -> list[str]:
    """Return the keys of two experiment files whose values differ, with both values.

    Where the data lie is no difference.
    """
    before, after = (dict(_leaves(values_in(text))) for text in (began, now))
    shown = {
        path: (_shown(before, path), _shown(after, path))
        for path in {**before, **after}
        if path != DATA_PATH
    }
    return [f"{path}: {one}, now {other}" for path, (one, other) in shown.items() if one != other]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of every single value of a file, dotted, with the value."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, tuple):
        pairs = list(enumerate(value))
    else:
        yield path, value
        return
    for key, each in pairs:
        yield from _leaves(each, f"{path}.{key}" if path else str(key))


def _shown(leaves: Mapping[str, Any], path: str) -> str:
    return value_text(leaves[path]) if path in leaves else "nothing"
