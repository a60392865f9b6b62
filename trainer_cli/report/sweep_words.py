"""How the keys, values and ranges of a sweep are written, live and in its report."""

from __future__ import annotations

from typing import Any

from trainer_cli.config.space import Distribution, LogUniform
from trainer_cli.config.value_text import value_text

# The two keys that nearly every sweep searches have the names that they have in the lecture.
NAMES = {"optimizer.learning_rate": "lr", "regularization.l2": "reg"}


def key_name(path: str) -> str:
    """Return the name that a key has in a column or line, which is its path for most.

    >>> key_name("optimizer.learning_rate"), key_name("network.0.units")
    ('lr', 'network.0.units')
    """
    return NAMES.get(path, path)


def value_shown(value: Any, distribution: Distribution, digits: int) -> str:
    """Return a drawn value with that many digits after the first; whole numbers have all."""
    if not isinstance(value, float):
        return value_text(value)
    return f"{value:.{digits}{'e' if isinstance(distribution, LogUniform) else 'g'}}"


def range_text(now: Distribution, before: Distribution | None = None) -> str:
    """Return a range as the lecture writes it, after what it was in the stage before.

    >>> range_text(LogUniform(low=1e-4, high=1.0), LogUniform(low=1e-5, high=1e5))
    '10**uniform(-5, 5) -> 10**uniform(-4, 0)'
    """
    text = now.text()
    old = text if before is None else before.text()
    return text if old == text else f"{old} -> {text}"
