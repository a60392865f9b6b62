"""The folder of a training run: made for a new one, or taken over from one that was cut short."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer_cli.datasets import Dataset
from trainer_cli.training.identity import CONFIG, KEYS, identity, require_same
from trainer_cli.training.interface import PREPROCESSING, interface_content, interface_of
from trainer_cli.training.runs import RunError, RunFolder

IDENTITY = "run.json"
# What the folders of other commands hold, what they are, and how those go on.
OTHERS = {
    "plan.json": ("sweep", "go on with nntrain sweep --resume {}"),
    "folds.json": ("cross-validation", "it is not gone on with: run nntrain crossval again"),
}


def begin(folder: Path, config: str, dataset: Dataset) -> RunFolder:
    """Make the folder of a new run of the experiment file `config`; RunError if it is there."""
    preprocessing = interface_content(interface_of(dataset))
    files: dict[str, str | bytes] = {CONFIG: config, IDENTITY: _identified(config, dataset)}
    return RunFolder.create(folder, {**files, PREPROCESSING: preprocessing})


def go_on_in(folder: Path, config: str, dataset: Dataset) -> RunFolder:
    """Take over the folder of a run that was cut short.

    Raises RunError unless `config`, the resolved experiment, and the data are those that it began
    with, and nobody else is at work on it.
    """
    began = read_identity(folder)
    require_same(folder, began, config, dataset, noun="run")
    run = RunFolder(folder)
    for path in folder.rglob("*.part"):  # what a process was writing when it was killed
        path.unlink()
    if config != began["config"]:  # the data lie elsewhere by now
        run.write(IDENTITY, _identified(config, dataset))
    run.write(CONFIG, config)
    run.write_bytes(PREPROCESSING, interface_content(interface_of(dataset)))
    return run


def _identified(config: str, dataset: Dataset) -> str:
    return json.dumps(identity(config, dataset), indent=1) + "\n"


def read_identity(folder: Path) -> Mapping[str, Any]:
    """Return what a training run began with; raises RunError for a folder that is none."""
    try:
        begun = json.loads((folder / IDENTITY).read_text(encoding="utf-8"))
        (folder / CONFIG).read_text(encoding="utf-8")
        return {key: begun[key] for key in KEYS}
    except (FileNotFoundError, NotADirectoryError):
        for other, (what, hint) in OTHERS.items():
            if (folder / other).exists():
                raise RunError(f"{folder} is the run of a {what}", hint.format(folder)) from None
        message = f"{folder} holds no training run: it lacks {IDENTITY} or {CONFIG}"
        raise RunError(message, "give a folder that nntrain train has made") from None
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{folder / IDENTITY} is damaged", "begin a new run") from None
