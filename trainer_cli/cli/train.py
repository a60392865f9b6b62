"""`nntrain train`: full training, watched live, recorded in a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "train")(train)


def train(
    session: Session,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            metavar="DIR",
            help="Run folder to write; never overwritten. Default: runs/train-<file>-<time>.",
            show_default=False,
        ),
    ] = None,
    smoke: Annotated[
        bool,
        typer.Option("--smoke", help="Go through every part on a few batches; leave nothing."),
    ] = False,
) -> Report:
    """Train the network; stop at once if the cost explodes, and say what the curve means."""
    from datetime import datetime

    from trainer_cli.cli.watching import signals_as_flag, watched
    from trainer_cli.config.dump import to_yaml
    from trainer_cli.report.report import Report
    from trainer_cli.report.training_report import training_report
    from trainer_cli.training.course import capacity
    from trainer_cli.training.recorded import train_recorded
    from trainer_cli.training.runs import default_folder
    from trainer_cli.training.smoke import smoke_test

    if smoke and run is not None:
        raise typer.BadParameter("--smoke leaves no run", param_hint="--run")
    experiment, dataset = session.experiment, session.dataset
    session.require_memory(capacity(experiment.training.batch_size, len(dataset.train)))
    if smoke:
        return Report(findings=[smoke_test(experiment, dataset, to_yaml(experiment))])
    folder = run or default_folder("train", session.loaded.stem, datetime.now())
    with signals_as_flag() as received, watched(session.progress, experiment, received) as watchers:
        recorded = train_recorded(
            experiment, dataset, config=to_yaml(experiment), folder=folder, watchers=watchers
        )
    return training_report(recorded, folder, received.exit_code)
