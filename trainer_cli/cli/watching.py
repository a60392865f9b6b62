"""What a user sees of a training run while it goes on, and how a signal ends it in good order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType

from rich.console import Console

from trainer_cli.config.experiment import Experiment
from trainer_cli.training.outcome import Epoch, Watchers
from trainer_cli.training.stack import Stack

# Ctrl-C, a polite kill, and a terminal that was closed.
ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
# A bar redrawn more often than this only costs time.
SECONDS_BETWEEN_DRAWS = 0.05


class Received:
    """The signal that has arrived, if any."""

    def __init__(self) -> None:
        self.number: int | None = None

    @property
    def exit_code(self) -> int | None:
        """128 + the signal's number, as shells report it: 130 for Ctrl-C, 143 for SIGTERM."""
        return None if self.number is None else 128 + self.number


@contextmanager
def signals_as_flag() -> Iterator[Received]:
    """Note Ctrl-C and SIGTERM instead of breaking off; a second one breaks off at once."""
    received = Received()
    before = {
        number: handler
        for number in ENDING
        if (handler := signal.getsignal(number)) not in (signal.SIG_IGN, None)  # as under nohup
    }

    def note(number: int, frame: FrameType | None) -> None:
        received.number = number
        for each, handler in before.items():
            signal.signal(each, handler)

    for number in before:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def watched(console: Console, experiment: Experiment, received: Received) -> Iterator[Watchers]:
    """Show a line for each epoch and, on a terminal, a bar below them."""
    epochs = experiment.training.epochs
    stop = lambda: received.number is not None  # noqa: E731
    if not console.is_terminal or console.quiet:
        yield Watchers(epoch=lambda e, s, b: _say(console, e, epochs, best=b), stop=stop)
        return

    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        task = progress.add_task("", total=float(epochs), epoch=1, epochs=epochs)
        drawn = perf_counter()

        def batch(epoch: int, done: int, total: int) -> None:
            nonlocal drawn
            if perf_counter() - drawn >= SECONDS_BETWEEN_DRAWS:
                progress.update(task, completed=epoch - 1 + done / total, epoch=epoch)
                drawn = perf_counter()

        def epoch(figures: Epoch, stack: Stack, best: bool) -> None:
            progress.update(task, completed=float(figures.epoch), epoch=figures.epoch)
            _say(progress.console, figures, epochs, best=best)

        yield Watchers(batch=batch, epoch=epoch, stop=stop)


def _say(console: Console, figures: Epoch, epochs: int, *, best: bool) -> None:
    console.print(epoch_line(figures, epochs, best=best), soft_wrap=True, markup=False)


def epoch_line(figures: Epoch, epochs: int, *, best: bool) -> str:
    """Return one epoch's figures in at most 80 columns; a star marks the best so far."""
    return (
        f"epoch {figures.epoch:>{len(str(epochs))}}/{epochs}"
        f"  cost {figures.cost:<7.4g}"
        f"  train {figures.train_accuracy:6.1%}"
        f"  valid {figures.validation_accuracy:6.1%}{'*' if best else ' '}"
        f"  rate {figures.learning_rate:<7.2g}"
        f"  {_duration(figures.seconds):>6}"
    )


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
