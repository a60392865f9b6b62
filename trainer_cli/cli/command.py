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


class Format(StrEnum):
    """How the report is written."""

    text = "text"
    json = "json"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the options that all commands share were given as."""

    config: Path | None
    overrides: list[str]
    format: Format
    output: Path | None
    strict: bool
    quiet: bool
    seed: int | None
    debug: bool


def _shared_options(
    config: Annotated[
        Path | None,
        typer.Argument(
            help="Experiment file. Without it: nntrain.yaml here, else the built-in digits.",
            show_default=False,
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Override one key, for instance optimizer.learning_rate=1e-4. Repeatable.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="Text, or one JSON document.")] = (
        Format.text
    ),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the report to this file.", show_default=False),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A warning fails (exit 1).")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress; only what is not a pass.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Same as --set seed=N.", show_default=False)
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> Options:
    return Options(
        config=config,
        overrides=overrides or [],
        format=format,
        output=output,
        strict=strict,
        quiet=quiet,
        seed=seed,
        debug=debug,
    )


def command(
    app: typer.Typer, name: str, group: str = ""
) -> Callable[[Callable[..., Report]], Callable[..., Report]]:
    """Register a function `(session, **own options) -> Report` as the command `name` of `group`.

    The function gets a `Session`; its own parameters after that become options beside the shared
    ones, and its docstring the help text. Nothing but Typer is imported until a command runs.
    """

    def register(action: Callable[..., Report]) -> Callable[..., Report]:
        shared = inspect.signature(_shared_options, eval_str=True).parameters
        own = list(inspect.signature(action, eval_str=False).parameters.values())[1:]
        own = [p.replace(annotation=_resolve(p.annotation, action)) for p in own]

        def entry(**given: Any) -> None:
            from trainer_cli.cli.conduct import conduct

            options = _shared_options(**{key: given.pop(key) for key in shared})
            conduct(f"{group} {name}".strip(), options, lambda session: action(session, **given))

        entry.__signature__ = inspect.Signature([*shared.values(), *own])  # type: ignore[attr-defined]
        entry.__annotations__ = {}
        entry.__doc__ = action.__doc__
        app.command(name)(entry)
        return action

    return register


def _resolve(annotation: Any, action: Callable[..., Any]) -> Any:
    if isinstance(annotation, str):
        return eval(annotation, action.__globals__)
    return annotation
