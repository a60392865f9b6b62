"""`nntrain train`: full training, watched live, recorded in a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report
    from trainer_cli.training.recorder import OpenMirror


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "train")(train)


def _folder(name: str, metavar: str, help: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar=metavar, help=help, show_default=False
    )
    return option


def train(
    session: Session,
    run: Annotated[
        Path | None,
        _folder(
            "--run",
            "DIR",
            "Run folder to write; never overwritten. Default: runs/train-<file>-<time>.",
        ),
    ] = None,
    resume: Annotated[
        Path | None, _folder("--resume", "RUN", "Go on with a run that was cut short.")
    ] = None,
    tensorboard: Annotated[
        Path | None,
        _folder("--tensorboard", "DIR", "Write event files for TensorBoard as well, to DIR/<run>."),
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
    from trainer_cli.training.identity import CONFIG
    from trainer_cli.training.material import capacity
    from trainer_cli.training.recorded import train_recorded
    from trainer_cli.training.runs import default_folder
    from trainer_cli.training.smoke import smoke_test
    from trainer_cli.training.taking_up import begin, go_on_in, read_identity

    if smoke and any(each is not None for each in (run, resume, tensorboard)):
        raise typer.BadParameter(
            "--smoke leaves nothing behind", param_hint="--run, --resume and --tensorboard"
        )
    if run is not None and resume is not None:
        raise typer.BadParameter("--resume goes on in its own folder", param_hint="--run")
    if resume is not None:
        read_identity(resume)
        session.read_instead(resume / CONFIG)
    experiment, dataset = session.experiment, session.dataset
    session.require_memory_to_train(capacity(experiment.training.batch_size, len(dataset.train)))
    config = to_yaml(experiment)
    if smoke:
        return Report(findings=[smoke_test(experiment, dataset, config)])
    place = resume or run or default_folder("train", session.loaded.stem, datetime.now())
    mirror = None
    if tensorboard is not None:
        mirror = _board(session, tensorboard / place.resolve().name, new=resume is None)
    folder = begin(place, config, dataset) if resume is None else go_on_in(place, config, dataset)
    try:
        with (
            signals_as_flag() as received,
            watched(session.progress, experiment, received) as watchers,
        ):
            recorded = train_recorded(experiment, dataset, folder, watchers=watchers, mirror=mirror)
    finally:
        folder.close()
    return training_report(recorded, place, received.exit_code)


def _board(session: Session, directory: Path, *, new: bool) -> OpenMirror:
    """Return what opens the log of a run for TensorBoard; refuses where that cannot be."""
    from trainer_cli.report.event_file import require_tensorboardx
    from trainer_cli.report.tensorboard import TensorBoardLog, require_new_log

    training, examples = session.experiment.training, len(session.dataset.train)
    if new:
        require_new_log(directory, training.members)
    require_tensorboardx()
    planned = training.epochs * -(-examples // training.batch_size)
    return lambda first: TensorBoardLog(
        directory, training.members, planned=planned, purge_step=first
    )
