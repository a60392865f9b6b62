"""`nntrain report`: a page about runs that opens in any browser, and pictures beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.command import run_command

if TYPE_CHECKING:
    from trainer_cli.cli.run_session import RunSession
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    run_command(app, "report", judges=False)(report)


def report(
    session: RunSession,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="DIR",
            help="Folder for the page and its pictures. Default: report in the run folder; "
            "report-<time> for several runs.",
            show_default=False,
        ),
    ] = None,
) -> Report:
    """Write a page (HTML) and pictures (PNG) about a run, or about several to compare them."""
    from datetime import datetime

    from trainer_cli.report.page.facts import facts_of
    from trainer_cli.report.page.written import (
        default_place,
        refuse_unwritable,
        write_page,
        written_report,
    )

    runs = session.runs
    place = to or default_place([run.folder for run in runs], datetime.now())
    refuse_unwritable(place)
    with session.busy("reading the runs"):
        facts = [facts_of(run) for run in runs]
    with session.busy("drawing the page"):
        written = write_page(facts, place)
    return written_report(facts, written)
