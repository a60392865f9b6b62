"""Reads an experiment: file or shipped default, overrides, validation, all problems at once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer_cli.config.document import read_text, read_tree, split_lines
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.imported import Imported, imported_by
from trainer_cli.config.nodes import MapNode, Source, locate, plain, problem_at
from trainer_cli.config.overrides import Override, apply, parse_override
from trainer_cli.config.problems import ExperimentError, Key, Problem
from trainer_cli.config.read_experiment import read_experiment
from trainer_cli.datasets.shipped import shipped

USUAL_NAME = "nntrain.yaml"
SHIPPED_NAME = "built-in digits experiment"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """An experiment and where it comes from.

    name  what messages and the JSON call it: the path as it was given
    stem  a short name for folders, such as digits
    path  the file it was read from
    own   the function that builds the network, where the file names one in place of layers; the
          experiment's network is empty then
    """

    experiment: Experiment
    name: str
    stem: str
    path: Path
    root: MapNode
    own: Imported | None = None

    def problem(self, key: Key, message: str, hint: str | None = None) -> Problem:
        """Return a problem, found later, that points at a key's value or its nearest ancestor."""
        return problem_at(locate(self.root, key), key, message, hint)


def load(path: Path | None, overrides: Sequence[str] = ()) -> Loaded:
    """Read an experiment file and apply overrides such as "optimizer.learning_rate=1e-4".

    Without a path it is `nntrain.yaml` in the working folder if that exists, else the digits
    experiment that travels with the program. Raises ExperimentError with every problem of the file
    and of the overrides.
    """
    file, name = choose(path)
    problems: list[Problem] = []
    changes = [
        change
        for order, text in enumerate(overrides, start=1)
        if (change := parse_override(text, order, problems)) is not None
    ]
    root = _read_root(file, name, changes, problems)
    experiment = read_experiment(root, problems)
    if problems:
        raise ExperimentError(problems)
    assert isinstance(experiment, Experiment)
    return Loaded(
        experiment=experiment,
        name=name,
        stem=file.stem,
        path=file,
        root=root,
        own=imported_by(root),
    )


def choose(path: Path | None) -> tuple[Path, str]:
    """Return the experiment file to read and what messages call it."""
    if path is not None:
        return path, str(path)
    usual = Path(USUAL_NAME)
    if os.path.lexists(usual):  # a link to nowhere is a mistake to name, not to pass over
        return usual, USUAL_NAME
    return shipped("digits.yaml"), SHIPPED_NAME


def _read_root(
    file: Path, name: str, changes: Sequence[Override], problems: list[Problem]
) -> MapNode:
    try:
        text = read_text(file, name)
        folder = file.parent.absolute()
        source = Source(name=name, folder=folder, lines=split_lines(text))
        root = read_tree(source, text, problems)
    except ExperimentError as error:
        raise ExperimentError({*problems, *error.problems}) from None
    for change in changes:
        root = apply(root, change, problems)
    return root


def values_in(text: str) -> dict[str, Any]:
    """Return the values of an experiment file's text, without their places."""
    source = Source(name="", folder=Path(), lines=split_lines(text))
    values: dict[str, Any] = plain(read_tree(source, text, []))
    return values
