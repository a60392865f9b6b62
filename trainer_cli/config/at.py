"""Where reading stands in an experiment, and what it gives where something is wrong."""

from dataclasses import dataclass
from typing import Final

from trainer_cli.config.nodes import Span, problem_at
from trainer_cli.config.problems import Key, Problem


class _Failed:
    """What reading gives for something that has a problem."""


FAILED: Final = _Failed()


@dataclass(frozen=True)
class At:
    """Where reading stands: the key, and the list that problems go to."""

    key: Key
    problems: list[Problem]

    def down(self, *parts: str | int) -> "At":
        """Return the place of a key below."""
        return At((*self.key, *parts), self.problems)

    def report(self, span: Span, message: str, hint: str | None = None) -> None:
        """Add a problem with this key."""
        self.problems.append(problem_at(span, self.key, message, hint))
