"""The picture of how far each update moves the weights of each layer, beside what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from trainer_cli.report.page.lines import STYLES, Line, draw_lines, stroke
from trainer_cli.report.page.looks import (
    INK,
    SERIES,
    SOFT,
    Signs,
    count_axis,
    legend,
    new_picture,
    value_axis,
)
from trainer_cli.report.page.picture import Picture
from trainer_cli.training.history import History

# CS231n, "Babysitting the learning process": about 1e-3; 1e-4 and 1e-2 are still usual.
LOW, USUAL, HIGH = 1e-4, 1e-3, 1e-2
USUAL_SHADE = 0.05
NAMED = 8  # layers that a legend has room for


def update_ratios(histories: Sequence[History]) -> Picture | None:
    """Draw the norm of an update over that of the weights that it moved, for every layer."""
    lines = {name: _lines(histories, name) for name in _weights(histories)}
    lines = {name: every for name, every in lines.items() if every}
    if not lines:
        return None
    figure, axes = new_picture()
    shade = axes.axhspan(LOW, HIGH, color=INK, alpha=USUAL_SHADE, linewidth=0, zorder=0)
    axes.axhline(USUAL, color=SOFT, linewidth=1, linestyle=(0, (1, 2)), zorder=1)
    signs: Signs = []
    for order, (name, every) in enumerate(lines.items()):
        colour, style = SERIES[order % len(SERIES)], STYLES[order // len(SERIES) % len(STYLES)]
        signs.append((name, draw_lines(axes, every, colour, style)))
    if len(signs) > NAMED:
        more = f"{len(signs) - NAMED + 1} more"
        signs = [*signs[: NAMED - 1], (more, stroke(SOFT))]
    values = np.concatenate([line.y for every in lines.values() for line in every])
    axes.set_xlim(0, max(h.updates for h in histories) * 1.02)
    value_axis(axes, "log", min(LOW, values.min()) / 2, max(HIGH, values.max()) * 2)
    count_axis(axes, "update")
    legend(figure, [*signs, ("usual", shade)])
    ends = {name: every[0].y[-1] for name, every in lines.items()}
    return Picture(
        name="update-ratios",
        title="Update ratios by layer",
        description="Norm of the update over norm of the weights, at the last look: "
        + ", ".join(f"{name} {ratio:.2g}" for name, ratio in ends.items()),
        figure=figure,
        remark="Norm of an update over the norm of the weights: about 10⁻³, usually 10⁻⁴ to 10⁻².",
    )


def _weights(histories: Sequence[History]) -> dict[str, None]:
    """Return the names of the parameters that are weights, in the order of the layers."""
    names = {
        each.parameter: None for h in histories for look in h.looks for each in look.parameters
    }
    layers = [name for name in names if name.endswith(".weights")]
    return dict.fromkeys(layers)


def _lines(histories: Sequence[History], name: str) -> list[Line]:
    lines = []
    for history in histories:
        points = [
            (look.update, each.ratio)
            for look in history.looks
            for each in look.parameters
            if each.parameter == name and each.ratio is not None
            if isfinite(each.ratio) and each.ratio > 0
        ]
        if points:
            x, y = np.array(points, np.float64).T
            lines.append(Line(x, y, history.stopped != "diverged"))
    return lines
