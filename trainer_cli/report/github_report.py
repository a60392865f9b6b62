"""Findings and problems as workflow commands, which GitHub shows beside lines of a pull request.

Source: GitHub Docs, "Workflow commands for GitHub Actions"; how to escape: actions/toolkit,
packages/core/src/command.ts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainer_cli.config.load import SHIPPED_NAME, Loaded
from trainer_cli.report.rule_places import place_of
from trainer_cli.training.findings import Finding

# What the runner takes for a command: "::" that begins a line, and "##[" anywhere.
COMMAND = re.compile(r"((?:^|\r)\s*:)(?=:)|(##)(?=\[)", re.MULTILINE)


def finding_annotations(findings: Sequence[Finding], loaded: Loaded | None, *, strict: bool) -> str:
    """Return a line for each rule that fails or warns, failures first; GitHub shows ten of each.

    It points at what the rule is about in the experiment file, where the user has one; if `strict`,
    a warning is an error as well.
    """
    levels = {"fail": "error", "warn": "error" if strict else "warning"}
    lines = []
    for status, level in levels.items():
        of_rule: dict[str, list[Finding]] = {}
        for finding in findings:
            if finding.status == status:
                of_rule.setdefault(finding.rule, []).append(finding)
        for rule, alike in of_rule.items():
            message = "\n".join(_sentences(each.message, each.hint) for each in alike)
            lines.append(_command(level, {**_place(alike[0], loaded), "title": rule}, message))
    return "".join(lines)


def error_annotations(errors: Iterable[Mapping[str, Any]]) -> str:
    """Return a line for each problem that kept a command from starting, at its own place."""
    lines = []
    for error in errors:
        file, line, column = error["file"], error["line"], error["column"]
        if file is not None and line is None and (numbered := re.fullmatch(r"(.+):(\d+)", file)):
            file, line, column = numbered[1], int(numbered[2]), None
        place: dict[str, object] = {}
        told = [error["key"], error["message"]]
        if file is not None and Path(file).is_file():
            place = {"file": in_repository(Path(file))}
            place |= {} if line is None else {"line": line}
            place |= {} if column is None else {"col": column}
        else:
            told.insert(0, file)
        message = _sentences(": ".join(part for part in told if part), error["hint"])
        lines.append(_command("error", {**place, "title": error["key"] or "nntrain"}, message))
    return "".join(lines)


def harmless(text: str) -> str:
    """Return a text for the log in which the runner finds no command, whatever it quotes."""
    return COMMAND.sub(r"\1\2 ", text)


def in_repository(path: Path) -> str:
    """Return a path as GitHub calls it, from the top of the repository; whole if it is outside."""
    path = path.resolve()
    # A submodule has a file .git: for GitHub its files belong to the repository around it.
    tops = [folder for folder in path.parents if (folder / ".git").is_dir()]
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    top = tops[0] if tops else workspace
    return (path.relative_to(top) if path.is_relative_to(top) else path).as_posix()


def _place(finding: Finding, loaded: Loaded | None) -> dict[str, object]:
    if loaded is None or loaded.name == SHIPPED_NAME:
        return {}
    span = place_of(finding, loaded.root)
    line, column = (span.line, span.column) if span is not None else (1, 1)
    return {"file": in_repository(loaded.path), "line": line, "col": column}


def _sentences(message: str, hint: str | None) -> str:
    return f"{message}\nhint: {hint}" if hint else message


def _command(level: str, properties: Mapping[str, object], message: str) -> str:
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {told}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
