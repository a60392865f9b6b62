"""`nntrain diagnose`: what the history of a run says, again, from its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from trainer_cli.cli.command import run_command

if TYPE_CHECKING:
    from trainer_cli.cli.run_session import RunSession
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    run_command(app, "diagnose")(diagnose)


def diagnose(session: RunSession) -> Report:
    """Say again what the curves of a run mean; also of one that goes on or was cut short."""
    from trainer_cli.report.diagnosis_report import diagnosis_report
    from trainer_cli.training.rediagnosis import diagnose_run

    run = session.run
    with session.busy("diagnosing"):
        return diagnosis_report(diagnose_run(run), run.folder)
