"""What a training run has to say once it is over."""

from __future__ import annotations

from pathlib import Path

from trainer_cli.report.report import Report
from trainer_cli.training.diagnosis import BACKGROUND
from trainer_cli.training.findings import counted, loss_text
from trainer_cli.training.history import History
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
        lines=(*training_lines(recorded.outcome), *_going_on(recorded.outcome, folder)),
        exit_code=exit_code,
        background=BACKGROUND,
    )


def _going_on(outcome: Outcome, folder: Path) -> list[str]:
    """Return where the run is, and how it goes on where it was interrupted."""
    interrupted = any(each.stopped == "interrupted" for each in outcome.histories)
    return [
        f"run: {folder}",
        *([f"go on: nntrain train --resume {folder}"] if interrupted else []),
    ]


def training_lines(outcome: Outcome) -> list[str]:
    """Return how far training came and the best epoch, in a sentence for each member."""
    if len(outcome.histories) == 1:
        return [history_line(outcome.alone, f", {outcome.seconds:.2f} s")]
    lines = [f"member {each.member}: {history_line(each)}" for each in outcome.histories]
    return [*lines, f"{counted(len(lines), 'member')} in {outcome.seconds:.2f} s"]


def history_line(history: History, time: str = "") -> str:
    """Return how far one member came and its best epoch, in a sentence."""
    best, epochs = history.best, counted(len(history.epochs), "epoch")
    stopped, updates = history.stopped or "not ended", counted(history.updates, "update")
    line = f"{stopped} after {epochs} ({updates}{time})"
    if best is None:
        return line
    accuracy, majority = f"{best.validation_accuracy:.1%}", f"{history.setting.majority:.1%}"
    if history.setting.best_by == "validation_loss":
        loss = loss_text(best.validation_loss)
        told = f"lowest validation loss {loss} in epoch {best.epoch}, with accuracy {accuracy}"
    else:
        told = f"best validation accuracy {accuracy} in epoch {best.epoch}"
    return f"{line}; {told} (the largest class alone: {majority})"
