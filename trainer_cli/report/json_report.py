"""A report as one JSON document of the schema nntrain/1."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from trainer_cli.report.report import Report
from trainer_cli.training.findings import verdict
from trainer_cli.training.runs import jsonable

SCHEMA = "nntrain/1"


def report_json(command: str, config: str | None, report: Report) -> str:
    """Return the document; numbers that JSON cannot hold (NaN, infinity) become null."""
    return _dump(
        {
            "schema": SCHEMA,
            "command": command,
            "config": config,
            "verdict": verdict(report.findings),
            "findings": [asdict(finding) for finding in report.findings],
            **report.results,
        }
    )


def errors_json(command: str, config: str | None, errors: Sequence[Mapping[str, Any]]) -> str:
    """Return the document of a command that could not start: no findings, but `errors`."""
    return _dump(
        {
            "schema": SCHEMA,
            "command": command,
            "config": config,
            "verdict": "fail",
            "findings": [],
            "errors": errors,
        }
    )


def _dump(document: Mapping[str, Any]) -> str:
    return json.dumps(jsonable(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
