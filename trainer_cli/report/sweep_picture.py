"""Draws a sweep: where its good settings lie, and how accuracy depends on the first key."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer_cli.config.paths import is_seed
from trainer_cli.report.drawing import drawing
from trainer_cli.report.sweep_lines import best_share
from trainer_cli.report.sweep_looks import DARK, HALVED, LOST, colour_of, drawable, percent, shape
from trainer_cli.report.sweep_panels import curve_panel, scatter_panel, strip_panel
from trainer_cli.search.sweep import Swept
from trainer_cli.training.findings import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

PICTURE = "sweep.png"
FIRST = "optimizer.learning_rate"
DOTS_PER_INCH = 120


def sweep_picture(swept: Swept, path: Path) -> bool:
    """Draw a sweep as a PNG file; False, and no file, where matplotlib is not installed."""
    part = path.with_name(path.name + ".part")
    try:
        with drawing({}):
            sweep_figure(swept).savefig(part, format="png", dpi=DOTS_PER_INCH)
        part.replace(path)
    except ImportError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def sweep_figure(swept: Swept) -> Figure:
    """Return the picture: the panels that the searched keys allow, above one legend."""
    from matplotlib.figure import Figure
    from matplotlib.legend_handler import HandlerTuple

    ordered, others = keys_of(swept)
    curves, strips = ordered[:1], others[: 2 - len(ordered[:2])]
    panels = len(curves) + len(strips) + (len(ordered) > 1)
    figure = Figure(figsize=(6.4 * panels, 5.4), layout="constrained", facecolor="white")
    every = iter(figure.subplots(1, panels, squeeze=False)[0])
    if len(ordered) > 1:
        axes = next(every)
        coloured = scatter_panel(axes, swept, ordered[0], ordered[1])
        if coloured is not None:
            figure.colorbar(coloured, ax=axes, format=percent)
            axes.set_title("colour: validation accuracy", fontsize="medium")
    lined = [curve_panel(next(every), swept, path) for path in curves]
    for path in strips:
        strip_panel(next(every), swept, path)
    signs = _legend(swept, scatter=len(ordered) > 1, line=any(lined), strip=bool(strips))
    figure.legend(
        handles=list(signs.values()),
        labels=list(signs),
        handler_map={tuple: HandlerTuple(ndivide=None)},
        loc="outside lower center",
        ncols=panels,
        frameon=False,
    )
    return figure


def keys_of(swept: Swept) -> tuple[list[str], list[str]]:
    """Return the searched keys that can be an axis, the learning rate first; and the rest.

    The rest are choices, ranges too wide to be drawn, and seeds: these are numbers, but one is not
    nearer to another than to a third.
    """
    ordered: list[str] = []
    others: list[str] = []
    for path, distribution in swept.stages[0].space.items():
        axis = drawable(distribution) and not is_seed(path)
        (ordered if axis else others).append(path)
    return sorted(ordered, key=lambda path: path != FIRST), others


def _legend(
    swept: Swept, *, scatter: bool, line: bool, strip: bool
) -> dict[str, tuple[Line2D, ...]]:
    """Return what the signs mean, as far as the picture has them: the signs of each meaning."""
    counts = Counter((result.stage, result.state) for result in swept.results)
    of_state = Counter(result.state for result in swept.results)
    signs: dict[str, tuple[Line2D, ...]] = {}
    for stage in swept.stages:
        label = (
            f"stage {stage.number}: {counts[stage.number, 'finished']:,} of "
            f"{counted(len(stage.trials), 'trial')} finished {counted(stage.epochs, 'epoch')}"
        )
        signs[label] = (_sign(marker=shape(stage.number), color=colour_of(stage.number)),)
    if of_state["halved"]:
        label = f"smaller: {of_state['halved']:,} stopped by halving"
        signs[label] = (_sign(marker="o", color=DARK, markersize=7 * HALVED**0.5),)
    for state, (marker, colour) in LOST.items():
        if of_state[state]:
            markers = (marker, "|") if scatter else ("|",)  # a scatter stands beside a curve
            label = f"{of_state[state]:,} {state}"
            signs[label] = tuple(_sign(marker=each, color=colour) for each in markers)
    if swept.best is not None:
        hollow = {"markerfacecolor": "none", "markeredgewidth": 1.8, "markersize": 11}
        signs[f"best: trial {swept.best.trial}"] = (_sign(marker="o", color=DARK, **hollow),)
    if line:
        who = "trials" if best_share(swept) == 1 else "best quarter of the trials"
        across = {"marker": "", "linestyle": "-", "linewidth": 2.2, "color": colour_of(1)}
        signs[f"line: mean of the {who} nearby"] = (_sign(**across),)
    if strip:
        signs["median"] = (_sign(marker="", linestyle="-", linewidth=2, color=DARK),)
    return signs


def _sign(**looks: Any) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], **{"linestyle": "", "markersize": 7, **looks})
