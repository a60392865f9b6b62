"""Refuses thresholds of a rule that stand the wrong way round."""

from typing import Any


def require_at_least(rule: Any, larger: str, smaller: str) -> None:
    """Raise ValueError, which blames `larger`, where that setting is below the other."""
    bound, given = getattr(rule, smaller), getattr(rule, larger)
    if given < bound:
        raise ValueError(f"{larger} must be at least {smaller}, {bound:g}, got {given:g}")


def require_at_most(rule: Any, smaller: str, larger: str) -> None:
    """Raise ValueError, which blames `smaller`, where that setting is above the other."""
    bound, given = getattr(rule, larger), getattr(rule, smaller)
    if given > bound:
        raise ValueError(f"{smaller} must be at most {larger}, {bound:g}, got {given:g}")
