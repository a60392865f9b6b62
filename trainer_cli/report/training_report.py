"""What a training run has to say once it is over."""

from __future__ import annotations

from pathlib import Path

from trainer_cli.report.report import Report
from trainer_cli.training.findings import counted
from trainer_cli.training.outcome import Outcome
from trainer_cli.training.recorded import Recorded


def training_report(recorded: Recorded, folder: Path, exit_code: int | None) -> Report:
    """Return the report of a run in `folder`; `exit_code` is set if a signal ended it."""
    return Report(
        findings=recorded.findings,
        results={
            "run": str(folder),
            **{k: v for k, v in recorded.summary.items() if k not in ("verdict", "findings")},
        },
        lines=(training_line(recorded.outcome), f"run: {folder}"),
        exit_code=exit_code,
    )


def training_line(outcome: Outcome) -> str:
    """Return how far training came and the best epoch, in one sentence."""
    best, epochs = outcome.best, counted(len(outcome.epochs), "epoch")
    work = f"{counted(outcome.updates, 'update')}, {outcome.seconds:.2f} s"
    line = f"{outcome.stopped} after {epochs} ({work})"
    if best is None:
        return line
    return (
        f"{line}; best validation accuracy {best.validation_accuracy:.1%} in epoch {best.epoch} "
        f"(the largest class alone: {outcome.majority:.1%})"
    )
