"""One command over run folders at work: the runs, and where its progress goes."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from pathlib import Path

import typer
from rich.console import Console

from trainer_cli.cli.command import Format, RunOptions
from trainer_cli.config.load import Loaded
from trainer_cli.config.problems import ExperimentError
from trainer_cli.config.rules import Rule
from trainer_cli.datasets import DataError
from trainer_cli.training.findings import Finding
from trainer_cli.training.grading import graded
from trainer_cli.training.identity import CONFIG
from trainer_cli.training.runs import RunError
from trainer_cli.training.trained import TrainedRun, open_run, open_runs

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

    @property
    def file(self) -> Loaded | None:
        """The experiment file of the first run, once it has been read."""
        return self.runs[0].loaded if "runs" in self.__dict__ else None

    @cached_property
    def runs(self) -> list[TrainedRun]:
        """All runs that the command line names, in its order; those with the same data share it."""
        self._keep_runs_from_output()
        return open_runs(self.options.runs)

    @property
    def run(self) -> TrainedRun:
        """The one run, for a command that takes no more."""
        if len(self.options.runs) > 1:
            message = f"takes one run, got {len(self.options.runs)}"
            raise typer.BadParameter(message, param_hint="RUN")
        return self.runs[0]

    def _keep_runs_from_output(self) -> None:
        """Raise DataError where --output names a file of one of the runs, or its data."""
        if self.options.output is None or not self.options.output.exists():
            return
        for folder in self.options.runs:
            for pattern in WRITTEN:
                self.keep_from_output(*folder.glob(pattern))
            with suppress(ExperimentError, RunError, OSError):  # opening it says what is wrong
                source = open_run(folder).experiment.data.source
                self.keep_from_output(getattr(source, "path", folder))

    def keep_from_output(self, *files: Path) -> None:
        """Raise DataError where --output names a file that the command reads."""
        output = self.options.output
        if output is None or not output.exists():
            return
        if any(file.exists() and output.samefile(file) for file in files):
            message = "is read by this command: choose another --output"
            raise DataError(message, where=str(output))

    @property
    def width(self) -> int | None:
        """Columns of the terminal that the report goes to; None for a file or a pipe."""
        if self.options.output is not None or not sys.stdout.isatty():
            return None
        return Console(file=sys.stdout).width

    def warn(self, findings: Sequence[Finding]) -> None:
        """Tell on standard error of trouble that has no place in a report of numbers alone."""
        if self.options.format is not Format.text:
            return
        console = Console(stderr=True, highlight=False)
        for finding in graded(findings, self.rules):
            if finding.status in ("warn", "fail"):
                text = f"{finding.status}: {finding.rule}: {finding.message}\nhint: {finding.hint}"
                console.print(text, soft_wrap=True, markup=False)

    def busy(self, doing: str) -> AbstractContextManager[object]:
        """Show on a terminal that something is going on."""
        return self.progress.status(doing) if self.progress.is_terminal else nullcontext()
