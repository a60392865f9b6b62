"""Runs the command line in this process, and as a process of its own where signals matter."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from trainer_cli.cli.app import app

PROGRAM = [sys.executable, "-c", "from trainer_cli.cli.app import main; main()"]
COMMANDS = [
    ["check-data"],
    ["check-loss"],
    ["check-reg"],
    ["check-grad"],
    ["check-activations"],
    ["overfit"],
    ["train"],
    ["train", "--smoke"],
    ["crossval", "--smoke"],
    ["config", "show"],
    ["data", "info"],
]


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str | Path) -> Ran:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return Ran(result.exit_code, result.stdout, result.stderr)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
