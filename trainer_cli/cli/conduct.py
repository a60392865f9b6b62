"""Runs one command: its report to where it belongs, every fault to the right exit code."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, TextIO, TypeVar

import typer
from rich.console import Console

from trainer_cli.cli.command import Format, Options
from trainer_cli.cli.github import tell_github
from trainer_cli.config.load import Loaded
from trainer_cli.config.problems import ExperimentError
from trainer_cli.config.rules import Rule
from trainer_cli.datasets import DataError
from trainer_cli.report.github_report import error_annotations, finding_annotations, harmless
from trainer_cli.report.github_summary import errors_summary, summary
from trainer_cli.report.json_report import errors_json, report_json
from trainer_cli.report.junit_report import errors_junit, report_junit
from trainer_cli.report.problems import problem_record, problems_text
from trainer_cli.report.report import Report
from trainer_cli.report.text_report import print_report
from trainer_cli.search.errors import WorkerLostError, WorkersError
from trainer_cli.training.findings import verdict
from trainer_cli.training.grading import graded
from trainer_cli.training.runs import RunError

# What a user can do something about.
REFUSALS = (
    ExperimentError,
    DataError,
    RunError,
    WorkersError,
    WorkerLostError,
    OSError,
    MemoryError,
)
PASSED, FAILED, BAD_INPUT, FAULT, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143


class Subject(Protocol):
    """What a command is about: a session over an experiment file or over run folders."""

    @property
    def options(self) -> Options:
        """How to report."""
        ...

    @property
    def name(self) -> str:
        """What the report calls the experiment."""
        ...

    @property
    def rules(self) -> Collection[Rule]:
        """The rules that the experiment sets, once it has been read."""
        ...

    @property
    def file(self) -> Loaded | None:
        """The experiment file, once it has been read."""
        ...


S = TypeVar("S", bound=Subject)


class TerminatedError(BaseException):
    """SIGTERM arrived; not an Exception, so that nothing but this module stops it."""


def conduct(name: str, session: S, action: Callable[[S], Report]) -> None:
    """Run `action`, write its report, and leave with the exit code of the design, section 2."""
    signal.signal(signal.SIGTERM, _on_terminate)
    raise typer.Exit(_guarded(name, session, action))


def _on_terminate(number: int, frame: FrameType | None) -> None:
    raise TerminatedError


def _guarded(name: str, session: S, action: Callable[[S], Report]) -> int:
    options = session.options
    try:
        _require_place_for(options.output)
        report = action(session)
        report = replace(report, findings=graded(report.findings, session.rules))
        _write(name, session, report)
        return _exit_code(report, options)
    except REFUSALS as error:
        return _refuse(name, session, *_in_words(error))
    except typer.BadParameter:  # Typer says what is wrong with the command line
        raise
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except TerminatedError:
        _say("terminated")
        return TERMINATED
    except Exception as error:
        if options.debug:
            traceback.print_exc()
        _say(f"a fault of nntrain itself: {type(error).__name__}: {error}")
        _say("hint: run again with --debug and report what it shows")
        return FAULT


def _exit_code(report: Report, options: Options) -> int:
    if report.exit_code is not None:
        return report.exit_code
    outcome = verdict(report.findings)
    return FAILED if outcome == "fail" or (outcome == "warn" and options.strict) else PASSED


def _write(name: str, session: Subject, report: Report) -> None:
    config, options = session.name, session.options
    match options.format:
        case Format.json:
            _put(options, report_json(name, config, report))
        case Format.junit:
            _put(options, report_junit(name, config, report, strict=options.strict))
        case Format.github:
            _put(options, harmless(_as_text(name, session, report)))
            found = finding_annotations(report.findings, session.file, strict=options.strict)
            tell_github(found, summary(name, config, report))
        case Format.text if options.output is None:
            print_report(_console(sys.stdout), name, config, report, quiet=options.quiet)
        case Format.text:
            _put(options, _as_text(name, session, report))


def _as_text(name: str, session: Subject, report: Report) -> str:
    text = StringIO()
    print_report(_console(text), name, session.name, report, quiet=session.options.quiet)
    return text.getvalue()


def _console(file: TextIO) -> Console:
    console = Console(file=file, highlight=False, emoji=False, markup=False)
    if console.is_terminal and not file.isatty():  # FORCE_COLOR is about terminals, not files
        return Console(file=file, highlight=False, emoji=False, markup=False, force_terminal=False)
    return console


def _require_place_for(output: Path | None) -> None:
    """Raise OSError now rather than after the work, where the report could not be written."""
    if output is None:
        return
    new = not output.exists()
    output.open("a").close()
    if new:
        output.unlink()


def _put(options: Options, text: str) -> None:
    if options.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        options.output.write_text(text, encoding="utf-8")


def _refuse(name: str, session: Subject, text: str, records: list[dict[str, Any]]) -> int:
    _say(text)
    options = session.options
    with suppress(OSError):  # standard error has said it
        if any(_same_file(record["file"], options.output) for record in records):
            return BAD_INPUT  # what is wrong is the file that the report would overwrite
        match options.format:
            case Format.json:
                _put(options, errors_json(name, session.name, records))
            case Format.junit:
                _put(options, errors_junit(name, session.name, text))
            case Format.github:
                told = errors_summary(name, session.name, records)
                tell_github(error_annotations(records), told)
    return BAD_INPUT


def _same_file(name: str | None, output: Path | None) -> bool:
    if name is None or output is None:
        return False
    return output.exists() and Path(name).exists() and output.samefile(name)


def _in_words(error: Exception) -> tuple[str, list[dict[str, Any]]]:
    """Return what a user can do something about, as text and as records."""
    if isinstance(error, ExperimentError):
        return problems_text(error.problems), [problem_record(each) for each in error.problems]
    where, hint = None, None
    if isinstance(error, DataError):
        where, message, hint = error.where, error.message, error.hint
    elif isinstance(error, RunError | WorkersError | WorkerLostError):
        message, hint = error.message, error.hint
    elif isinstance(error, OSError):
        where, message = error.filename, error.strerror or str(error)
    else:
        message = "not enough memory for this experiment"
    text = f"{where}: {message}" if where else message
    place = {"file": where, "line": None, "column": None, "key": None}
    record = {**place, "message": message, "hint": hint}
    return f"{text}\nhint: {hint}" if hint else text, [record]


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
