"""How the panels of a sweep's picture look: shapes, colours, sizes and axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trainer_cli.config.space import Distribution, LogInt, LogUniform, Range
from trainer_cli.search.trials import State

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Stages differ by shape and, where colour does not show the accuracy, by colour.
SHAPES = "osD^vP"
COLOURS = ("#3b6fb6", "#e07b39", "#4d9a5b", "#8a63ad", "#b58a2f", "#6b6b6b")
LOST: dict[State, tuple[str, str]] = {"diverged": ("x", "#c0392b"), "infeasible": ("+", "#7f7f7f")}
DARK, GROUND, LINES = "#222222", "#f7f7f5", "#d9d9d9"
# Points share this area, in square points, but none is larger or smaller than the bounds.
ROOM, LARGEST, SMALLEST = 4000.0, 60.0, 14.0
RING = 210.0
HALVED = 0.35  # share of a point's area for trials that were stopped before their end
WIDEST = 1e100  # numbers beyond are more than an axis can hold
MARGIN = 0.04  # share of a range that is left free on either side


def shape(stage: int) -> str:
    """Return the shape of a stage's points."""
    return SHAPES[(stage - 1) % len(SHAPES)]


def colour_of(stage: int) -> str:
    """Return the colour of a stage's points where colour says nothing else."""
    return COLOURS[(stage - 1) % len(COLOURS)]


def percent(accuracy: float, position: float | None) -> str:
    """Return how an accuracy is written beside an axis, at whatever position.

    >>> percent(0.975, None)
    '97.5%'
    """
    return f"{round(100 * accuracy, 6) + 0:g}%"


def logarithmic(distribution: Distribution) -> bool:
    """Return whether values of a distribution are compared by their logarithm."""
    return isinstance(distribution, LogUniform | LogInt)


def drawable(distribution: Distribution) -> bool:
    """Return whether values of a distribution can be drawn along an axis."""
    if not isinstance(distribution, Range):
        return False
    return max(abs(distribution.low), abs(distribution.high)) < WIDEST and (
        not logarithmic(distribution) or distribution.low > 1 / WIDEST
    )


def area_of(trials: int, state: State) -> float:
    """Return the area of a point, in square points, among those of so many trials."""
    area = min(LARGEST, max(SMALLEST, ROOM / max(1, trials)))
    return HALVED * area if state == "halved" else area


def ring(axes: Axes, x: float, y: float) -> None:
    """Put a ring around a point."""
    axes.scatter([x], [y], s=RING, facecolors="none", edgecolors=DARK, linewidths=1.8, zorder=4)


def scale(axes: Axes, way: Literal["x", "y"], distribution: Distribution, path: str) -> None:
    """Give an axis the whole range that was searched, and the scale that it was searched on."""
    assert isinstance(distribution, Range)
    low, high = float(distribution.low), float(distribution.high)
    if logarithmic(distribution):
        room = (high / low) ** MARGIN
        looks = {"scale": "log", "lim": (low / room, high * room), "label": path}
    else:
        room = (high - low) * MARGIN
        looks = {"lim": (low - room, high + room), "label": path}
    axes.set(**{f"{way}{name}": look for name, look in looks.items()})


def tidy(axes: Axes, lines: Literal["both", "y"]) -> None:
    """Give a panel its ground, lines across it, and no frame."""
    axes.set_facecolor(GROUND)
    axes.grid(axis=lines, color=LINES, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
