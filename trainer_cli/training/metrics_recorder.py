"""Writes what a run tells as the lines of metrics.jsonl, and shows it elsewhere if wanted."""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.training.history import Epoch, Look, Setting, Start, Stopped
from trainer_cli.training.metrics import (
    epoch_record,
    look_record,
    start_record,
    stopped_record,
    update_lines,
)
from trainer_cli.training.recorder import Block, Mirror
from trainer_cli.training.runs import Journal


class MetricsRecorder:
    """The recorder of a run folder; only the lines of several members say whose they are.

    OSError comes with the name of the file that could not be written.
    """

    def __init__(self, journal: Journal, *, several: bool, mirror: Mirror | None = None) -> None:
        self._journal, self._several, self._mirror = journal, several, mirror

    def _of(self, member: int) -> int | None:
        return member if self._several else None

    def start(self, member: int, setting: Setting, start: Start) -> None:
        """Write what a member begins with."""
        self._journal.append(start_record(self._of(member), setting, start))

    def updates(self, block: Block) -> None:
        """Write the lines of updates."""
        members: Sequence[int] | None = block.members if self._several else None
        self._journal.write(
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
        self._journal.append(epoch_record(self._of(member), epoch))
        if self._mirror is not None:
            self._mirror.epoch(member, epoch)

    def look(self, member: int, look: Look) -> None:
        """Write the line of a look."""
        self._journal.append(look_record(self._of(member), look))
        if self._mirror is not None:
            self._mirror.look(member, look)

    def stopped(self, member: int, reason: Stopped, epoch: int, updates: int, cost: float) -> None:
        """Write why a member's training ended."""
        self._journal.append(stopped_record(self._of(member), reason, epoch, updates, cost))

    def sync(self) -> tuple[int, str]:
        """Wait until all is on the disk; return length and digest of metrics.jsonl."""
        if self._mirror is not None:
            self._mirror.flush()
        return self._journal.sync()
