"""Which trials can be trained as one stack: those that leave all shapes alone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import fields
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.initializers import Initializer


def groups(experiments: Sequence[Experiment]) -> list[list[int]]:
    """Return the positions of the experiments, grouped so that each group can be one stack."""
    found: dict[Hashable, list[int]] = {}
    for position, experiment in enumerate(experiments):
        found.setdefault(_shape(experiment), []).append(position)
    return list(found.values())


def _shape(experiment: Experiment) -> Hashable:
    """Return what the members of a stack must agree on.

    Numbers with a point, initializers, schedules and seeds differ freely within a stack; anything
    else (units, kinds of parts, batch size, preprocessing) does not.
    """
    return (
        experiment.data,
        tuple(_settings(layer) for layer in experiment.network),
        _settings(experiment.loss),
        _settings(experiment.optimizer),
        experiment.training,
    )


def _settings(part: Any) -> Hashable:
    kept: list[Hashable] = [type(part).__name__]
    for each in fields(part):
        value = getattr(part, each.name)
        if not isinstance(value, float | Initializer | None):
            kept.append((each.name, value))
    return tuple(kept)
