"""`nntrain config`: the experiment as nntrain reads it, and the schema of the file for editors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Show the experiment as nntrain reads it.", no_args_is_help=True)
    command(group, "show", "config", judges=False)(show)
    group.command("schema")(schema)
    app.add_typer(group, name="config")


def show(session: Session) -> Report:
    """Print the experiment, complete with all defaults, as a file that runs as it is."""
    from trainer_cli.config.dump import to_yaml
    from trainer_cli.config.load import values_in
    from trainer_cli.report.report import Report

    text = to_yaml(session.experiment)
    return Report(findings=(), results={"experiment": values_in(text)}, text=text)


def schema() -> None:
    """Print the JSON Schema of the experiment file, for editors."""
    import json

    from trainer_cli.config.schema import schema as schema_of_file

    sys.stdout.write(json.dumps(schema_of_file(), indent=2, ensure_ascii=False) + "\n")
