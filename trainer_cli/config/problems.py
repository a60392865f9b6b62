"""What is wrong with an experiment file, with the place, so that it can be shown and sorted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Key = tuple[str | int, ...]

MOST_SHOWN = 60  # characters of a key or of an override in a message


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with an experiment file or an override.

    file         what to call the file, or the whole override: "--set seed=x"
    line         counted from 1; None in an override and where there is no text to point at
    column       counted from 1, in characters
    key          path of the key, "network[0].units"; empty where no key is to blame
    message      what is wrong, without final stop
    hint         what to do about it, or None
    source_line  the line that is pointed at, or None
    width        number of characters to underline
    order        0 for the file, n for the n-th override
    """

    file: str
    line: int | None = None
    column: int | None = None
    key: str = ""
    message: str
    hint: str | None = None
    source_line: str | None = None
    width: int = 1
    order: int = field(default=0, repr=False)


class ExperimentError(Exception):
    """An experiment that cannot be used: all its problems, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        super().__init__("; ".join(_sentence(problem) for problem in self.problems))


def key_text(key: Key) -> str:
    """Return the path of a key as it is shown: ("network", 0, "units") is network[0].units."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{visible(part)}" if text else visible(part)
    return text


def visible(text: str) -> str:
    """Return text for a message: what cannot be seen as escapes, and not endlessly long."""
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return seen if len(seen) <= MOST_SHOWN else f"{seen[: MOST_SHOWN - 1]}…"


def _place(problem: Problem) -> tuple[int, int, int]:
    return problem.order, problem.line or 0, problem.column or 0


def _sentence(problem: Problem) -> str:
    return ": ".join(part for part in (problem.file, problem.key, problem.message) if part)
