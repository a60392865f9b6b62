"""`nntrain data`: what the data of an experiment holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    group = typer.Typer(help="Look at the data of an experiment.", no_args_is_help=True)
    command(group, "info", "data", judges=False)(info)
    app.add_typer(group, name="data")


def info(session: Session) -> Report:
    """Show the size, shape, classes and splits of the experiment's data."""
    from trainer_cli.report.data_report import data_report

    return data_report(session.data)
