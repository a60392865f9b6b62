"""What to search next where the best values lie at an end of what was searched."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Literal

from trainer_cli.config.space import LogInt, LogUniform, Range
from trainer_cli.search.verdicts.suggestions import one_digit

End = Literal["low", "high"]

# From a decade, or half the range, inside the end to two decades (of whole numbers, which say how
# large something is, one), or the width of the range, beyond it.
DECADE, DECADES = 10.0, 100.0
# Of the way to the least or most that a setting may be, as much is searched.
TOWARDS = 0.9
# An end this close to what a setting may be at most or least has nothing beyond it: a share of
# the width of the range.
NOTHING = 0.05


def beyond(
    searched: Range, end: End, good: Sequence[float], bounds: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the range to try beyond an end: None if there is nothing.

    It begins inside the range, but not further in than the `good` values lie; `bounds` are the
    least and the most that the setting may be.
    """
    least, most = bounds
    logarithmic = isinstance(searched, LogUniform | LogInt)
    width = searched.high - searched.low
    further = DECADE if isinstance(searched, LogInt) else DECADES
    middle = searched.value_at(0.5)
    if end == "high":
        low = max(searched.high / DECADE if logarithmic else middle, min(good))
        high = searched.high * further if logarithmic else searched.high + width
        outer = high = min(high, searched.high + TOWARDS * (most - searched.high))
    else:
        high = min(searched.low * DECADE if logarithmic else middle, max(good))
        low = searched.low / further if logarithmic else searched.low - width
        if not logarithmic or least > 0:  # by its size, 0 is infinitely far away
            low = max(low, searched.low - TOWARDS * (searched.low - least))
        outer = low
    if -NOTHING <= searched.place(outer) <= 1 + NOTHING:
        return None
    if isinstance(searched.low, int):
        return round(low), round(high)
    if logarithmic and most == inf:
        return one_digit(low, up=False), one_digit(high, up=True)
    return float(f"{low:.2g}"), float(f"{high:.2g}")
