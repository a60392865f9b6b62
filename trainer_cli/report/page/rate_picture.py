"""The picture of the learning rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer_cli.report.page.curves import Values, thinned
from trainer_cli.report.page.lines import STYLES, Curves, Line, draw_lines
from trainer_cli.report.page.looks import (
    Signs,
    count_axis,
    legend,
    new_picture,
    number,
    value_axis,
)
from trainer_cli.report.page.picture import Picture

# Rates that are mostly so far below the highest one are drawn on a logarithmic scale, which shows
# no more decades than this below the median.
FOLD, BELOW = 20.0, 1e-3


def learning_rate(runs: Sequence[Curves]) -> Picture | None:
    """Draw the learning rate of every update, of each run's first member."""
    figure, axes = new_picture()
    signs: Signs = []
    rates: list[Values] = []
    for run in runs:
        history = run.histories[0]
        x, y = thinned(np.arange(1, history.updates + 1), history.rates)
        if len(x):
            style = STYLES[run.order % len(STYLES)]  # equal rates lie on one another
            signs.append((run.name, draw_lines(axes, [Line(x, y)], run.colour, style)))
            rates.append(y)
    if not rates:
        return None
    low, high = min(float(y.min()) for y in rates), max(float(y.max()) for y in rates)
    usual = min(float(np.median(y)) for y in rates)
    if usual > 0 and high / usual > FOLD:
        value_axis(axes, "log", max(low, usual * BELOW) / 1.3, high * 1.3)
    else:
        value_axis(axes, "linear", 0.0, high * 1.1)
    axes.set_xlim(left=0)
    count_axis(axes, "update")
    legend(figure, signs if len(runs) > 1 else [])
    ends = f"between {number(low)} and {number(high)}"
    told = f"constant at {number(low)}" if low == high else ends
    return Picture(
        name="learning-rate",
        title="Learning rate",
        description=f"The learning rate is {told}.",
        figure=figure,
    )
