"""Finds the line that made what somebody's forward changes in place, though backward needs it."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from trainer_cli.checks.own.raised import is_theirs

SAID = "modified by an inplace operation"
LINE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


@contextmanager
def inplace_told(again: Callable[[], Any]) -> Iterator[None]:
    """Add to torch's error, if it is this one, the line whose result was changed.

    `again` does the same once more, forward and backward, while torch keeps where every operation
    was called.
    """
    try:
        yield
    except RuntimeError as error:
        if SAID not in str(error):
            raise
        line = _line(again)
        if line is None:
            raise
        said = (
            f"what line {line} makes is changed in place afterwards (+=, mul_, relu_, "
            f"inplace=True), but backward needs it as it was"
        )
        raise RuntimeError(said) from error


def _line(again: Callable[[], Any]) -> int | None:
    torch: Any = sys.modules["torch"]
    with warnings.catch_warnings(record=True) as caught, suppress(RuntimeError):
        warnings.simplefilter("always")
        with torch.autograd.detect_anomaly(check_nan=False):
            again()
    for each in caught:
        places = [found for found in LINE.finditer(str(each.message)) if is_theirs(found["file"])]
        if places:
            return int(places[-1]["line"])
    return None
