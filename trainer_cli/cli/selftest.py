"""`nntrain selftest`: does `check` find faults that were planted, and leave sound ones alone?"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer

from trainer_cli.cli.command import bare_command

if TYPE_CHECKING:
    from trainer_cli.checks.selftest.case import Case
    from trainer_cli.cli.bare_session import BareSession
    from trainer_cli.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    bare_command(app, "selftest", "built-in catalogue")(selftest)


def selftest(
    session: BareSession,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="PATTERN",
            help="Cases or kinds to try, such as sound, 'layer code' or '*norm*'. Repeatable.",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option("--seeds", metavar="N", min=1, help="Seeds of each sound experiment."),
    ] = 5,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            min=1,
            help="Processes. Default: one for each processor.",
            show_default=False,
        ),
    ] = None,
) -> Report:
    """Plant known faults and check them, then sound experiments: found, named, false alarms."""
    from trainer_cli.checks.selftest.judged import gathered
    from trainer_cli.checks.selftest.run import try_all
    from trainer_cli.report.selftest_report import selftest_report
    from trainer_cli.search.executors.choose import processors

    cases = _chosen(only or ["*"])
    runs = sum(seeds if case.kind == "sound" else 1 for case in cases)
    outcomes = []
    with session.counting("checking", runs) as advance:
        for outcome in try_all(cases, seeds, workers or processors()):
            outcomes.append(outcome)
            advance()
    return selftest_report(gathered(cases, outcomes))


def _chosen(patterns: Sequence[str]) -> list[Case]:
    """Return the cases of which name or kind is like one of the patterns; refuse any in vain."""
    from trainer_cli.checks.selftest.catalogue import CATALOGUE

    of = {
        pattern: [
            case
            for case in CATALOGUE
            if fnmatchcase(case.name, pattern) or fnmatchcase(case.kind, pattern)
        ]
        for pattern in patterns
    }
    for pattern, cases in of.items():
        if not cases:
            raise typer.BadParameter(f"no case matches '{pattern}'", param_hint="--only")
    return [case for case in CATALOGUE if any(case in cases for cases in of.values())]
