"""What a gradient check has to say about every parameter, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trainer_cli.report.aligned import aligned
from trainer_cli.report.report import Report
from trainer_cli.training.findings import Finding

COLUMNS = ("parameter", "error", "at", "backward", "differences", "checked", "kinks", "zero")
# The worst status of a parameter decides which of its rows is shown.
WORST_FIRST = ("fail", "warn", "pass", "skip")


def gradient_report(findings: Sequence[Finding]) -> Report:
    """Return the report, with one row per parameter: its worst coordinate in any finding."""
    rows = _merged(row for f in findings for row in f.evidence.get("parameters", ()))
    table = aligned([COLUMNS, *map(_cells, rows)], names=1) if rows else []
    return Report(findings=findings, results={"parameters": rows}, table=table)


def _merged(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Keep the worst row of every parameter, with what was counted in all of them."""
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = merged.get(row["parameter"])
        if known is None:
            merged[row["parameter"]] = dict(row)
            continue
        counts = {name: known[name] + row[name] for name in ("checked", "kinks", "zero")}
        worse = known if _rank(known) <= _rank(row) else row
        merged[row["parameter"]] = {**worse, **counts}
    return list(merged.values())


def _rank(row: Mapping[str, Any]) -> tuple[int, float]:
    return WORST_FIRST.index(row["status"]), -(row["error"] or 0.0)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = tuple(f"{row[name]:,}" for name in ("checked", "kinks", "zero"))
    if row["error"] is None:
        return (row["parameter"], "-", "-", "-", "-", *counts)
    at = ", ".join(map(str, row["at"]))
    numbers = (f"{row[name]:.4e}" for name in ("backward", "differences"))
    return (row["parameter"], f"{row['error']:.1e}", f"({at})", *numbers, *counts)
