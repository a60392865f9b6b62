"""What the pictures of the cost have in common: their scale, and the marks where it exploded."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Literal

import numpy as np

from trainer_cli.report.page.curves import Values
from trainer_cli.report.page.lines import cross
from trainer_cli.report.page.looks import Signs, number
from trainer_cli.training.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Scale = Literal["linear", "log"]

WORDS: dict[Scale, str] = {"linear": "", "log": ", logarithmic"}
ENDINGS: dict[Scale, str] = {"linear": "", "log": "-log"}
# A penalty below this share of the highest cost cannot be told from none on a linear scale; a
# logarithmic one goes so far below the lowest cost for the sake of a penalty.
VISIBLE: dict[Scale, float] = {"linear": 0.02, "log": 1e-2}
ROOM = 1.15  # factor that a logarithmic scale leaves free at either end
NO_ROOM = 1e-3  # where a logarithmic scale begins that has nothing positive to show


def shows_penalty(penalties: Values, costs: Values, scale: Scale) -> bool:
    """Return whether a penalty can be seen beside costs."""
    costs = costs[np.isfinite(costs)]
    beside = float(costs.max(initial=0.0)) if scale == "linear" else least(costs)
    return bool(np.nanmax(penalties, initial=0.0) > VISIBLE[scale] * beside)


def unseen_penalty(penalties: Values) -> str | None:
    """Return what is said of a penalty that is not drawn, None where there is none."""
    largest = float(np.nanmax(penalties, initial=0.0))
    if not largest > 0:
        return None
    return f"The penalty, at most {number(float(f'{largest:.2g}'))}, is too small to be drawn."


def bounds(
    values: Sequence[Values], scale: Scale, histories: Sequence[History]
) -> tuple[float, float]:
    """Return the range of a cost's axis: what exploded would leave nothing of a linear one."""
    every = np.concatenate([v[np.isfinite(v)] for v in values])
    exploded = [history for history in histories if history.stopped == "diverged"]
    if scale == "log":
        ends = [h.last_cost for h in exploded if isfinite(h.last_cost)]
        every = np.concatenate([every, ends])
        low = least(every)
        return low / ROOM, float(every.max(initial=low)) * ROOM
    high = float(every.max(initial=0.0))
    if exploded:
        usual = max(history.start.limit for history in histories)
        high = min(high, usual) if isfinite(usual) and usual > 0 else high
    low = min(0.0, float(every.min(initial=0.0)))
    return low, (high if high > low else low + 1.0) * 1.04


def mark_ends(
    axes: Axes, histories: Sequence[History], top: float, *, updates_across: int
) -> Signs:
    """Mark where costs exploded, at the top of the panel where they went beyond it.

    `updates_across` is the number of updates in a unit of x.
    """
    signs: Signs = []
    for history in histories:
        if history.stopped == "diverged":
            x, cost = (history.updates + 1) / updates_across, history.last_cost
            sign = cross(axes, x, min(cost, top) if isfinite(cost) else top)
            told = number(float(f"{cost:.4g}")) if isfinite(cost) else "no number"
            signs = [(f"exploded: {told}" if len(histories) == 1 else "exploded", sign)]
    return signs


def least(values: Values) -> float:
    """Return the smallest positive value, which a logarithmic scale can begin at."""
    positive = values[values > 0]
    return float(positive.min()) if len(positive) else NO_ROOM
