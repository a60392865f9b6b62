"""Makes the experiment of one trial: the file's own, with what was drawn put at its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.load import Loaded
from trainer_cli.config.nodes import Entry, ListNode, MapNode, Node, ScalarNode, Span, locate
from trainer_cli.config.paths import parse_path, put
from trainer_cli.config.problems import ExperimentError, Problem
from trainer_cli.config.read_experiment import read_experiment


def drawn(loaded: Loaded, values: Mapping[str, Any]) -> Experiment:
    """Return the experiment without its sweep, with `values` at their paths.

    The data stay as they are divided, also where a seed is drawn. Raises ExperimentError where the
    values do not go together.
    """
    entries = {name: entry for name, entry in loaded.root.entries.items() if name != "sweep"}
    root: Node = replace(loaded.root, entries=entries)
    for path, value in values.items():
        span = locate(loaded.root, ("sweep", "space", path))
        root = put(root, parse_path(path, span), _node(value, span))
    assert isinstance(root, MapNode)
    problems: list[Problem] = []
    experiment = read_experiment(root, problems)
    if problems:
        raise ExperimentError(problems)
    assert isinstance(experiment, Experiment)
    if "seed" not in values:
        return experiment
    split = replace(experiment.data.split, seed=loaded.experiment.data_seed)
    return replace(experiment, data=replace(experiment.data, split=split))


def _node(value: Any, span: Span) -> Node:
    """Return a value as if it were written at `span`."""
    if isinstance(value, Mapping):
        pairs = {str(key): Entry(span, _node(each, span)) for key, each in value.items()}
        return MapNode(span, pairs)
    if isinstance(value, list | tuple):
        return ListNode(span, tuple(_node(each, span) for each in value))
    return ScalarNode(span, value, str(value), True)
