"""What a cross-validation has to say once it is over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trainer_cli.report.aligned import aligned
from trainer_cli.report.report import Report
from trainer_cli.training.crossval import CrossValidated
from trainer_cli.training.diagnosis import BACKGROUND
from trainer_cli.training.findings import counted
from trainer_cli.training.fold_figures import FoldFigures, spread_of

HEAD = ("fold", "examples", "train", "valid", "loss", "")
# The columns of figures, and how one of them is written.
COLUMNS = (("train_accuracy", ".1%"), ("validation_accuracy", ".1%"), ("validation_loss", ".4f"))
# The rows below the folds, and the field of a spread that each of them shows.
BELOW = (("mean", "mean"), ("deviation", "std"), ("standard error", "standard_error"))
NOTHING = "-"


def crossval_report(ended: CrossValidated, folder: Path, exit_code: int | None) -> Report:
    """Return the report of a run in `folder`; `exit_code` is set if a signal ended it."""
    summary = {k: v for k, v in ended.summary.items() if k not in ("verdict", "findings")}
    updates = max(each.updates for each in ended.figures)
    seconds = ended.summary["seconds"]
    return Report(
        findings=ended.findings,
        results={"run": str(folder), **summary},
        table=folds_table(ended.figures),
        lines=(
            f"{counted(len(ended.figures), 'fold')}, {counted(updates, 'update')} each, "
            f"in {seconds:.2f} s",
            f"run: {folder}",
        ),
        exit_code=exit_code,
        background=BACKGROUND,
    )


def folds_table(figures: Sequence[FoldFigures]) -> list[str]:
    """Return a line for every fold, and where all are finished mean and spread below them."""
    rows = [HEAD, *(_row(each) for each in figures)]
    spreads = [spread_of(figures, name) for name, _ in COLUMNS]
    for label, field in BELOW:
        cells = [
            f"{getattr(spread, field):{form}}"
            for spread, (_, form) in zip(spreads, COLUMNS, strict=True)
            if spread is not None
        ]
        if len(cells) == len(COLUMNS):
            rows.append((label, "", *cells, ""))
    return [line.rstrip() for line in aligned(rows, names=1)]


def _row(fold: FoldFigures) -> tuple[str, ...]:
    cells = []
    for name, form in COLUMNS:
        value = getattr(fold, name)
        cells.append(NOTHING if value is None else f"{value:{form}}")
    ended = "" if fold.stopped == "finished" else f"{fold.stopped} in epoch {fold.epochs + 1}"
    return (str(fold.fold), f"{fold.validation_examples:,}", *cells, ended)
