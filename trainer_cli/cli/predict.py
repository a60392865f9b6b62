"""`nntrain predict`: the classes of examples that nobody has labelled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.choice import SNAPSHOTS, WEIGHTS, Which, chosen
from trainer_cli.cli.command import run_command

if TYPE_CHECKING:
    from trainer_cli.cli.run_session import RunSession
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    run_command(app, "predict", judges=False)(predict)


def predict(
    session: RunSession,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Examples: .npz (array X), .npy or .csv.", show_default=False
        ),
    ],
    weights: Annotated[Which | None, WEIGHTS] = None,
    snapshots: Annotated[bool, SNAPSHOTS] = False,
) -> Report:
    """Write the class and the probabilities of every example as CSV; several runs are averaged."""
    from trainer_cli.report.predictions_report import predictions_report
    from trainer_cli.training.predictions import predict as predict_with

    choice = chosen(weights, snapshots=snapshots)
    session.keep_from_output(file)
    runs = session.runs
    with session.busy("predicting"):
        report = predictions_report(predict_with(runs, choice, file))
    session.warn(report.findings)
    return report
