"""`nntrain check-loss`: is the loss of the untrained network what chance gives?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "check-loss")(check_loss)


def check_loss(session: Session) -> Report:
    """Check that the untrained network's loss is what chance gives: about ln C for softmax."""
    from trainer_cli.checks import initial_loss
    from trainer_cli.checks.untrained import SAMPLE
    from trainer_cli.report.report import Report

    experiment, dataset = session.experiment, session.dataset
    session.require_memory(min(SAMPLE, len(dataset.train)))
    with session.busy("checking the initial loss"):
        return Report(findings=initial_loss.check_loss(experiment, dataset))
