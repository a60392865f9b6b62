"""`nntrain check-data`: is there something wrong with the data?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "check-data")(check_data)


def check_data(session: Session) -> Report:
    """Check the data: values, labels, classes, scale, duplicates, splits, preprocessing."""
    from trainer_cli.checks import data
    from trainer_cli.checks.data.unscaled_inputs import SAMPLE
    from trainer_cli.report.report import Report

    experiment, dataset = session.experiment, session.dataset
    session.require_memory(min(SAMPLE, len(dataset.train)))
    with session.busy("checking the data"):
        return Report(findings=data.check_data(experiment, dataset))
