"""Tells GitHub what a command found: beside the files, and on the page of the step."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def tell_github(annotations: str, summary: str) -> None:
    """Write annotations to standard output, as the runner finds them in the log, and the summary.

    The summary goes to the end of the file that GITHUB_STEP_SUMMARY names, if it does. Where that
    file cannot be written, it is said, and nothing else is lost.
    """
    sys.stdout.write(annotations)
    sys.stdout.flush()
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    try:
        with Path(named).open("a", encoding="utf-8", errors="replace") as file:
            file.write(summary)
    except OSError as error:
        sys.stderr.write(f"{named}: {error.strerror}: the summary of the step is not written\n")
