"""Brings the run of a folder to where its newest whole checkpoint was, or to its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.checkpoints import Checkpoint, Checkpoints
from trainer_cli.training.findings import counted
from trainer_cli.training.history import History
from trainer_cli.training.identity import CONFIG
from trainer_cli.training.metrics import METRICS, histories
from trainer_cli.training.metrics_recorder import MetricsRecorder
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.recorder import Mirror, OpenMirror
from trainer_cli.training.run import Run
from trainer_cli.training.run_keeper import RunKeeper, snapshot_name
from trainer_cli.training.runs import Journal, RunError, RunFolder
from trainer_cli.training.weight_files import read_weights


@dataclass(frozen=True)
class Place:
    """Where a run is recorded: its folder, what else shows it, and what is closed at the end."""

    folder: RunFolder
    opened: ExitStack
    watchers: Watchers
    mirror: OpenMirror | None

    def metrics(self, length: int) -> Journal:
        """Return metrics.jsonl, cut to so many bytes."""
        journal = self.folder.journal(METRICS, length)
        self.opened.callback(journal.close)
        return journal

    def shown(self, *, anew: bool) -> Mirror | None:
        """Return what else shows the run; `anew` what was shown before is forgotten."""
        if self.mirror is None:
            return None
        mirror = self.mirror(0 if anew else None)
        self.opened.callback(mirror.close)
        return mirror


def resumed(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    place: Place,
    batches_per_epoch: int | None,
) -> tuple[Run, RunKeeper]:
    """Return the run of a folder, ready to go on, and who keeps its networks.

    What is found on the way (damaged files, where it goes on) is told as remarks.
    """
    folder = place.folder.folder
    begun = (folder / METRICS).exists()
    checkpoints = Checkpoints(folder, (folder / CONFIG).read_text(encoding="utf-8"))
    newest = checkpoints.newest()
    metrics = place.metrics(0 if newest is None else newest.state["recorded"][0])
    mirror = place.shown(anew=begun)
    recorder = MetricsRecorder(metrics, several=len(experiments) > 1, mirror=mirror)
    every = experiments[0].training.checkpoint_every
    keeper = RunKeeper(place.folder, recorder, checkpoints, every=every)
    run = Run(experiments, dataset, recorder, keeper, batches_per_epoch=batches_per_epoch)
    for remark in checkpoints.remarks:
        place.watchers.remark(remark)
    if newest is None:
        if begun:
            place.watchers.remark("there is no checkpoint to go on from: training begins again")
        run.begin()
        return run, keeper
    gone_through = _gone_through(metrics)
    run.restore(newest.arrays, newest.state, gone_through)
    keeper.go_on(newest.state)
    if mirror is not None:
        _show(gone_through, mirror)
    for remark in _remarks(place, newest, run, keeper):
        place.watchers.remark(remark)
    return run, keeper


def _gone_through(metrics: Journal) -> list[History]:
    try:
        return histories(metrics.records())
    except ValueError as error:
        raise RunError(f"{metrics.path} is damaged: {error}", "begin a new run") from None


def _show(gone_through: Sequence[History], mirror: Mirror) -> None:
    """Show what a run has gone through before, as its log elsewhere may lack some of it."""
    for history in gone_through:
        member = history.member
        mirror.updates(member, 1, history.losses, history.penalties, history.rates)
        for look in history.looks:
            mirror.look(member, look)
        for epoch in history.epochs:
            mirror.epoch(member, epoch)


def _remarks(place: Place, newest: Checkpoint, run: Run, keeper: RunKeeper) -> list[str]:
    """Return which snapshots are lost, and where the run goes on."""
    lost = []
    for update in keeper.snapshots:
        path = place.folder.folder / f"{snapshot_name(update)}.safetensors"
        try:
            read_weights(path)
        except (OSError, RunError):
            lost.append(f"{path} is lost or damaged, and cannot be made again")
    updates = counted(run.course.updates, "update")
    if run.epoch == run.experiments[0].training.epochs or not run.course.members:
        return [*lost, f"training had ended after {updates}"]
    return [*lost, f"training goes on in epoch {run.epoch + 1}, after {updates}"]
