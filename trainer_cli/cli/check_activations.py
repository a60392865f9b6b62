"""`nntrain check-activations`: do signals get through the untrained network, both ways?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "check-activations")(check_activations)


def check_activations(session: Session) -> Report:
    """Check that activations and gradients neither vanish nor explode at the start."""
    from trainer_cli.checks import activations
    from trainer_cli.checks.untrained import SAMPLE
    from trainer_cli.report.activations_report import activations_report

    experiment, dataset = session.experiment, session.dataset
    session.require_memory(min(SAMPLE, len(dataset.train)))
    with session.busy("following the signal through the network"):
        return activations_report(activations.check_activations(experiment, dataset))
