"""Keeps the networks of a run in its folder: the best, snapshots, and checkpoints to go on from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from trainer_cli.training.checkpoints import Checkpoints
from trainer_cli.training.metrics_recorder import MetricsRecorder
from trainer_cli.training.networks import Networks
from trainer_cli.training.run import Run
from trainer_cli.training.runs import RunFolder

# Epochs may take milliseconds, a flushed file tens of them: the best weights go to disk no more
# often than this, and at the end.
SECONDS_BETWEEN_WEIGHTS = 1.0
# Unless the experiment says every how many epochs: so much training may be lost, or, where a
# checkpoint takes long, so many times what the last one took.
SECONDS_BETWEEN_CHECKPOINTS = 5.0
TIMES_ITS_COST = 50


def snapshot_name(update: int) -> str:
    """Return the name of the networks after so many updates, at a minimum of the schedule."""
    return f"snapshots/update-{update:08d}"


class RunKeeper:
    """The keeper of a training run; OSError names the file that could not be written.

    snapshots  the updates after which networks were kept
    """

    def __init__(
        self,
        folder: RunFolder,
        metrics: MetricsRecorder,
        checkpoints: Checkpoints,
        *,
        every: int | None,
    ) -> None:
        """`every` is the number of epochs between checkpoints, None for some seconds."""
        self.snapshots: list[int] = []
        self._spent, self._begun = 0.0, perf_counter()
        self._folder, self._metrics, self._checkpoints = folder, metrics, checkpoints
        self._every = every
        self._weights_at = -SECONDS_BETWEEN_WEIGHTS
        self._weights_are_old = True  # those of a run that goes on may be
        self._due_at = perf_counter() + SECONDS_BETWEEN_CHECKPOINTS

    def snapshot(self, update: int, networks: Callable[[], Networks]) -> None:
        """Write the networks at a minimum of the schedule."""
        self._folder.save_networks(snapshot_name(update), networks())
        self.snapshots.append(update)

    def end_of_epoch(self, run: Run, *, best: bool) -> None:
        """Write the best weights if those on disk are old, and a checkpoint if one is due."""
        now = perf_counter()
        self._weights_are_old = self._weights_are_old or best
        due = self._weights_are_old and now - self._weights_at >= SECONDS_BETWEEN_WEIGHTS
        networks = run.best() if due else None
        if networks is not None:
            self._folder.save_networks("best", networks)
            self._weights_at, self._weights_are_old = now, False
        over = run.epoch == run.experiments[0].training.epochs or not run.course.members
        due = now >= self._due_at if self._every is None else run.epoch % self._every == 0
        if over or due:
            self._checkpoint(run)

    @property
    def seconds(self) -> float:
        """The time that the run has taken so far, by all processes that worked on it."""
        return self._spent + perf_counter() - self._begun

    def go_on(self, state: Mapping[str, Any]) -> None:
        """Take over what a checkpoint says of its keeper."""
        self.snapshots, self._spent = list(state["snapshots"]), state["seconds"]

    def interrupted(self, run: Run) -> None:
        """Write a checkpoint in the middle of an epoch."""
        self._checkpoint(run)

    def _checkpoint(self, run: Run) -> None:
        begun = perf_counter()
        arrays, state = run.state()
        recorded = self._metrics.sync()
        own = {"recorded": recorded, "snapshots": self.snapshots, "seconds": self.seconds}
        self._checkpoints.save(run.course.updates, arrays, {**state, **own})
        took = perf_counter() - begun
        self._due_at = perf_counter() + max(SECONDS_BETWEEN_CHECKPOINTS, TIMES_ITS_COST * took)
