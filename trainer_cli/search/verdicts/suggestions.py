"""Ranges to try next, written so that they can be given to the next sweep as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from math import floor, inf, log10
from typing import Any

from annotated_types import Ge, Gt, Le, Lt

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.parts import alternatives, settings_of
from trainer_cli.config.space.range import rounded
from trainer_cli.config.value_text import value_text


def range_to_try(path: str, low: float, high: float) -> str:
    """Return the option that searches a key from low to high.

    >>> range_to_try("optimizer.learning_rate", 1e-6, 0.01)
    '--range optimizer.learning_rate=1e-6:0.01'
    """
    return f"--range {path}={number(low)}:{number(high)}"


def number(value: float) -> str:
    """Return a number as it would be written: whole ones without a point."""
    return value_text(value).removesuffix(".0")


def one_digit(value: float, *, up: bool) -> float:
    """Return a number above 0, rounded to one digit.

    >>> one_digit(0.00137, up=False), one_digit(0.00137, up=True), one_digit(0.001, up=True)
    (0.001, 0.002, 0.001)
    """
    return rounded(value, -floor(log10(value)), up=up)


def bounds(experiment: Experiment, path: str) -> tuple[float, float]:
    """Return how small and how large a number the key of an experiment may be, about.

    A bound that is not allowed itself is taken for one that is; without one it is infinite.
    """
    low, high = -inf, inf
    for mark in _marks(experiment, path.split(".")):
        if isinstance(mark, Ge | Gt):
            low = max(low, float(mark.ge if isinstance(mark, Ge) else mark.gt))  # type: ignore[arg-type]
        elif isinstance(mark, Le | Lt):
            high = min(high, float(mark.le if isinstance(mark, Le) else mark.lt))  # type: ignore[arg-type]
    return low, high


def _marks(experiment: Experiment, path: list[str]) -> Iterator[Any]:
    """Yield what is annotated to the setting at a path, if there is one."""
    owner: Any = experiment
    for name in path[:-1]:
        if isinstance(owner, tuple):
            owner = owner[int(name)] if name.isdigit() and int(name) < len(owner) else None
        else:
            owner = getattr(owner, name, None)
    if not is_dataclass(owner) or path[-1] not in {field.name for field in fields(owner)}:
        return
    for kind in alternatives(settings_of(type(owner))[path[-1]].annotation):
        yield from getattr(kind, "__metadata__", ())
