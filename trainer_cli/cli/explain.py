"""`nntrain explain`: what a rule means, why it matters, its thresholds and what to do."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from trainer_cli.cli.command import Format, refuse_format


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("explain")(explain)


def explain(
    rule: Annotated[
        str | None, typer.Argument(help="Name of a rule. Without it: all of them.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="Text, or one JSON document.")] = (
        Format.text
    ),
) -> None:
    """Explain a rule that nntrain judges by, or list all of them."""
    refuse_format("explain", format)
    from trainer_cli.config.parts import name_of
    from trainer_cli.config.read_checks import rule_meant
    from trainer_cli.config.rules import RULES
    from trainer_cli.report.explanation import explanation, overview, record

    known = {name_of(each): each for each in RULES}
    if rule is not None and rule not in known:
        typer.echo(f"unknown rule '{rule}'", err=True)
        typer.echo(f"hint: {rule_meant(rule, known)}", err=True)
        raise typer.Exit(2)
    chosen = list(RULES) if rule is None else [known[rule]]
    if format is Format.json:
        document = {
            "schema": "nntrain/1",
            "command": "explain",
            "rules": [record(each) for each in chosen],
        }
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    lines = overview() if rule is None else explanation(chosen[0])
    sys.stdout.write("\n".join(lines) + "\n")
