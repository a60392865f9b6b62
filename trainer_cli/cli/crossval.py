"""`nntrain crossval`: k-fold cross-validation, all folds trained as one network."""

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
    command(app, "crossval")(crossval)


def crossval(
    session: Session,
    folds: Annotated[int, typer.Option("--folds", metavar="K", help="Number of folds.", min=2)] = 5,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            metavar="DIR",
            help="Run folder to write; never overwritten. Default: runs/crossval-<file>-<time>.",
            show_default=False,
        ),
    ] = None,
    smoke: Annotated[
        bool,
        typer.Option("--smoke", help="Go through every part on a few batches; leave nothing."),
    ] = False,
) -> Report:
    """Train without each fold in turn, and validate on it; the test set is never looked at."""
    from datetime import datetime

    from trainer_cli.cli.watching import signals_as_flag, watched
    from trainer_cli.config.dump import to_yaml
    from trainer_cli.report.crossval_report import crossval_report
    from trainer_cli.report.report import Report
    from trainer_cli.training.crossval import begin, cross_validate, divide
    from trainer_cli.training.crossval_smoke import smoke_folds
    from trainer_cli.training.runs import default_folder

    if smoke and run is not None:
        raise typer.BadParameter("--smoke leaves no run", param_hint="--run")
    experiment, dataset = session.experiment, session.dataset
    with session.busy("dividing the data"):
        made = divide(session.loaded, dataset, folds)
    config = to_yaml(experiment)
    if smoke:
        return Report(findings=[smoke_folds(experiment, dataset, made, config)])
    place = run or default_folder("crossval", session.loaded.stem, datetime.now())
    folder = begin(place, config, dataset, folds)
    try:
        with (
            signals_as_flag() as received,
            watched(session.progress, experiment, received, noun="fold") as watchers,
        ):
            ended = cross_validate(experiment, made, folder, watchers=watchers)
    finally:
        folder.close()
    return crossval_report(ended, place, received.exit_code)
