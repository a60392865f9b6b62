"""Draws what the members of a run have in common: thin lines, their mean, a band around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trainer_cli.report.page.curves import BUCKETS, Values, smoothed
from trainer_cli.report.page.looks import BAND, FAIL, SERIES, SURFACE
from trainer_cli.training.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

THIN: dict[str, Any] = {"linewidth": 0.7, "alpha": 0.4}
# Points of all the lines of several members, and the fewest of one.
POINTS_OF_MEMBERS, FEWEST = 4000, 50
# Of several runs, each has one colour for both of its splits.
TWO_STROKES, DOTS = "Solid: validation. Dashed: training.", (0, (2, 1.5))
STYLES = ("-", (0, (4, 1.5)), (0, (1, 1.2)))  # of the first eight runs, the next eight ...


@dataclass(frozen=True)
class Curves:
    """The histories of one run's members, and how the run is drawn beside others."""

    name: str
    histories: Sequence[History]
    order: int = 0

    @property
    def colour(self) -> str:
        """The colour of the run; the ninth run has that of the first."""
        return SERIES[self.order % len(SERIES)]

    @property
    def style(self) -> Any:
        """The stroke of the run, which tells the ninth from the first."""
        return STYLES[self.order // len(SERIES) % len(STYLES)]


@dataclass(frozen=True)
class Line:
    """One curve of one member: `stays` unless its cost exploded."""

    x: Values
    y: Values
    stays: bool = True


def draw_lines(axes: Axes, lines: Sequence[Line], colour: str, style: Any = "-") -> Line2D:
    """Draw one line, or the members' thin ones with their mean and a standard deviation around it.

    The mean is that of the members which did not explode, as far as all of these go.
    """
    if len(lines) == 1:
        return _across(axes, lines[0].x, lines[0].y, colour, style)
    for line in lines:
        axes.plot(line.x, line.y, color=colour, **THIN)
    staying = [line for line in lines if line.stays and len(line.x)] or list(lines)
    x, together = _together(staying)
    mean, deviation = together.mean(axis=0), together.std(axis=0)
    axes.fill_between(
        x, mean - deviation, mean + deviation, color=colour, alpha=BAND, linewidth=0, zorder=1.5
    )
    return _across(axes, x, mean, colour, style)


def _across(axes: Axes, x: Values, y: Values, colour: str, style: Any) -> Line2D:
    alone: dict[str, Any] = {"marker": "o", "markersize": 3} if len(x) == 1 else {}
    (line,) = axes.plot(x, y, color=colour, linestyle=style, zorder=3, **alone)
    return line


def _together(lines: Sequence[Line]) -> tuple[Values, Values]:
    """Return places that all lines reach, and every line's values there."""
    end = min(line.x[-1] for line in lines)
    longest = max(lines, key=lambda line: len(line.x))
    x = longest.x[longest.x <= end]
    return x, np.stack([np.interp(x, line.x, line.y) for line in lines])


def update_lines(histories: Sequence[History], figure: str) -> list[Line]:
    """Return a figure of every member by update, smoothed: its costs, losses or penalties."""
    points = min(BUCKETS, max(FEWEST, POINTS_OF_MEMBERS // len(histories)))
    lines = []
    for history in histories:
        x, y = smoothed(np.arange(1, history.updates + 1), getattr(history, figure), points)
        if len(x):
            lines.append(Line(x, y, history.stopped != "diverged"))
    return lines


def epoch_lines(histories: Sequence[History], figure: str) -> list[Line]:
    """Return a figure of every member by epoch."""
    lines = []
    for history in histories:
        y = np.array([getattr(epoch, figure) for epoch in history.epochs], np.float64)
        x = np.array([epoch.epoch for epoch in history.epochs], np.float64)
        good = np.isfinite(y)
        if good.any():
            lines.append(Line(x[good], y[good], history.stopped != "diverged"))
    return lines


def ring(axes: Axes, x: float, y: float, colour: str) -> Line2D:
    """Mark the best epoch on a curve."""
    looks: dict[str, Any] = {"markerfacecolor": SURFACE, "markeredgewidth": 1.6, "zorder": 5}
    (sign,) = axes.plot([x], [y], "o", color=colour, markersize=5.5, **looks)
    return sign


def cross(axes: Axes, x: float, y: float) -> Line2D:
    """Mark the place where a cost exploded; what lies above the panel is marked at its top."""
    (sign,) = axes.plot(
        [x], [y], "x", color=FAIL, markersize=7, markeredgewidth=1.8, zorder=6, clip_on=False
    )
    return sign


def stroke(colour: str) -> Line2D:
    """Return a line for a legend alone."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour)
