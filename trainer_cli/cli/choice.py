"""The options that say which weights of a run a command works with."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from trainer_cli.training.trained import Choice


class Which(StrEnum):
    """A file of weights that every run leaves."""

    best = "best"
    final = "final"


WEIGHTS = typer.Option(
    "--weights",
    help="Those of the best epoch by validation, or of the last one. Default: best.",
    show_default=False,
)
SNAPSHOTS = typer.Option("--snapshots", help="All snapshots of the runs instead, averaged.")


def chosen(weights: Which | None, *, snapshots: bool) -> Choice:
    """Return the choice that the two options make."""
    if not snapshots:
        return "final" if weights is Which.final else "best"
    if weights is not None:
        raise typer.BadParameter("goes with best and final weights", param_hint="--weights")
    return "snapshots"
