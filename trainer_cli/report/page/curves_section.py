"""The curves of one run, or of several in one: cost, loss, accuracy, rate; and in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.report.page.accuracy_picture import accuracy_by_epoch
from trainer_cli.report.page.cost_pictures import cost_by_update
from trainer_cli.report.page.lines import Curves
from trainer_cli.report.page.loss_pictures import loss_by_epoch
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.rate_picture import learning_rate
from trainer_cli.report.page.section import Section, folded, grid, left_out, table
from trainer_cli.training.history import History

MOST_ROWS, MOST_MEMBERS = 200, 10  # of a table of epochs, and tables


def curves_section(runs: Sequence[Curves], prefix: str) -> Section:
    """Return the curves of runs, those of several over each other."""
    every = [
        cost_by_update(runs, "linear"),
        cost_by_update(runs, "log"),
        accuracy_by_epoch(runs),
        loss_by_epoch(runs, "linear"),
        loss_by_epoch(runs, "log"),
        learning_rate(runs),
    ]
    pictures = [picture for picture in every if picture is not None]
    remarks = []
    if not any(history.updates for run in runs for history in run.histories):
        remarks.append(left_out("curves by update", Missing("no update was made")))
    if not any(history.epochs for run in runs for history in run.histories):
        remarks.append(left_out("curves by epoch", Missing("no epoch was finished")))
    tables = _tables(runs[0].histories) if len(runs) == 1 else None
    return Section(
        name="curves",
        title="Curves",
        body=joined([_members_remark(runs), grid(pictures, prefix), *remarks, tables]),
        files=[picture.save for picture in pictures],
    )


def _members_remark(runs: Sequence[Curves]) -> Markup | None:
    if all(len(run.histories) == 1 for run in runs):
        return None
    told = "Thin lines are members, the thick one is their mean, with a standard deviation around."
    return tag("p", told, class_="remark")


def _tables(histories: Sequence[History]) -> Markup | None:
    """Return the figures of every epoch, member by member, behind one line."""
    pieces: list[Markup] = []
    for history in histories[:MOST_MEMBERS]:
        if history.epochs and len(histories) > 1:
            pieces.append(tag("h3", f"Member {history.member}"))
        if history.epochs:
            pieces.append(_epochs_table(history))
    whose = f", first {MOST_MEMBERS} members" if len(histories) > MOST_MEMBERS else ""
    return folded(f"Figures of every epoch{whose}", *pieces) if pieces else None


def _epochs_table(history: History) -> Markup:
    head = [
        "epoch",
        "updates",
        "cost",
        "penalty",
        "train loss",
        "valid loss",
        "train",
        "valid",
        "rate",
    ]
    best = history.best
    step = 1 + (len(history.epochs) - 1) // MOST_ROWS
    shown = [e for e in history.epochs if e.epoch % step == 0 or e in (best, history.epochs[-1])]
    rows = [
        [
            f"{e.epoch}{' ★' if e is best else ''}",
            f"{e.updates:,}",
            *(f"{v:.4g}" for v in (e.cost, e.penalty, e.train_loss, e.validation_loss)),
            f"{e.train_accuracy:.1%}",
            f"{e.validation_accuracy:.1%}",
            f"{e.learning_rate:.3g}",
        ]
        for e in shown
    ]
    return table(head, rows, names=0)
