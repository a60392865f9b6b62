"""Shows the trials of a sweep: the best of them as a table, all with all figures as CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import fields
from io import StringIO
from math import isfinite
from typing import Any

from trainer_cli.config.space import Distribution
from trainer_cli.config.value_text import value_text
from trainer_cli.report.aligned import aligned
from trainer_cli.report.sweep_words import key_name, value_shown
from trainer_cli.search.sweep import Swept
from trainer_cli.search.trials import Result, rank

TRIALS = "trials.csv"
MOST_ROWS = 20
# In the order in which a table shows them.
STATES = ("finished", "halved", "diverged", "infeasible")
# The columns of the file: those in front of what was drawn, and those behind.
HEAD = ("trial", "stage", "state", "reason", "epochs", "updates")
FIGURES = [field.name for field in fields(Result) if field.name not in (*HEAD, "values")]
NOTHING = "-"


def sweep_table(swept: Swept) -> list[str]:
    """Return the lines of the table, sorted by validation accuracy; none without results.

    The best trial has a star. The keys come last, because narrow terminals cut what stands there.
    """
    if not swept.results:
        return []
    space, staged, best = searched(swept), len(swept.stages) > 1, swept.best
    names = [key_name(path) for path in space]
    head = ["trial", *(["stage"] if staged else []), "valid", "train", "cost", "state", *names]
    ordered = in_order(swept)
    shown = ordered[:MOST_ROWS]
    if best is not None and best not in shown:  # stages before its own may have had more luck
        shown[-1] = best
    rows = [_cells(result, space, staged=staged, starred=result is best) for result in shown]
    more = len(ordered) - MOST_ROWS
    below = [f"... and {more:,} more in {TRIALS}"] if more > 0 else []
    return [*aligned([head, *rows], names=0), *below]


def in_order(swept: Swept) -> list[Result]:
    """Return the results of all stages, those that finished first, each kind by its rank."""
    return sorted(swept.results, key=lambda result: (STATES.index(result.state), *rank(result)))


def searched(swept: Swept) -> Mapping[str, Distribution]:
    """Return the space of the first stage, which is the whole of it."""
    return swept.stages[0].space if swept.stages else {}


def _cells(
    result: Result, space: Mapping[str, Distribution], *, staged: bool, starred: bool
) -> list[str]:
    return [
        f"{result.trial}{'*' if starred else ' '}",
        *([str(result.stage)] if staged else []),
        _number(result.validation_accuracy, ".1%"),
        _number(result.train_accuracy, ".1%"),
        _number(result.cost, ".4g"),
        result.state,
        *(value_shown(result.values[path], each, 2) for path, each in space.items()),
    ]


def _number(value: float | None, form: str) -> str:
    return NOTHING if value is None or not isfinite(value) else f"{value:{form}}"


def trials_csv(swept: Swept) -> str:
    """Return all trials as CSV (RFC 4180): numbers in full, and nothing where there is no number.

    An infinite cost is no number either, as the journal cannot hold one.
    """
    text = StringIO()
    writer = csv.writer(text)
    paths = list(searched(swept))
    writer.writerow([*HEAD, *paths, *FIGURES])
    for result in swept.results:
        head = [getattr(result, name) for name in HEAD]
        values = [result.values[path] for path in paths]
        figures = [getattr(result, name) for name in FIGURES]
        writer.writerow([_field(value) for value in (*head, *values, *figures)])
    return text.getvalue()


def _field(value: Any) -> str:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else value_text(value)
