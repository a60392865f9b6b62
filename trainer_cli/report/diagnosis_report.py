"""What `nntrain diagnose` has to say about a run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from trainer_cli.report.report import Report
from trainer_cli.report.training_report import history_line
from trainer_cli.training.diagnosis import BACKGROUND
from trainer_cli.training.rediagnosis import Rediagnosis


def diagnosis_report(diagnosed: Rediagnosis, folder: Path) -> Report:
    """Return the report: the findings, and how far every member came."""
    histories = diagnosed.histories
    alone = len(histories) == 1
    return Report(
        findings=diagnosed.findings,
        results={
            "run": str(folder),
            "members": [
                {
                    "stopped": history.stopped,
                    "updates": history.updates,
                    "epochs": len(history.epochs),
                    "best": None if history.best is None else asdict(history.best),
                }
                for history in histories
            ],
        },
        lines=[
            ("" if alone else f"{diagnosed.noun} {history.member}: ") + history_line(history)
            for history in histories
        ],
        background=BACKGROUND,
    )
