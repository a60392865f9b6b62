"""Keeps what the folds of a cross-validation go through, line by line; it is not gone on with."""

from __future__ import annotations

from collections.abc import Callable

from trainer_cli.training.history import Epoch, Look, Setting, Start, Stopped
from trainer_cli.training.metrics import (
    epoch_record,
    look_record,
    start_record,
    stopped_record,
    update_lines,
)
from trainer_cli.training.networks import Networks
from trainer_cli.training.recorder import Block
from trainer_cli.training.run import Run
from trainer_cli.training.runs import Journal


class FoldRecorder:
    """Writes metrics.jsonl, where a fold is a member, and no weights: the last ones are kept later.

    OSError comes with the name of the file that could not be written.
    """

    def __init__(self, metrics: Journal) -> None:
        self._metrics = metrics

    def start(self, member: int, setting: Setting, start: Start) -> None:
        """Write what a fold begins with."""
        self._metrics.append(start_record(member, setting, start))

    def updates(self, block: Block) -> None:
        """Write the lines of updates."""
        curves = (block.losses.tolist(), block.penalties.tolist(), block.rates.tolist())
        self._metrics.write(update_lines(block.members, block.epoch, block.first, *curves))

    def epoch(self, member: int, epoch: Epoch) -> None:
        """Write the line of an epoch."""
        self._metrics.append(epoch_record(member, epoch))

    def look(self, member: int, look: Look) -> None:
        """Write the line of a look."""
        self._metrics.append(look_record(member, look))

    def stopped(self, member: int, reason: Stopped, epoch: int, updates: int, cost: float) -> None:
        """Write why a fold's training ended."""
        self._metrics.append(stopped_record(member, reason, epoch, updates, cost))

    def snapshot(self, update: int, networks: Callable[[], Networks]) -> None:
        """Keep no snapshot."""

    def end_of_epoch(self, run: Run, *, best: bool) -> None:
        """Keep nothing: the best epoch would be chosen by the fold that is judged by."""

    def interrupted(self, run: Run) -> None:
        """Keep no checkpoint."""
