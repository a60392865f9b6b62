"""Pictures of the cost by update, on a linear and on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from trainer_cli.report.page.cost_axes import (
    ENDINGS,
    WORDS,
    Scale,
    bounds,
    mark_ends,
    shows_penalty,
    unseen_penalty,
)
from trainer_cli.report.page.curves import Values, band
from trainer_cli.report.page.lines import Curves, Line, draw_lines, ring, update_lines
from trainer_cli.report.page.looks import (
    FAINT,
    PENALTY,
    SERIES,
    TRAINING,
    Signs,
    count_axis,
    legend,
    new_picture,
    value_axis,
)
from trainer_cli.report.page.picture import Picture
from trainer_cli.training.findings import counted
from trainer_cli.training.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATA = SERIES[6]
DASHES = (0, (4, 1.5))


def cost_by_update(runs: Sequence[Curves], scale: Scale) -> Picture | None:
    """Draw every batch's cost, smoothed; of a single network with the batches' own behind it."""
    histories = [history for run in runs for history in run.histories if history.updates]
    if not histories:
        return None
    figure, axes = new_picture()
    signs: Signs = []
    values: list[Values] = []
    remark = None
    if len(histories) == 1:
        values.append(_raw(axes, histories[0]))
    for run in runs:
        lines = update_lines(run.histories, "costs")
        if lines:
            name = "cost" if len(runs) == 1 else run.name
            signs.append((name, draw_lines(axes, lines, run.colour, run.style)))
            values += [line.y for line in lines]
    if len(runs) == 1:
        penalties = np.concatenate([history.penalties for history in histories])
        costs = np.concatenate([history.costs for history in histories])
        if shows_penalty(penalties, costs, scale):
            drawn, parts = _data_and_penalty(axes, histories)
            signs, values = signs + drawn, [*values, *(line.y for line in parts)]
        else:
            remark = unseen_penalty(penalties)
    signs += _best_epochs(axes, runs)
    low, high = bounds(values, scale, histories)
    signs += mark_ends(axes, histories, high, updates_across=1)
    axes.set_xlim(0, max(history.updates + 1 for history in histories) * 1.02)
    value_axis(axes, scale, low, high)
    count_axis(axes, "update")
    legend(figure, signs)
    return Picture(
        name=f"cost-by-update{ENDINGS[scale]}",
        title=f"Cost by update{WORDS[scale]}",
        description="; ".join(_told(run, named=len(runs) > 1) for run in runs),
        figure=figure,
        remark=remark,
    )


def _raw(axes: Axes, history: History) -> Values:
    """Draw the costs of single batches, faintly, and return what they reach."""
    found = band(np.arange(1, history.updates + 1), history.costs)
    if found.low is found.high:  # few enough to be drawn one by one
        axes.plot(found.x, found.low, color=TRAINING, alpha=2 * FAINT, linewidth=0.7)
        return found.low
    axes.fill_between(found.x, found.low, found.high, color=TRAINING, alpha=FAINT, linewidth=0.4)
    return np.concatenate([found.low, found.high])


def _data_and_penalty(axes: Axes, histories: Sequence[History]) -> tuple[Signs, list[Line]]:
    """Draw the two parts of the cost; return their signs, and the lines of the penalty."""
    signs: Signs = []
    lines: list[Line] = []
    for name, figure, colour in (("data", "losses", DATA), ("penalty", "penalties", PENALTY)):
        lines = update_lines(histories, figure)
        if lines:
            signs.append((name, draw_lines(axes, lines, colour, DASHES)))
    return signs, lines


def _best_epochs(axes: Axes, runs: Sequence[Curves]) -> Signs:
    signs: Signs = []
    for run in runs:
        for history in run.histories:
            best, lines = history.best, update_lines([history], "costs")
            if best is not None and lines:
                height = float(np.interp(best.updates, lines[0].x, lines[0].y))
                signs = [("best epoch", ring(axes, best.updates, height, run.colour))]
    return signs


def _told(run: Curves, *, named: bool) -> str:
    """Return from what to what the cost went, for who cannot see it."""
    lines = update_lines(run.histories, "costs")
    updates = max(history.updates for history in run.histories)
    of_first = " (first member)" if len(run.histories) > 1 else ""
    told = f"from {lines[0].y[0]:.4g} to {lines[0].y[-1]:.4g}{of_first}" if lines else "not known"
    return f"{f'{run.name}: ' if named else 'Cost '}{told} in {counted(updates, 'update')}"
