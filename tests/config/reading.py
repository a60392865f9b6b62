"""Loads experiments from text, and gives their problems as short lines."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from trainer_cli.config.load import Loaded, load
from trainer_cli.config.problems import ExperimentError, Problem

SMALLEST = "data: {source: digits}\nnetwork: [{type: dense, units: 10}]\n"


def load_text(folder: Path, text: str | bytes, overrides: Sequence[str] = ()) -> Loaded:
    """Write `text` into a file of the folder and load it."""
    file = folder / "experiment.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(file, overrides)


def problems_of(
    folder: Path, text: str | bytes, overrides: Sequence[str] = ()
) -> tuple[Problem, ...]:
    """Return what is wrong with the text, which must be something."""
    with pytest.raises(ExperimentError) as caught:
        load_text(folder, text, overrides)
    return caught.value.problems


def line_of(problem: Problem) -> str:
    """Return line, column, message and hint of a problem, the file left out."""
    parts = [f"{problem.line}:{problem.column}", problem.key, problem.message, problem.hint or ""]
    return " | ".join(parts)
