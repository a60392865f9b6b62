"""What a user sees of a training run while it goes on, and how a signal ends it in good order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from trainer_cli.config.experiment import Experiment
from trainer_cli.report.terminal_curve import Buckets, curve_lines
from trainer_cli.training import diagnosis
from trainer_cli.training.history import Curve
from trainer_cli.training.outcome import EpochEnd, Watchers

# Ctrl-C, a polite kill, and a terminal that was closed.
ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
# A bar redrawn more often than this only costs time.
SECONDS_BETWEEN_DRAWS = 0.05
DRAWS_PER_SECOND = 8
SECONDS_BETWEEN_LOOKS = 1.0
CURVE_WIDTH, CURVE_HEIGHT = 72, 5
LINE_WIDTH = 80  # of an epoch's line at the most, however wide the terminal is
NUMBER_WIDTH = 7  # of a cost, a rate or a time
BUCKETS = 128


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
def watched(
    console: Console, experiment: Experiment, received: Received, noun: str = "member"
) -> Iterator[Watchers]:
    """Show a line for each epoch and, on a terminal, the curve of the cost and a bar below.

    `noun` is what one of several members is called.
    """
    epochs = experiment.training.epochs
    trouble = Trouble(console, experiment, noun)

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    def epoch(end: EpochEnd) -> None:
        width = console.width if console.is_terminal else LINE_WIDTH
        say(epoch_line(end, epochs, min(width, LINE_WIDTH)))
        trouble.look(end)

    def stop() -> bool:
        return received.number is not None

    if not console.is_terminal or console.quiet:
        yield Watchers(epoch=epoch, stop=stop, remark=say)
        return
    picture = Picture(console, epochs)
    with Live(picture, console=console, refresh_per_second=DRAWS_PER_SECOND):
        yield Watchers(batch=picture.batch, epoch=epoch, stop=stop, remark=say)
        picture.finish()


class Trouble:
    """Tells what the diagnosis can say for sure while training goes on, each rule once."""

    def __init__(self, console: Console, experiment: Experiment, noun: str) -> None:
        self._console, self._experiment, self._noun = console, experiment, noun
        self._told: set[str] = set()
        self._looked = perf_counter()

    def look(self, end: EpochEnd) -> None:
        """Look at a run once an epoch, but no more than once a second."""
        if self._console.quiet or perf_counter() - self._looked < SECONDS_BETWEEN_LOOKS:
            return
        histories = end.histories()
        for history in histories:
            whose = f"{self._noun} {history.member}: " if len(histories) > 1 else ""
            for finding in diagnosis.live(self._experiment, history):
                if finding.rule not in self._told:
                    self._told.add(finding.rule)
                    text = f"{finding.status}: {finding.rule}: {whose}{finding.message}"
                    self._console.print(text, style="yellow", soft_wrap=True, markup=False)
        self._looked = perf_counter()


class Picture:
    """The curve of the cost and how far training is, drawn anew whenever the terminal is."""

    def __init__(self, console: Console, epochs: int) -> None:
        self._epochs = epochs
        self._buckets = Buckets(BUCKETS)
        columns = (
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=console, expand=True)
        self._task = self._progress.add_task("", total=float(epochs), epoch=1, epochs=epochs)
        self._at = 1, 0.0
        self._over = False
        self._braille = "utf" in (console.encoding or "").lower()

    def batch(self, epoch: int, done: int, total: int, costs: Curve) -> None:
        """Take a batch with the costs of its members, (M,): the curve is that of their mean."""
        # costs.mean() takes 4 µs, of an update of a small network that takes 50.
        self._buckets.add(sum(costs.tolist()) / len(costs))
        self._at = epoch, epoch - 1 + done / total

    def finish(self) -> None:
        """Leave the curve alone."""
        self._over = True  # and no more: another thread may be drawing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the curve and the bar."""
        if self._braille:
            width = min(options.max_width, CURVE_WIDTH)
            for line in curve_lines(self._buckets.means(), width, CURVE_HEIGHT, "cost"):
                yield Text(line, no_wrap=True)
        if not self._over:
            epoch, completed = self._at
            self._progress.update(self._task, completed=completed, epoch=epoch)
            yield self._progress


def epoch_line(end: EpochEnd, epochs: int, width: int = LINE_WIDTH) -> str:
    """Return one epoch's figures in at most `width` columns; a star marks the best so far.

    Of several members the means are given. What there is no room for is left out, the learning rate
    first, and of all epochs alike.
    """
    figures = list(end.figures.values())

    def mean(name: str) -> float:
        return float(sum(getattr(each, name) for each in figures)) / len(figures)

    cells = {
        "epoch": f"epoch {end.number:>{len(str(epochs))}}/{epochs}",
        "cost": f"  cost {_short(mean('cost')):<{NUMBER_WIDTH}}",
        "train": f"  train {mean('train_accuracy'):6.1%}",
        "valid": f"  valid {mean('validation_accuracy'):6.1%}{'*' if end.best else ' '}",
        "rate": f"  rate {mean('learning_rate'):<{NUMBER_WIDTH}.2g}",
        "time": f" {_duration(end.seconds):>{NUMBER_WIDTH}}",
    }
    for least in ("rate", "time", "train"):
        if sum(map(len, cells.values())) > width:
            del cells[least]
    return "".join(cells.values())


def _short(number: float) -> str:
    """Return a number with up to four digits, fewer where they need more room than there is.

    >>> [_short(number) for number in (2.30261, 0.00946312, 1234567.0)]
    ['2.303', '0.00946', '1.2e+06']
    """
    texts = (f"{number:.{digits}g}" for digits in (4, 3, 2, 1))
    return next(text for text in texts if len(text) <= NUMBER_WIDTH)


def _duration(seconds: float) -> str:
    """Return a time in seven columns at the most.

    >>> [_duration(seconds) for seconds in (0.9999, 59.96, 86400.0)]
    ['1.0 s', '60.0 s', '86400 s']
    """
    if seconds < 0.9995:  # above, it is not to be 1000 ms
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 999.95 else f"{seconds:.0f} s"
