"""One command over run folders at work: the runs, and where its progress goes."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path

import typer
from rich.console import Console

from trainer_cli.cli.command import RunOptions
from trainer_cli.config.rules import Rule
from trainer_cli.datasets import DataError
from trainer_cli.training.identity import CONFIG
from trainer_cli.training.trained import TrainedRun, open_runs

# What training has written into a run folder, and nothing else that may be kept there.
WRITTEN = (CONFIG, "*.jsonl", "run.json", "summary.json", "**/*.safetensors")


class RunSession:
    """What the action of a command over run folders works with.

    `progress` is a console on standard error, silent under --quiet. Whatever is wrong with a run
    comes as RunError, and with its experiment or data as ExperimentError or DataError.
    """

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self.progress = Console(stderr=True, quiet=options.quiet, highlight=False)

    @property
    def name(self) -> str:
        """What reports call the experiment: the file of the first run."""
        return str(self.options.runs[0] / CONFIG)

    @property
    def rules(self) -> Collection[Rule]:
        """The rules that the experiments of the runs set, once they have been read."""
        runs = self.runs if "runs" in self.__dict__ else []
        return [rule for run in runs for rule in run.experiment.checks]

    @cached_property
    def runs(self) -> list[TrainedRun]:
        """All runs that the command line names, in its order; those with the same data share it."""
        if self.options.output is not None:
            for folder in self.options.runs:
                for pattern in WRITTEN:
                    self.keep_from_output(*folder.glob(pattern))
        return open_runs(self.options.runs)

    @property
    def run(self) -> TrainedRun:
        """The one run, for a command that takes no more."""
        if len(self.options.runs) > 1:
            message = f"takes one run, got {len(self.options.runs)}"
            raise typer.BadParameter(message, param_hint="RUN")
        return self.runs[0]

    def keep_from_output(self, *files: Path) -> None:
        """Raise DataError where --output names a file that the command reads."""
        output = self.options.output
        if output is None or not output.exists():
            return
        if any(file.exists() and output.samefile(file) for file in files):
            message = "is read by this command: choose another --output"
            raise DataError(message, where=str(output))

    def busy(self, doing: str) -> AbstractContextManager[object]:
        """Show on a terminal that something is going on."""
        return self.progress.status(doing) if self.progress.is_terminal else nullcontext()
