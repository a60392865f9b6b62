"""Turns a function over a session into a Typer command with the options that all commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trainer_cli.report.report import Report

Action = Callable[..., "Report"]


class Format(StrEnum):
    """How the report is written."""

    text = "text"
    json = "json"
    junit = "junit"
    github = "github"


def refuse_format(name: str, given: Format) -> None:
    """Refuse a format that has a place for findings only, for a command that makes none."""
    if given in (Format.junit, Format.github):
        raise typer.BadParameter(
            f"{given} is for commands that judge; {name} writes text or json",
            param_hint="--format",
        )


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a command reports: the options that all commands share, as they are declared to Typer."""

    format: Annotated[
        Format,
        typer.Option(
            "--format",
            help="Text, one JSON document, a JUnit file, or annotations for GitHub Actions.",
        ),
    ] = Format.text
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the report to this file.", show_default=False),
    ] = None
    strict: Annotated[bool, typer.Option("--strict", help="A warning fails (exit 1).")] = False
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress; only what is not a pass.")
    ] = False
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False


@dataclass(frozen=True, kw_only=True)
class ExperimentOptions(Options):
    """Those of a command that reads an experiment file."""

    config: Annotated[
        Path | None,
        typer.Argument(
            help="Experiment file. Without it: nntrain.yaml here, else the built-in digits.",
            show_default=False,
        ),
    ] = None
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Override one key, for instance optimizer.learning_rate=1e-4. Repeatable.",
            show_default=False,
        ),
    ] = None
    seed: Annotated[
        int | None, typer.Option("--seed", help="Same as --set seed=N.", show_default=False)
    ] = None


@dataclass(frozen=True, kw_only=True)
class RunOptions(Options):
    """Those of a command that reads run folders; no option changes what a run is."""

    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN",
            help="Run folders, as nntrain train has written them.",
            show_default=False,
        ),
    ]


def command(
    app: typer.Typer, name: str, group: str = "", *, judges: bool = True
) -> Callable[[Action], Action]:
    """Register a function `(session, **own options) -> Report` as the command `name` of `group`.

    The function gets a `Session`; its own parameters after that become options beside the shared
    ones, and its docstring the help text. A command that `judges` makes findings. Nothing but Typer
    is imported until a command runs.
    """
    title = f"{group} {name}".strip()

    def begin(options: ExperimentOptions, given: Action) -> None:
        if not judges:
            refuse_format(title, options.format)
        from trainer_cli.cli.conduct import conduct
        from trainer_cli.cli.session import Session

        conduct(title, Session(options), given)

    return lambda action: _register(app, name, action, ExperimentOptions, begin)


def run_command(app: typer.Typer, name: str, *, judges: bool = True) -> Callable[[Action], Action]:
    """Register a function `(session, **own options) -> Report` over run folders.

    As `command`, but the function gets a `RunSession`, and the command line names run folders
    instead of an experiment file. Own parameters may be further arguments, behind the runs.
    """

    def begin(options: RunOptions, given: Action) -> None:
        if not judges:
            refuse_format(name, options.format)
        from trainer_cli.cli.conduct import conduct
        from trainer_cli.cli.run_session import RunSession

        conduct(name, RunSession(options), given)

    return lambda action: _register(app, name, action, RunOptions, begin)


def bare_command(app: typer.Typer, name: str, about: str) -> Callable[[Action], Action]:
    """Register a function `(session, **own options) -> Report` over nothing that a user names.

    As `command`, but the function gets a `BareSession`; `about` is what the report says it is of.
    """

    def begin(options: Options, given: Action) -> None:
        from trainer_cli.cli.bare_session import BareSession
        from trainer_cli.cli.conduct import conduct

        conduct(name, BareSession(options, about), given)

    return lambda action: _register(app, name, action, Options, begin)


def _register(
    app: typer.Typer,
    name: str,
    action: Action,
    options: type[Options],
    begin: Callable[[Any, Action], None],
) -> Action:
    """Declare a command whose parameters are the fields of `options` and the action's own."""
    fields = inspect.signature(options, eval_str=True).parameters
    shared = dict(sorted(fields.items(), key=lambda item: item[0] in Options.__annotations__))
    own = list(inspect.signature(action, eval_str=False).parameters.values())[1:]
    own = [p.replace(annotation=_resolve(p.annotation, action)) for p in own]
    parameters = [*shared.values(), *own]

    def entry(**given: Any) -> None:
        chosen = options(**{key: given.pop(key) for key in shared})
        begin(chosen, lambda session: action(session, **given))

    keyword_only = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    entry.__signature__ = inspect.Signature(keyword_only)  # type: ignore[attr-defined]
    entry.__annotations__ = {}
    entry.__doc__ = action.__doc__
    app.command(name)(entry)
    return action


def _resolve(annotation: Any, action: Callable[..., Any]) -> Any:
    if isinstance(annotation, str):
        return eval(annotation, action.__globals__)
    return annotation
