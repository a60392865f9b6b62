"""Pictures of how the outputs of each layer were spread, from the first look to the last."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from trainer_cli.report.page.curves import Values
from trainer_cli.report.page.looks import (
    SERIES,
    STEPS,
    SURFACE,
    counted_short,
    new_picture,
    number,
)
from trainer_cli.report.page.picture import Picture
from trainer_cli.training.history import History, Look
from trainer_cli.training.layer_statistics import Histogram, LayerStatistics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (2.35, 1.75)  # inches: half a phone across
ACROSS = 4  # panels in a row of the file
RIDGES = 7  # looks that are drawn, one before the other
HEIGHT = 2.6  # of a ridge, in steps from one to the next
HAIR = 0.015  # share of the panel's width below which a ridge is drawn as a line
# These pass on what they get, if not all of it.
PASSING = ("flatten", "dropout")

Seen = Sequence[tuple[Look, LayerStatistics]]


def histogram_pictures(history: History) -> list[Picture]:
    """Draw a small picture for each layer: later looks before earlier ones, all equally high."""
    pictures = []
    for number_, seen in _by_layer(history):
        figure, axes = new_picture(SIZE)
        _ridges(axes, seen)
        last = seen[-1][1]
        pictures.append(
            Picture(
                name=f"activations-{number_}",
                title=_name(last),
                description=f"Outputs at the last look: mean {last.mean:.3g}, deviation "
                f"{last.std:.3g}",
                figure=figure,
                remark=_remark(last),
            )
        )
    return pictures


def histogram_sheet(history: History) -> Picture | None:
    """Draw the pictures of all layers as one."""
    from matplotlib.figure import Figure

    layers = _by_layer(history)
    if not layers:
        return None
    rows, columns = ceil(len(layers) / ACROSS), min(len(layers), ACROSS)
    figure = Figure(figsize=(SIZE[0] * columns, (SIZE[1] + 0.2) * rows + 0.3), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels[len(layers) :]:
        axes.set_visible(False)
    for axes, (_, seen) in zip(panels, layers, strict=False):
        _ridges(axes, seen)
        axes.set_title(_name(seen[-1][1]), fontsize="medium", loc="left")
    return Picture(
        name="activations",
        title="Outputs of the layers, by update",
        description="Histograms of what each layer gives",
        figure=figure,
    )


def _by_layer(history: History) -> list[tuple[int, Seen]]:
    """Return the looks at every layer that has something of its own to show, with its place."""
    places = np.linspace(0, len(history.looks) - 1, min(len(history.looks), RIDGES))
    looks = [history.looks[k] for k in np.unique(places.astype(np.intp))]
    layers = looks[-1].layers if looks else ()
    every = [(i, [(look, look.layers[i]) for look in looks]) for i in range(len(layers))]
    return [(i, seen) for i, seen in every if seen[-1][1].kind not in PASSING]


def _ridges(axes: Axes, seen: Seen) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    shown = [(look.update, s.histogram) for look, s in seen if s.histogram is not None]
    lowest = min((histogram.low for _, histogram in shown), default=0.0)
    highest = max((histogram.high for _, histogram in shown), default=0.0)
    bases = [float(len(shown) - 1 - k) for k in range(len(shown))]
    for k, (_, histogram) in enumerate(shown):
        x, y = _outline(histogram)
        strength = 0.25 + 0.6 * (k + 1) / len(shown)
        ground: dict[str, Any] = {"facecolor": SURFACE, "edgecolor": SURFACE, "linewidth": 0.9}
        ridge: dict[str, Any] = {"facecolor": SERIES[0], "alpha": strength, "linewidth": 0}
        for looks in (ground, ridge):
            axes.fill_between(x, bases[k], bases[k] + HEIGHT * y, zorder=2 + k, **looks)
        if x[-1] - x[0] < HAIR * (highest - lowest):
            middle, top = (x[0] + x[-1]) / 2, bases[k] + HEIGHT
            axes.plot([middle] * 2, [bases[k], top], color=SERIES[0], linewidth=1, zorder=2 + k)
    axes.set_yticks(bases, [counted_short(update) for update, _ in shown])
    axes.set_ylim(-0.15, max(0, len(shown) - 1) + HEIGHT * 1.05)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=STEPS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def _outline(histogram: Histogram) -> tuple[Values, Values]:
    """Return the outline of a histogram, its highest bin 1: through the middles of the bins."""
    counts = np.array(histogram.counts, np.float64)
    if histogram.low == histogram.high:  # all values are the same: a needle
        width = abs(histogram.low) * 0.01 or 0.01
        return histogram.low + width * np.array([-1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    edges = np.linspace(histogram.low, histogram.high, len(counts) + 1)
    x = np.concatenate([edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]])
    return x, np.concatenate([[0.0], counts / counts.max(), [0.0]])


def _name(layer: LayerStatistics) -> str:
    return f"{layer.layer} {layer.kind}"


def _remark(last: LayerStatistics) -> str:
    told = f"mean {number(float(f'{last.mean:.2g}'))}, sd {number(float(f'{last.std:.2g}'))}"
    shares = {"dead": last.dead, "saturated": last.saturated or 0.0}
    return ", ".join([told, *(f"{v:.0%} {name}" for name, v in shares.items() if v >= 0.005)])
