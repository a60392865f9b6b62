"""What a sweep may draw a setting from: one distribution per file."""

from collections.abc import Mapping
from typing import Any

from trainer_cli.config.space.choice import Choice
from trainer_cli.config.space.integer import Int
from trainer_cli.config.space.log_integer import LogInt
from trainer_cli.config.space.log_uniform import LogUniform
from trainer_cli.config.space.range import Range
from trainer_cli.config.space.uniform import Uniform

Distribution = Choice | Int | LogInt | LogUniform | Uniform

__all__ = [
    "Choice",
    "Distribution",
    "Int",
    "LogInt",
    "LogUniform",
    "Range",
    "Uniform",
    "space_written",
]


def space_written(space: Mapping[str, Distribution]) -> dict[str, Any]:
    """Return what a file says for a space, path by path."""
    return {path: distribution.written() for path, distribution in space.items()}
