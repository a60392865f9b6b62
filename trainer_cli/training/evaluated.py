"""Keeps count of how often the test set of a run was looked at, in the run's own folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from trainer_cli.training.runs import jsonable

EVALUATIONS = "evaluations.jsonl"
LOCK = ".evaluations.lock"


def note_evaluation(folder: Path, record: Mapping[str, Any]) -> int:
    """Add a line of JSON to evaluations.jsonl and return how many it has now: 1 for the first.

    Several processes may do so at once: one waits for the other. A line that was cut short, by a
    full disk for instance, was an evaluation too. Raises OSError, naming the file, where it cannot
    be written.
    """
    path = folder / EVALUATIONS
    try:
        with FileLock(folder / LOCK), path.open("ab+") as file:
            file.seek(0)
            content = file.read()
            ending = b"" if content.endswith(b"\n") or not content else b"\n"
            line = json.dumps(jsonable(record), allow_nan=False).encode()
            file.write(ending + line + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:  # a full disk does not say which file it was
        raise OSError(error.errno, error.strerror, str(path)) from None
    return len(content.splitlines()) + 1
