"""Finds the parts that a package lists, so that tests of all parts need no list of their own."""

from __future__ import annotations

from types import UnionType
from typing import Any, get_args


def members_of(union: Any) -> tuple[type, ...]:
    """Return the classes of a union such as `Layer`; a package with one part lists the class."""
    return get_args(union) if isinstance(union, UnionType) else (union,)
