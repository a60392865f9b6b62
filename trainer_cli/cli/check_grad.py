"""`nntrain check-grad`: is every gradient the slope of the loss?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.report.report import Report

# Beyond this an order brings nothing: rounding has the last word.
MOST_SIDES = 12


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "check-grad")(check_grad)


def check_grad(
    session: Session,
    sides: Annotated[
        int,
        typer.Option(
            "--sides", metavar="N", help="Points that a difference takes: 1, 2, 4, 6 ... 12."
        ),
    ] = 2,
) -> Report:
    """Check every gradient against differences, at the start and after a few updates."""
    from trainer_cli.checks import gradient
    from trainer_cli.checks.gradient_points import COPIES, PASSES, batch_size
    from trainer_cli.report.gradient_report import gradient_report

    if not (sides == 1 or (sides % 2 == 0 and 2 <= sides <= MOST_SIDES)):
        raise typer.BadParameter(
            f"must be 1 or an even number up to {MOST_SIDES}, got {sides}", param_hint="--sides"
        )
    experiment, dataset = session.experiment, session.dataset
    session.require_memory(PASSES * batch_size(experiment, dataset), "float64", COPIES)
    with session.busy("checking the gradients"):
        return gradient_report(gradient.check_grad(experiment, dataset, sides))
