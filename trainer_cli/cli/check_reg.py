"""`nntrain check-reg`: does the penalty add exactly what it promises?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "check-reg")(check_reg)


def check_reg(session: Session) -> Report:
    """Check that penalties add exactly what they promise, and that units keep max_norm."""
    from trainer_cli.checks import regularization
    from trainer_cli.checks.untrained import SAMPLE
    from trainer_cli.report.report import Report

    experiment, dataset = session.experiment, session.dataset
    copies = regularization.copies(experiment)
    session.require_memory(min(SAMPLE, len(dataset.train)), "float64", copies)
    with session.busy("checking the penalty"):
        return Report(findings=regularization.check_reg(experiment, dataset))
