"""Keeps a training run in its folder: metrics.jsonl, weights, snapshots and checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

from trainer_cli.training.checkpoints import Checkpoints
from trainer_cli.training.history import Epoch, Look, Setting, Start, Stopped
from trainer_cli.training.metrics import (
    epoch_record,
    look_record,
    start_record,
    stopped_record,
    update_lines,
)
from trainer_cli.training.networks import Networks
from trainer_cli.training.recorder import Block, Mirror
from trainer_cli.training.run import Run
from trainer_cli.training.runs import Journal, RunFolder

# Epochs may take milliseconds, a flushed file tens of them: the best weights go to disk no more
# often than this, and at the end.
SECONDS_BETWEEN_WEIGHTS = 1.0
# Unless the experiment says every how many epochs: so much training may be lost, or, where a
# checkpoint takes long, so many times what the last one took.
SECONDS_BETWEEN_CHECKPOINTS = 5.0
TIMES_ITS_COST = 50


class RunRecorder:
    """Writes what a run of M members tells; only the lines of several members say whose they are.

    OSError comes with the name of the file that could not be written.
    """

    def __init__(
        self,
        folder: RunFolder,
        metrics: Journal,
        checkpoints: Checkpoints,
        *,
        members: int,
        every: int | None,
        mirror: Mirror | None,
    ) -> None:
        """`every` is the number of epochs between checkpoints, None for some seconds."""
        self._mirror = mirror
        self._folder, self._metrics, self._checkpoints = folder, metrics, checkpoints
        self._several, self._every = members > 1, every
        self._weights_at = -SECONDS_BETWEEN_WEIGHTS
        self._weights_are_old = True  # those of a run that goes on may be
        self._due_at = perf_counter() + SECONDS_BETWEEN_CHECKPOINTS

    def _of(self, member: int) -> int | None:
        return member if self._several else None

    def start(self, member: int, setting: Setting, start: Start) -> None:
        """Write what a member begins with."""
        self._metrics.append(start_record(self._of(member), setting, start))

    def updates(self, block: Block) -> None:
        """Write the lines of updates."""
        members: Sequence[int] | None = block.members if self._several else None
        self._metrics.write(
            update_lines(
                members,
                block.epoch,
                block.first,
                block.losses.tolist(),
                block.penalties.tolist(),
                block.rates.tolist(),
            )
        )
        if self._mirror is not None:
            for m, member in enumerate(block.members):
                losses, penalties = block.losses[:, m], block.penalties[:, m]
                self._mirror.updates(member, block.first, losses, penalties, block.rates)

    def epoch(self, member: int, epoch: Epoch) -> None:
        """Write the line of an epoch."""
        self._metrics.append(epoch_record(self._of(member), epoch))
        if self._mirror is not None:
            self._mirror.epoch(member, epoch)

    def look(self, member: int, look: Look) -> None:
        """Write the line of a look."""
        self._metrics.append(look_record(self._of(member), look))
        if self._mirror is not None:
            self._mirror.look(member, look)

    def stopped(self, member: int, reason: Stopped, epoch: int, updates: int, cost: float) -> None:
        """Write why a member's training ended."""
        self._metrics.append(stopped_record(self._of(member), reason, epoch, updates, cost))

    def snapshot(self, update: int, networks: Callable[[], Networks]) -> None:
        """Write the networks at a minimum of the schedule."""
        self._folder.save_networks(f"snapshots/update-{update:08d}", networks())

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

    def interrupted(self, run: Run) -> None:
        """Write a checkpoint in the middle of an epoch."""
        self._checkpoint(run)

    def _checkpoint(self, run: Run) -> None:
        begun = perf_counter()
        arrays, state = run.state()
        if self._mirror is not None:
            self._mirror.flush()
        recorded = self._metrics.sync()
        self._checkpoints.save(run.course.updates, arrays, {**state, "recorded": recorded})
        took = perf_counter() - begun
        self._due_at = perf_counter() + max(SECONDS_BETWEEN_CHECKPOINTS, TIMES_ITS_COST * took)
