"""The panels of a sweep's picture: trials over two keys, over one, and by what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from trainer_cli.config.space import Choice
from trainer_cli.config.value_text import value_text
from trainer_cli.report.sweep_lines import LEAST, best_share, line_among
from trainer_cli.report.sweep_looks import (
    DARK,
    LOST,
    area_of,
    colour_of,
    logarithmic,
    percent,
    ring,
    scale,
    shape,
    tidy,
)
from trainer_cli.search.sweep import Swept
from trainer_cli.search.trials import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

LEAST_RANGE = 0.02  # of accuracies
LONGEST_NAME, MOST_NAMES = 20, 30  # characters of a name under a panel, and how many names
FREE = 40  # characters of names that stand side by side; more are slanted
FILLED = 0.6  # share of a column's width that its points take
GOLDEN = 0.618034  # multiples of it, cut off before the point, never crowd


def scatter_panel(axes: Axes, swept: Swept, across: str, up: str) -> PathCollection | None:
    """Draw the trials over two keys, coloured by validation accuracy.

    Returns what a colour bar is made for, None where no trial was measured.
    """
    low, high = _accuracy_range(swept)
    trials, coloured = len(swept.results), None
    for stage in swept.stages:
        own = sorted(_measured(swept, stage.number), key=lambda each: each[1])
        if own:  # the best are drawn last, on top
            coloured = axes.scatter(
                [result.values[across] for result, _ in own],
                [result.values[up] for result, _ in own],
                c=[accuracy for _, accuracy in own],
                s=[area_of(trials, result.state) for result, _ in own],
                marker=shape(stage.number),
                cmap="viridis",
                vmin=low,
                vmax=high,
                edgecolors=DARK,
                linewidths=0.4,
            )
    for state, (marker, colour) in LOST.items():
        lost = [result.values for result in swept.results if result.state == state]
        xs, ys = [values[across] for values in lost], [values[up] for values in lost]
        axes.scatter(
            xs, ys, s=0.6 * area_of(trials, state), c=colour, marker=marker, linewidths=1.1
        )
    if swept.best is not None:
        ring(axes, swept.best.values[across], swept.best.values[up])
    space = swept.stages[0].space
    scale(axes, "x", space[across], across)
    scale(axes, "y", space[up], up)
    tidy(axes, "both")
    return coloured


def curve_panel(axes: Axes, swept: Swept, across: str) -> bool:
    """Draw accuracy over one key: a point for each trial, and a line for each stage.

    Returns whether there is any line, which takes some trials that finished.
    """
    distribution, share, lined = swept.stages[0].space[across], best_share(swept), False
    places = {result.trial: float(result.values[across]) for result in swept.results}
    _accuracies(axes, swept, places)
    for stage in swept.stages:
        finished = _measured(swept, stage.number, finished=True)
        xs = np.array([places[result.trial] for result, _ in finished])
        ys = np.array([accuracy for _, accuracy in finished])
        if len(np.unique(xs)) * share >= LEAST:
            scaled = np.log(xs) if logarithmic(distribution) else xs
            line_x, line_y = line_among(scaled, ys, share)
            line_x = np.exp(line_x) if logarithmic(distribution) else line_x
            axes.plot(line_x, line_y, color=colour_of(stage.number), linewidth=2.2, zorder=3)
            lined = True
    scale(axes, "x", distribution, across)
    tidy(axes, "both")
    return lined


def strip_panel(axes: Axes, swept: Swept, across: str) -> None:
    """Draw accuracy for each value of a key without order: all trials, and their median."""
    distribution = swept.stages[0].space[across]
    values = distribution.values if isinstance(distribution, Choice) else ()
    names = [value_text(value) for value in values] or ["every value"]
    columns = {r.trial: _column(names, r.values[across]) for r in swept.results}
    beside = {trial: FILLED * (trial * GOLDEN % 1 - 0.5) for trial in columns}
    _accuracies(axes, swept, {trial: column + beside[trial] for trial, column in columns.items()})
    for column in range(len(names)):
        own = [y for r, y in _measured(swept, finished=True) if columns[r.trial] == column]
        if own:
            axes.hlines(median(own), column - 0.35, column + 0.35, color=DARK, linewidth=2)
    labelled = range(0, len(names), 1 + len(names) // MOST_NAMES)
    shown = [_short(names[column]) for column in labelled]
    slanted: dict[str, Any] = {"rotation": 30, "ha": "right"} if len("".join(shown)) > FREE else {}
    axes.set_xticks(labelled, shown, parse_math=False, **slanted)
    axes.set(xlim=(-0.5, len(names) - 0.5), xlabel=across)
    tidy(axes, "y")


def _measured(
    swept: Swept, stage: int | None = None, *, finished: bool = False
) -> list[tuple[Result, float]]:
    """Return the trials whose validation accuracy is known, with it: of one stage or all."""
    return [
        (result, result.validation_accuracy)
        for result in swept.results
        if result.validation_accuracy is not None
        and isfinite(result.validation_accuracy)
        and stage in (None, result.stage)
        and (result.state == "finished" or not finished)
    ]


def _accuracies(axes: Axes, swept: Swept, places: dict[int, float]) -> None:
    """Draw the accuracy of every trial at its place along x; who has none is a tick at the foot."""
    trials = len(swept.results)
    for stage in swept.stages:
        own = _measured(swept, stage.number)
        axes.scatter(
            [places[result.trial] for result, _ in own],
            [accuracy for _, accuracy in own],
            s=[0.7 * area_of(trials, result.state) for result, _ in own],
            c=colour_of(stage.number),
            marker=shape(stage.number),
            alpha=0.65,
            linewidths=0,
        )
    foot = axes.get_xaxis_transform()
    for state, (_, colour) in LOST.items():
        lost = [places[result.trial] for result in swept.results if result.state == state]
        axes.vlines(lost, 0, 0.045, color=colour, linewidth=1.3, transform=foot)
    best = swept.best
    if best is not None and best.validation_accuracy is not None:
        ring(axes, places[best.trial], best.validation_accuracy)
    if not _measured(swept):
        middle: dict[str, Any] = {"ha": "center", "va": "center", "color": DARK}
        axes.text(0.5, 0.5, "no trial finished", transform=axes.transAxes, **middle)
    low, high = _accuracy_range(swept)
    axes.set_ylim(low - 0.12 * (high - low), high + 0.06 * (high - low))
    axes.yaxis.set_major_formatter(percent)
    axes.set_ylabel("validation accuracy")


def _accuracy_range(swept: Swept) -> tuple[float, float]:
    """Return the range of the accuracies, which is never so narrow that it shows nothing."""
    every = [accuracy for _, accuracy in _measured(swept)]
    low, high = min(every, default=0.0), max(every, default=1.0)
    more = max(0.0, LEAST_RANGE - (high - low)) / 2
    return low - more, high + more


def _column(names: Sequence[str], value: Any) -> int:
    """Return in which column a value stands; the first is that of all that are not listed."""
    name = value_text(value)
    return names.index(name) if name in names else 0


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
