"""Shows the problems of an experiment file, each with its line and a caret, as text and as JSON."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from trainer_cli.config.problems import Problem

MOST_SHOWN = 50  # problems; whoever has more mends these first
LINE_WIDTH = 100  # columns of a source line that are shown
BEFORE_CARET = 60  # columns of them in front of the caret, where a line is cut


def problems_text(problems: Sequence[Problem]) -> str:
    """Return all problems as text for a terminal, with their number at the end."""
    shown = problems[:MOST_SHOWN]
    count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    if len(shown) < len(problems):
        count += f", of which {len(shown)} are shown"
    return "\n\n".join([*map(problem_text, shown), count])


def problem_text(problem: Problem) -> str:
    """Return one problem: where and what, the source line with a caret, and a hint."""
    place = ":".join(str(part) for part in (problem.file, problem.line) if part is not None)
    if problem.line is not None:
        place += f":{problem.column}"
    head = ": ".join(part for part in (place, problem.key, problem.message) if part)
    hint = [f"hint: {problem.hint}"] if problem.hint else []
    return "\n".join([head, *_excerpt(problem), *hint])


def problem_record(problem: Problem) -> dict[str, Any]:
    """Return one problem for a JSON document; line and column are null where there are none."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "key": problem.key or None,
        "message": problem.message,
        "hint": problem.hint,
    }


def _excerpt(problem: Problem) -> list[str]:
    """Return the source line below its margin, with a caret under what is wrong."""
    if problem.source_line is None or problem.column is None:
        return []
    number = "" if problem.line is None else str(problem.line)
    margin = " " * len(number)
    line, start, width = _cut(problem.source_line, problem.column - 1, problem.width)
    # Tabs stay tabs, so that the caret stands below its character whatever a tab's width is.
    lead = "".join("\t" if c == "\t" else " " * _columns(c) for c in line[:start])
    carets = "^" * max(1, sum(_columns(c) for c in line[start : start + width]))
    return [
        f"{margin} |",
        f"{number} | {line}".rstrip(),
        f"{margin} | {lead}{carets}",
    ]


def _cut(line: str, start: int, width: int) -> tuple[str, int, int]:
    """Return a line that is not too long, where the caret begins in it, and how wide it is."""
    if len(line) <= LINE_WIDTH:
        return line, start, width
    first = max(0, min(start - BEFORE_CARET, len(line) - LINE_WIDTH))
    last = first + LINE_WIDTH
    before = "…" if first else ""
    after = "…" if last < len(line) else ""
    return before + line[first:last] + after, start - first + len(before), min(width, last - start)


def _columns(character: str) -> int:
    """Return how many columns of a terminal a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
