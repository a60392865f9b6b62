"""`nntrain sweep`: search hyper-parameters, coarse to fine, many trials as one network."""

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
    command(app, "sweep")(sweep)


def _option(
    name: str, metavar: str, help: str, least: int | None = None
) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar=metavar, help=help, min=least, show_default=False
    )
    return option


def sweep(
    session: Session,
    trials: Annotated[
        int | None, _option("--trials", "N", "Same as --set sweep.trials=N.", 1)
    ] = None,
    epochs: Annotated[
        int | None, _option("--epochs", "N", "Same as --set sweep.epochs=N.", 1)
    ] = None,
    stages: Annotated[
        int | None, _option("--stages", "N", "Same as --set sweep.stages=N.", 1)
    ] = None,
    ranges: Annotated[
        list[str] | None,
        _option("--range", "KEY=LOW:HIGH", "Search this key between two numbers. Repeatable."),
    ] = None,
    workers: Annotated[
        str | None,
        _option(
            "--workers",
            "N|tcp://HOST:PORT",
            "Processes on this machine, or a Dask cluster. Default: one for each processor.",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        _option("--run", "DIR", "Run folder to write. Default: runs/sweep-<file>-<time>."),
    ] = None,
    resume: Annotated[
        Path | None, _option("--resume", "RUN", "Go on with a sweep that was cut short.")
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="Go through every part on a few batches; leave nothing.")
    ] = False,
) -> Report:
    """Search good settings, coarse to fine; what explodes leaves at once. Says what it means."""
    from datetime import datetime

    from trainer_cli.cli.sweep_watching import sweep_watched
    from trainer_cli.cli.watching import signals_as_flag
    from trainer_cli.config.dump import to_yaml
    from trainer_cli.config.experiment import Sweep
    from trainer_cli.config.ranges import range_override
    from trainer_cli.report.report import Report
    from trainer_cli.report.sweep_picture import PICTURE, sweep_picture
    from trainer_cli.report.sweep_report import sweep_report
    from trainer_cli.report.sweep_table import TRIALS, trials_csv
    from trainer_cli.search.executors.choose import executor_for
    from trainer_cli.search.folder import SweepFolder, read_plan
    from trainer_cli.search.recorded import sweep_recorded
    from trainer_cli.search.smoke import smoke_sweep
    from trainer_cli.search.stack_size import this_machine
    from trainer_cli.search.work import DataOfTasks
    from trainer_cli.training.identity import CONFIG
    from trainer_cli.training.material import capacity
    from trainer_cli.training.runs import default_folder

    if smoke and (run is not None or resume is not None):
        raise typer.BadParameter("--smoke leaves no run", param_hint="--run and --resume")
    if run is not None and resume is not None:
        raise typer.BadParameter("--resume goes on in its own folder", param_hint="--run")
    if resume is not None:
        read_plan(resume)
        session.read_instead(resume / CONFIG)
    given = {"trials": trials, "epochs": epochs, "stages": stages}
    session.override(*(f"sweep.{key}={n}" for key, n in given.items() if n is not None))
    session.override(*[range_override(session.loaded, each) for each in ranges or []])
    if session.experiment.sweep is None:  # the usual one, held against the rest of the file
        session.override(f"sweep.epochs={Sweep().epochs}")

    experiment, dataset = session.experiment, session.dataset
    session.require_memory(capacity(experiment.training.batch_size, len(dataset.train)))
    settings = experiment.sweep
    assert settings is not None
    if smoke:
        return Report(findings=[smoke_sweep(session.loaded, settings, dataset)])
    config = to_yaml(experiment)
    data = DataOfTasks()
    data.keep(experiment, dataset)
    executor = executor_for(workers, data)
    for remark in executor.remarks:
        session.progress.print(remark, markup=False)
    try:
        if resume is None:
            place = run or default_folder("sweep", session.loaded.stem, datetime.now())
            folder = SweepFolder.create(place, config, dataset, this_machine())
        else:
            place, folder = resume, SweepFolder.resume(resume, config, dataset)
        try:
            with (
                signals_as_flag() as received,
                sweep_watched(
                    session.progress, settings, received, folder.results.values()
                ) as watch,
            ):
                recorded = sweep_recorded(
                    session.loaded, settings, dataset, folder, executor, data=data, watch=watch
                )
            folder.run.write(TRIALS, trials_csv(recorded.swept))
            pictured = sweep_picture(recorded.swept, place / PICTURE)
        finally:
            folder.close()
    finally:
        executor.close()
    return sweep_report(
        recorded.swept, recorded.findings, place, received.exit_code, pictured=pictured
    )
