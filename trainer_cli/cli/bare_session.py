"""A command at work that is about neither an experiment file nor run folders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from rich.console import Console

from trainer_cli.cli.command import Options
from trainer_cli.config.load import Loaded
from trainer_cli.config.rules import Rule


class BareSession:
    """What such a command's action works with; `progress` is on standard error."""

    rules: Collection[Rule] = ()
    file: Loaded | None = None

    def __init__(self, options: Options, name: str) -> None:
        self.options = options
        self.name = name
        self.progress = Console(stderr=True, quiet=options.quiet, highlight=False)

    @contextmanager
    def counting(self, doing: str, total: int) -> Iterator[Callable[[], None]]:
        """Show on a terminal how many of `total` are done; what it yields counts one more."""
        if not self.progress.is_terminal or self.progress.quiet:
            yield lambda: None
            return
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.progress, transient=True, expand=True) as bar:
            task = bar.add_task(doing, total=total)
            yield lambda: bar.advance(task)
