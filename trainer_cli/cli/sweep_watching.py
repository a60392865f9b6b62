"""What a user sees of a sweep while it goes on: its plan, every trial that ends, and a bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console
from rich.text import Text

from trainer_cli.cli.watching import SECONDS_BETWEEN_DRAWS, Received
from trainer_cli.config.experiment import Sweep
from trainer_cli.report.sweep_words import key_name, range_text, value_shown
from trainer_cli.search.messages import Progress, Task
from trainer_cli.search.plan import Stage
from trainer_cli.search.stacked import rungs_of
from trainer_cli.search.sweep import SweepWatch
from trainer_cli.search.trials import Result, rank
from trainer_cli.training.findings import counted


@contextmanager
def sweep_watched(
    console: Console, settings: Sweep, received: Received, known: Iterable[Result] = ()
) -> Iterator[SweepWatch]:
    """Show each stage's plan, a line for each trial that ends and, on a terminal, a bar below.

    `known` are the results that a resumed sweep has already.
    """
    stop = lambda: received.number is not None  # noqa: E731
    onlooker = _Onlooker(console, settings.stages, known)
    if not console.is_terminal or console.quiet:
        yield SweepWatch(stage=onlooker.stage, result=onlooker.result, stop=stop)
        return

    from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[left]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True, expand=True) as bar:
        shown: TaskID | None = None
        drawn = perf_counter()

        def stage(plan: Stage) -> None:
            nonlocal shown
            onlooker.stage(plan)
            if shown is not None:  # the time left is that of a stage: a new bar for each
                bar.remove_task(shown)
            name = f"stage {plan.number}/{settings.stages}"
            shown = bar.add_task(name, total=1.0, left=onlooker.left)

        def progress(message: Progress) -> None:
            nonlocal drawn
            onlooker.progress(message)
            if perf_counter() - drawn >= SECONDS_BETWEEN_DRAWS and shown is not None:
                bar.update(shown, completed=onlooker.share, left=onlooker.left)
                drawn = perf_counter()

        yield SweepWatch(stage=stage, result=onlooker.result, progress=progress, stop=stop)


class _Onlooker:
    """Knows how far a stage is, and its best trial so far."""

    def __init__(self, console: Console, stages: int, known: Iterable[Result]) -> None:
        self._console, self._stages = console, stages
        self._known = {result.trial: result for result in known}
        self._plan: Stage | None = None
        self._before: Stage | None = None
        self._shares: dict[int, float] = {}  # of each stack's updates, by its number
        self._open: set[int] = set()  # trials that have no result yet
        self._best: Result | None = None

    def stage(self, plan: Stage) -> None:
        self._before, self._plan, self._best = self._plan, plan, None
        self._open = {trial.number for trial in plan.trials} - self._known.keys()
        self._shares = {task.number: 0.0 for task in plan.tasks}
        for result in self._known.values():
            if result.stage == plan.number:
                self._improves(result)
        for line in stage_lines(plan, self._stages, self._before):
            self._say(line)

    def result(self, result: Result, count: int) -> None:
        assert self._plan is not None
        self._open.discard(result.trial)
        star = " *" if self._improves(result) else ""
        self._say(f"{result_line(result, count, self._plan)}{star}")

    def progress(self, message: Progress) -> None:
        self._shares[message.task] = message.share

    @property
    def left(self) -> str:
        """How many trials have not ended yet."""
        return f"{counted(len(self._open), 'trial')} left"

    @property
    def share(self) -> float:
        """Share of the stage's updates that are done; a stack counts by its trials."""
        assert self._plan is not None
        tasks = self._plan.tasks
        done = sum(len(task.trials) * self._share(task) for task in tasks)
        return done / max(1, sum(len(task.trials) for task in tasks))

    def _share(self, task: Task) -> float:
        ended = all(trial.number not in self._open for trial in task.trials)
        return 1.0 if ended else self._shares[task.number]

    def _improves(self, result: Result) -> bool:
        """Take note of a result, and return whether it is the best one so far."""
        if result.state != "finished":
            return False
        better = self._best is None or rank(result) < rank(self._best)
        if better:
            self._best = result
        return better

    def _say(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)  # whole, however narrow the terminal


def stage_lines(plan: Stage, stages: int, before: Stage | None) -> list[str]:
    """Return what a stage does: how much it trains, and the range of every key."""
    head = f"stage {plan.number} of {stages}: {counted(len(plan.trials), 'trial')}"
    if plan.infeasible:
        head += f" ({len(plan.infeasible):,} infeasible)"
    sizes = sorted({len(task.trials) for task in plan.tasks})
    if sizes:
        to = f" to {sizes[-1]:,}" if len(sizes) > 1 else ""
        head += f" in {counted(len(plan.tasks), 'stack')} of {sizes[0]:,}{to}"
        head += f", {counted(plan.epochs, 'epoch')} each"
    return [
        head,
        *(
            f"  {path}: {range_text(now, None if before is None else before.space[path])}"
            for path, now in plan.space.items()
        ),
        *_idle_halving(plan),
    ]


def _idle_halving(plan: Stage) -> Iterator[str]:
    """Say why successive halving, where it is turned on, can stop no trial of a stage."""
    factor = plan.tasks[0].halving if plan.tasks else None
    if factor is None:
        return
    if not rungs_of(plan.epochs, factor):
        epochs = counted(plan.epochs, "epoch")
        yield f"  halving: nothing to stop, as 1/{factor} of {epochs} is less than one"
    elif all(len(task.trials) == 1 for task in plan.tasks):
        yield "  halving: nothing to stop, as no stack has more than 1 trial"


def result_line(result: Result, count: int, plan: Stage) -> str:
    """Return the lecture's line for a trial that has ended, the `count`-th of its stage."""
    accuracy = result.validation_accuracy
    ended = f"{accuracy:f}" if result.state == "finished" and accuracy is not None else result.state
    values = "".join(
        f"{key_name(path)}: {value_shown(result.values[path], each, 6)}, "
        for path, each in plan.space.items()
    )
    reason = f"  {result.reason}" if result.reason else ""
    return f"val_acc: {ended + ',':<9} {values}({count} / {len(plan.trials)}){reason}"
