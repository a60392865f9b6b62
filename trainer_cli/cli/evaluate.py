"""`nntrain evaluate`: what trained networks are worth on the test set, alone or together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.choice import SNAPSHOTS, WEIGHTS, Which, chosen
from trainer_cli.cli.command import run_command

if TYPE_CHECKING:
    from trainer_cli.cli.run_session import RunSession
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    run_command(app, "evaluate")(evaluate)


def evaluate(
    session: RunSession,
    weights: Annotated[Which | None, WEIGHTS] = None,
    snapshots: Annotated[bool, SNAPSHOTS] = False,
) -> Report:
    """Judge trained networks on the test set, once, at the end; several are averaged."""
    from trainer_cli.report.evaluation_report import evaluation_report
    from trainer_cli.training.evaluation import evaluate as evaluate_runs

    choice = chosen(weights, snapshots=snapshots)
    runs = session.runs
    with session.busy("evaluating"):
        return evaluation_report(evaluate_runs(runs, choice), session.width)
