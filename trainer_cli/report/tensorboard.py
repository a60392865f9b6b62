"""Shows what a run goes through in TensorBoard: which tags it has, and which points of a curve."""

from __future__ import annotations

from contextlib import ExitStack
from math import ceil
from pathlib import Path
from time import perf_counter

from trainer_cli.report.event_file import EventFile, Scalar, event_files, require_tensorboardx
from trainer_cli.training.history import Curve, Epoch, Look
from trainer_cli.training.runs import RunError

# TensorBoard shows no more points of a curve unless it is told to (--samples_per_plugin): of more
# it draws lots.
POINTS = 1000
# TensorBoard looks for something new as often.
SECONDS_BETWEEN_FLUSHES = 5.0


class TensorBoardLog:
    """The event files of a run: one in `directory`, or of M > 1 members in `member-0`, ...

    The step of every point is the number of updates. A point tells of the update itself:

        cost/total, cost/data, cost/penalty, learning_rate    of an update, before it
        epoch, cost/epoch, loss/..., accuracy/...             at an epoch's end
        update_ratio/<parameter>                              at a look
        activations/<layer>, dead/<layer>, saturated/<layer>  at a look

    Of the updates every k-th is kept, 1, 1 + k, 1 + 2k, ..., with the least k for which a run of
    `planned` updates has at most 1,000, and the last one before the log is closed. TensorBoard
    holds scalars as float32.
    """

    def __init__(
        self, directory: Path, members: int, *, planned: int, purge_step: int | None = None
    ) -> None:
        """Open the files. `planned` is the number of updates if no member stops early.

        A run that is resumed says with `purge_step` which step it logs first: the updates of its
        checkpoint + 1, or 0 where it begins anew. TensorBoard forgets that step and later ones of
        the files that are there.

        Raises RunError where tensorboardX is not installed, and, unless resumed, where the
        directory holds a log; OSError where it cannot be written.
        """
        if purge_step is None:
            require_new_log(directory, members)
        places = _places(directory, members)
        self._every = max(1, ceil((planned - 1) / (POINTS - 1)))
        self._last: dict[int, tuple[int, list[Scalar]]] = {}
        self._flushed = perf_counter()
        self._files: list[EventFile] = []
        with ExitStack() as opened:
            for place in places:
                self._files.append(EventFile(place, purge_step or 0))
                opened.callback(self._files[-1].close)
            self._opened = opened.pop_all()

    def updates(
        self,
        member: int,
        first: int,
        losses: Curve,
        penalties: Curve,
        rates: Curve,
    ) -> None:
        """Log updates in a row, from number `first` on, counted from 1."""
        if not len(losses):
            return
        for i in range((1 - first) % self._every, len(losses), self._every):
            values = _of_update(losses[i], penalties[i], rates[i])
            self._files[member].scalars(first + i, values)
        self._last.pop(member, None)
        last = first + len(losses) - 1
        if (last - 1) % self._every:
            self._last[member] = (last, _of_update(losses[-1], penalties[-1], rates[-1]))
        self._flush_now_and_then()

    def epoch(self, member: int, epoch: Epoch) -> None:
        """Log the figures of an epoch."""
        values = [
            ("epoch", float(epoch.epoch)),
            ("cost/epoch", epoch.cost),
            ("loss/train", epoch.train_loss),
            ("loss/validation", epoch.validation_loss),
            ("accuracy/train", epoch.train_accuracy),
            ("accuracy/validation", epoch.validation_accuracy),
        ]
        self._files[member].scalars(epoch.updates, values)
        self._flush_now_and_then()

    def look(self, member: int, look: Look) -> None:
        """Log a look inside the network; what it could not measure is left out."""
        ratios = ((f"update_ratio/{each.parameter}", each.ratio) for each in look.parameters)
        dead = ((f"dead/{each.layer}", each.dead) for each in look.layers)
        saturated = ((f"saturated/{each.layer}", each.saturated) for each in look.layers)
        values = [(tag, value) for tag, value in (*ratios, *dead, *saturated) if value is not None]
        self._files[member].scalars(look.update, values)
        self._files[member].histograms(look.update, look.layers)
        self._flush_now_and_then()

    def flush(self) -> None:
        """Hand all there is to the disk, as before a checkpoint: no point before it gets lost."""
        for file in self._files:
            file.flush()
        self._flushed = perf_counter()

    def close(self) -> None:
        """Log the last update, where it was left out, and close the files."""
        with self._opened:
            for member, (number, values) in self._last.items():
                self._files[member].scalars(number, values)
            self._last.clear()

    def _flush_now_and_then(self) -> None:
        if perf_counter() - self._flushed >= SECONDS_BETWEEN_FLUSHES:
            self.flush()


def _of_update(loss: float, penalty: float, rate: float) -> list[Scalar]:
    return [
        ("cost/total", loss + penalty),
        ("cost/data", loss),
        ("cost/penalty", penalty),
        ("learning_rate", rate),
    ]


def _places(directory: Path, members: int) -> list[Path]:
    names = [""] if members == 1 else [f"member-{m}" for m in range(members)]
    return [directory / name for name in names]


def require_new_log(directory: Path, members: int) -> None:
    """Raise RunError where tensorboardX is not installed or the directory holds a log."""
    require_tensorboardx()
    for place in _places(directory, members):
        if event_files(place):
            message = f"{place} holds the log of another run"
            raise RunError(message, "choose another --tensorboard")
