"""Finds the random generators that a network of one's own keeps, so that they can begin anew."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import numpy as np

# How far within the network's attributes they are looked for: layers hold lists, lists hold layers.
DEEP = 4


def generators(network: Any, function: Any) -> Iterator[np.random.Generator]:
    """Yield the generators in a network's attributes, and among the globals of its function."""
    seen: set[int] = set()
    yield from _within(network, DEEP, seen)
    for each in getattr(function, "__globals__", {}).values():
        if isinstance(each, np.random.Generator) and id(each) not in seen:
            seen.add(id(each))
            yield each


def _within(value: Any, deep: int, seen: set[int]) -> Iterator[np.random.Generator]:
    if id(value) in seen or isinstance(value, np.ndarray | str | int | float | type(None)):
        return
    seen.add(id(value))
    if isinstance(value, np.random.Generator):
        yield value
    elif deep:
        for each in _parts(value):
            yield from _within(each, deep - 1, seen)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple):
        return list(value)
    attributes = getattr(value, "__dict__", None)
    return list(attributes.values()) if isinstance(attributes, dict | MappingProxyType) else []
