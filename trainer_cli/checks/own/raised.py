"""Turns what goes wrong in somebody's own Python into a problem at their own file and line."""

from __future__ import annotations

import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from trainer_cli.checks.own.advice import advice
from trainer_cli.checks.own.network import Inputs
from trainer_cli.config.problems import ExperimentError, Problem

# Where code lives that nobody named: nntrain's own, and what is installed.
OURS = str(Path(__file__).parents[2])
INSTALLED = ("site-packages", "dist-packages")
STANDARD = tuple({str(Path(folder)) for folder in (sys.prefix, sys.base_prefix)})
MOST = 300  # characters of what an exception says


@contextmanager
def guarded(
    doing: str, blame: Callable[..., Any] | Path, hint: str | None = None, x: Inputs | None = None
) -> Iterator[None]:
    """Raise ExperimentError, with the user's own line, for whatever is raised within.

    `blame` is the function or the file to name where no line of the user's is to blame, `x` what a
    network was given. What is set there of NumPy's handling of errors ends with it.
    """
    try:
        with np.errstate():
            yield
    except (ExperimentError, MemoryError):
        raise
    except BaseException as error:
        # sys.exit is theirs, and has a code; what interrupts or terminates nntrain has none.
        if not isinstance(error, Exception) and not hasattr(error, "code"):
            raise
        told = hint or advice(error, x) or f"in {doing} of your own; nntrain only called it"
        raise ExperimentError([_problem(error, doing, blame, told)]) from error


def refuse(message: str, hint: str, blame: Callable[..., Any] | Path) -> ExperimentError:
    """Return the error that a function gives, or lacks, something it should not."""
    file, line = place_of(blame)
    return ExperimentError([_at(file, line, None, 1, message, hint)])


def place_of(blame: Callable[..., Any] | Path) -> tuple[str, int | None]:
    """Return file and line of a function, or of a file as a whole."""
    if isinstance(blame, Path):
        return str(blame), None
    code = getattr(blame, "__code__", None)
    if code is not None:
        return code.co_filename, code.co_firstlineno
    named = blame if isinstance(blame, type) else type(blame)
    module = sys.modules.get(getattr(blame, "__module__", None) or named.__module__)
    file = getattr(module, "__file__", None)
    if file is None:
        return named.__name__, None
    try:
        return file, max(1, inspect.getsourcelines(named)[1])
    except (OSError, TypeError):
        return file, None


def _problem(
    error: BaseException, doing: str, blame: Callable[..., Any] | Path, hint: str
) -> Problem:
    said = " ".join(str(error).split())
    said = said if len(said) <= MOST else f"{said[: MOST - 1]}…"
    kind = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        column = error.offset or 1
        return _at(
            error.filename, error.lineno, column, 1, f"{kind}: {error.msg}", f"{doing} needs it"
        )
    message = f"{doing} raised {kind}" + (f": {said}" if said else "")
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_theirs(f.filename)]
    if not frames:
        file, line = place_of(blame)
        return _at(file, line, None, 1, message, hint)
    last = frames[-1]
    column = (last.colno or 0) + 1
    ends = last.end_colno if last.end_lineno == last.lineno else None
    return _at(last.filename, last.lineno, column, (ends or column) - column + 1, message, hint)


def is_theirs(file: str) -> bool:
    """Whether a file is neither nntrain's, nor Python's, nor an installed package's."""
    if file.startswith(("<", OURS)) or file.endswith(".pyx"):
        return False
    inside = any(name in Path(file).parts for name in INSTALLED)
    return not inside and not any(_standard(file, folder) for folder in STANDARD)


def _standard(file: str, folder: str) -> bool:
    return file.startswith(str(Path(folder) / "lib" / "python"))


def _at(
    file: str, line: int | None, column: int | None, width: int, message: str, hint: str | None
) -> Problem:
    path = Path(file)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    text = linecache.getline(file, line).rstrip("\n") if line else ""
    if line and column is None:
        column, width = len(text) - len(text.lstrip()) + 1, max(1, len(text.strip()))
    return Problem(
        file=str(shown),
        line=line,
        column=column,
        message=message,
        hint=hint,
        source_line=text or None,
        width=max(1, width),
    )
