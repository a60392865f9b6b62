"""Pictures of the loss by epoch, on a linear and on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
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
from trainer_cli.report.page.curves import Values
from trainer_cli.report.page.lines import (
    DOTS,
    TWO_STROKES,
    Curves,
    draw_lines,
    epoch_lines,
    ring,
)
from trainer_cli.report.page.looks import (
    PENALTY,
    TRAINING,
    VALIDATION,
    Signs,
    count_axis,
    legend,
    new_picture,
    value_axis,
)
from trainer_cli.report.page.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def loss_by_epoch(runs: Sequence[Curves], scale: Scale) -> Picture | None:
    """Draw the loss of training and validation examples after every epoch, and the penalty."""
    histories = [history for run in runs for history in run.histories if history.epochs]
    if not histories:
        return None
    figure, axes = new_picture()
    if len(runs) > 1:
        signs, values = _by_run(axes, runs)
        remark: str | None = TWO_STROKES
    else:
        signs, values, remark = _by_split(axes, runs[0], scale)
    signs += _best_epochs(axes, runs)
    low, high = bounds(values, scale, histories)
    steps = histories[0].setting.steps_per_epoch
    signs += mark_ends(axes, histories, high, updates_across=steps)
    value_axis(axes, scale, low, high)
    count_axis(axes, "epoch")
    legend(figure, signs)
    return Picture(
        name=f"loss-by-epoch{ENDINGS[scale]}",
        title=f"Loss by epoch{WORDS[scale]}",
        description="Loss of training and validation examples after every epoch, without penalty.",
        figure=figure,
        remark=remark,
    )


def _by_split(axes: Axes, run: Curves, scale: Scale) -> tuple[Signs, list[Values], str | None]:
    signs: Signs = []
    values: list[Values] = []
    epochs = [epoch for history in run.histories for epoch in history.epochs]
    penalties = np.array([epoch.penalty for epoch in epochs])
    losses = np.array([each for e in epochs for each in (e.train_loss, e.validation_loss)])
    kinds = [("training", "train_loss", TRAINING), ("validation", "validation_loss", VALIDATION)]
    shown = shows_penalty(penalties, losses, scale)
    if shown:
        kinds.append(("penalty", "penalty", PENALTY))
    for name, figure, colour in kinds:
        lines = epoch_lines(run.histories, figure)
        if lines:
            values += [line.y for line in lines]
            signs.append((name, draw_lines(axes, lines, colour)))
    return signs, values, None if shown else unseen_penalty(penalties)


def _by_run(axes: Axes, runs: Sequence[Curves]) -> tuple[Signs, list[Values]]:
    signs: Signs = []
    values: list[Values] = []
    for run in runs:
        training = epoch_lines(run.histories, "train_loss")
        validation = epoch_lines(run.histories, "validation_loss")
        if training:
            draw_lines(axes, training, run.colour, DOTS).set_linewidth(1.0)
        if validation:
            signs.append((run.name, draw_lines(axes, validation, run.colour, run.style)))
        values += [line.y for line in training + validation]
    return signs, values


def _best_epochs(axes: Axes, runs: Sequence[Curves]) -> Signs:
    signs: Signs = []
    for run in runs:
        colour = run.colour if len(runs) > 1 else VALIDATION
        for best in (history.best for history in run.histories):
            if best is not None and isfinite(best.validation_loss):
                signs = [("best epoch", ring(axes, best.epoch, best.validation_loss, colour))]
    return signs
