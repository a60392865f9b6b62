"""Where on a line of trials one kind ends and another begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Border:
    """A place between trials: how many lie below it, and how many are on the wrong side."""

    below: int
    wrong: int


def border(marked: Sequence[bool]) -> Border:
    """Return where the marked trials begin, in a line in which a few may stand out of turn.

    It is the place with the fewest marked trials below and unmarked ones above it, the last of
    several.

    >>> border([False, False, True, False, False, True, True])
    Border(below=5, wrong=1)
    """
    marks = np.asarray(marked, np.intp)
    marked_below = np.concatenate([[0], np.cumsum(marks)])
    unmarked_above = np.concatenate([np.cumsum(1 - marks[::-1])[::-1], [0]])
    wrong = marked_below + unmarked_above
    below = len(wrong) - 1 - int(np.argmin(wrong[::-1]))
    return Border(below=below, wrong=int(wrong[below]))
