"""The run folder: what a training run leaves on disk, each file whole or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from safetensors.numpy import save

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters


class RunExistsError(Exception):
    """The folder that a run should be written to is there already."""

    def __init__(self, folder: Path) -> None:
        self.message = f"{folder} exists already, and a run is never overwritten"
        super().__init__(self.message)


def default_folder(command: str, experiment: str, now: datetime) -> Path:
    """Return runs/<command>-<file>-<time>, with a number behind it where that is taken."""
    plain = Path("runs") / f"{command}-{experiment}-{now:%Y%m%d-%H%M%S}"
    folder, number = plain, 1
    while folder.exists():
        number += 1
        folder = plain.with_name(f"{plain.name}-{number}")
    return folder


def jsonable(value: Any) -> Any:
    """Return `value` with whatever JSON cannot hold replaced: NaN and infinities become null."""
    if isinstance(value, Mapping):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


class RunFolder:
    """A new folder for one run: `config.yaml`, `metrics.jsonl`, weights and `summary.json`.

    Raises `RunExistsError` if the folder is there and OSError if it cannot be made.
    """

    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            raise RunExistsError(folder) from None
        _write(folder / "config.yaml", config.encode())
        self._metrics: TextIO = (folder / "metrics.jsonl").open("a", encoding="utf-8")

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one line to `metrics.jsonl`; it is handed to the system at once."""
        self._metrics.write(json.dumps(jsonable(record), allow_nan=False) + "\n")
        self._metrics.flush()

    def save_weights(self, name: str, parameters: Parameters, flat: Array) -> None:
        """Write what `flat`, laid out as `stored`, holds as `<name>.safetensors`.

        A network alone is stored without its member axis: weights (I, O), biases (O,); a stack
        keeps it. The names are the network's, such as "network[0].weights".
        """
        arrays = {entry.name: entry.view(flat) for entry in parameters.everything}
        if parameters.members == 1:
            arrays = {key: array[..., 0, :] for key, array in arrays.items()}
        arrays = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
        _write(self.folder / f"{name}.safetensors", save(arrays, {"format": "nntrain/1"}))

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write `summary.json`."""
        text = json.dumps(jsonable(summary), indent=2, allow_nan=False)
        _write(self.folder / "summary.json", (text + "\n").encode())

    def close(self) -> None:
        """Close `metrics.jsonl`."""
        self._metrics.close()


def _write(path: Path, content: bytes) -> None:
    """Write a file so that under its name there is never a part of it."""
    temporary = path.with_name(path.name + ".part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
