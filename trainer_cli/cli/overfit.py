"""`nntrain overfit`: can the network learn 20 examples by heart?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "overfit")(overfit)


def overfit(session: Session) -> Report:
    """Check that the network can learn 20 training examples by heart."""
    from trainer_cli.checks import overfit
    from trainer_cli.report.report import Report

    experiment, dataset = session.experiment, session.dataset
    session.require_memory(min(experiment.overfit.examples, len(dataset.train)))
    with session.busy("learning a few examples by heart"):
        finding, run = overfit.overfit(experiment, dataset)
    return Report(findings=[finding], results={"costs": list(run.costs)})
