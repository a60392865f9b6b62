"""`nntrain check`: the whole recipe before training, in order, with one verdict."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.command import command

if TYPE_CHECKING:
    from trainer_cli.cli.session import Session
    from trainer_cli.config.imported import Imported
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "check")(check)


def check(
    session: Session,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="CHECK", help="Run this check alone. Repeatable.", show_default=False
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(
            "--skip", metavar="CHECK", help="Leave this check out. Repeatable.", show_default=False
        ),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Check also what depends on a check that failed.")
    ] = False,
    seeds: Annotated[
        int,
        typer.Option(
            "--seeds", metavar="N", min=1, help="Seeds that a verdict is repeated with in doubt."
        ),
    ] = 5,
) -> Report:
    """Run every sanity check in the recipe's order: can training work at all?"""
    from trainer_cli.checks.gradient_points import COPIES, PASSES, batch_size
    from trainer_cli.checks.preflight import check_all
    from trainer_cli.checks.recipe import NAMES
    from trainer_cli.checks.untrained import SAMPLE
    from trainer_cli.report.check_report import check_report

    own = session.loaded.own
    if own is not None:
        return _check_own(session, own, only, skip, keep_going=keep_going, seeds=seeds)
    chosen = _chosen(NAMES, only, skip)
    experiment, dataset = session.experiment, session.dataset
    # The gradient check takes the most.
    session.require_memory(PASSES * batch_size(experiment, dataset), "float64", COPIES)
    session.require_memory(min(SAMPLE, len(dataset.train)))
    with session.busy("checking"):
        checked = check_all(experiment, dataset, chosen=chosen, keep_going=keep_going, seeds=seeds)
    return check_report(checked)


def _chosen(names: Sequence[str], only: list[str] | None, skip: list[str] | None) -> list[str]:
    """Return the names of the checks to run; refuse those that there are not."""
    for option, given in (("--only", only), ("--skip", skip)):
        for name in given or []:
            if name not in names:
                raise typer.BadParameter(
                    f"no check is called '{name}': they are {', '.join(names)}", param_hint=option
                )
    chosen = [name for name in only or names if name not in (skip or [])]
    if not chosen:
        raise typer.BadParameter("no check is left", param_hint="--skip")
    return chosen


def _check_own(
    session: Session,
    own: Imported,
    only: list[str] | None,
    skip: list[str] | None,
    *,
    keep_going: bool,
    seeds: int,
) -> Report:
    """Check a network that somebody wrote in Python; what that prints goes to standard error."""
    from trainer_cli.checks.own.steps import own_steps
    from trainer_cli.checks.preflight import check_all
    from trainer_cli.report.check_report import check_report

    with redirect_stdout(sys.stderr):
        steps = own_steps(own)
        chosen = _chosen([step.name for step in steps], only, skip)
        experiment, dataset = session.loaded.experiment, session.data
        with session.busy("checking"):
            checked = check_all(
                experiment,
                dataset,
                chosen=chosen,
                keep_going=keep_going,
                seeds=seeds,
                steps=steps,
            )
    return check_report(checked, imported=str(own.file or own.place))
