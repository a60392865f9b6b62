"""Checkpoints: all that a run needs to go on, each file whole and checked, the newest two kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save

from trainer_cli.nn.layers.place import Array
from trainer_cli.training.identity import differences
from trainer_cli.training.metrics import METRICS
from trainer_cli.training.networks import FORMAT, read_tensors
from trainer_cli.training.runs import digest_of, write_whole

FOLDER = "checkpoints"
KEPT = 2


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a run was at some moment: flat arrays by name, and the rest as JSON can hold it."""

    path: Path
    experiment: str
    arrays: Mapping[str, Array]
    state: Mapping[str, Any]


class DamagedError(Exception):
    """A checkpoint that is not what was written."""


class Checkpoints:
    """The checkpoints of a run folder, update-00000490.safetensors and so on.

    remarks  what was wrong with those that had to be passed over
    """

    def __init__(self, run: Path, experiment: str) -> None:
        """`experiment` is the file that the run is of."""
        self._folder, self._metrics = run / FOLDER, run / METRICS
        self._experiment = experiment
        self.remarks: list[str] = []

    def save(self, updates: int, arrays: Mapping[str, Array], state: Mapping[str, Any]) -> None:
        """Write a checkpoint, whole or not at all, and remove all but the newest two."""
        self._folder.mkdir(exist_ok=True)
        text = json.dumps(state)  # NaN as Python writes it: it is read by nobody else
        metadata = {
            "format": FORMAT,
            "experiment": self._experiment,
            "state": text,
            "digest": _digest(arrays, self._experiment, text),
        }
        write_whole(
            self._folder / f"update-{updates:08d}.safetensors", save(dict(arrays), metadata)
        )
        for path in self._paths()[KEPT:]:
            path.unlink()

    def newest(self) -> Checkpoint | None:
        """Return the newest whole one of this experiment that metrics.jsonl goes with, or None."""
        for path in self._paths():
            try:
                checkpoint = _load(path)
            except DamagedError as error:
                self.remarks.append(f"{path} is damaged ({error}): it is passed over")
                continue
            why = self._why_not(checkpoint)
            if why is None:
                return checkpoint
            self.remarks.append(f"{path} is passed over: {why}")
        return None

    def _why_not(self, checkpoint: Checkpoint) -> str | None:
        if differences(self._experiment, checkpoint.experiment):
            return "it is of another experiment"
        length, digest = checkpoint.state["recorded"]
        found = digest_of(self._metrics, length)
        if found is None:
            return f"{METRICS} has lost lines that were there before it"
        return None if found == digest else f"{METRICS} is not what it was then"

    def _paths(self) -> list[Path]:
        """Return all of them, the newest first."""
        return sorted(self._folder.glob("update-*.safetensors"), reverse=True)


def _load(path: Path) -> Checkpoint:
    try:
        metadata, arrays = read_tensors(path)
        text, experiment = metadata.get("state", ""), metadata.get("experiment", "")
        if _digest(arrays, experiment, text) != metadata.get("digest"):
            raise DamagedError("its checksum is wrong")
        return Checkpoint(path=path, experiment=experiment, arrays=arrays, state=json.loads(text))
    except OSError as error:
        raise DamagedError(str(error.strerror or error)) from None
    except (SafetensorError, ValueError, TypeError) as error:
        raise DamagedError(str(error).splitlines()[0]) from None


def _digest(arrays: Mapping[str, Array], *texts: str) -> str:
    digest = blake2b(json.dumps(texts).encode(), digest_size=16)
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()
