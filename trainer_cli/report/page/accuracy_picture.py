"""The picture of accuracy, and of the gap between training and validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

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
    BAND,
    SOFT,
    TRAINING,
    VALIDATION,
    Signs,
    count_axis,
    legend,
    new_picture,
    share_axis,
)
from trainer_cli.report.page.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_RANGE = 0.02  # of accuracies, as a panel shows them


def accuracy_by_epoch(runs: Sequence[Curves]) -> Picture | None:
    """Draw the accuracy on training and validation examples, and shade what lies between them."""
    histories = [history for run in runs for history in run.histories if history.epochs]
    if not histories:
        return None
    figure, axes = new_picture()
    signs, values = _by_run(axes, runs) if len(runs) > 1 else _by_split(axes, runs[0])
    majority = histories[0].setting.majority
    low, high = min(min(values), 1.0), max(max(values), 0.0)
    rings: Signs = []
    for run in runs:
        for history in run.histories:
            if history.best is not None:
                colour = run.colour if len(runs) > 1 else VALIDATION
                best = history.best
                rings = [("best epoch", ring(axes, best.epoch, best.validation_accuracy, colour))]
    room = max(LEAST_RANGE, high - low) * 0.06
    if majority > low - 3 * (high - low):  # else it would leave nothing of the curves
        _baseline(axes, majority)
        low, high = min(low, majority), max(high, majority)
    axes.set_xlim(left=0 if len(histories[0].epochs) == 1 else None)
    share_axis(axes, low - room, high + room)
    count_axis(axes, "epoch")
    legend(figure, [*signs, *rings])
    return Picture(
        name="accuracy",
        title="Validation accuracy by epoch" if len(runs) > 1 else "Accuracy by epoch",
        description="; ".join(_told(run, len(runs) > 1) for run in runs),
        figure=figure,
        remark=TWO_STROKES if len(runs) > 1 else None,
    )


def _baseline(axes: Axes, majority: float) -> None:
    axes.axhline(majority, color=SOFT, linewidth=1, linestyle=(0, (1, 2)))
    looks: dict[str, Any] = {"color": SOFT, "fontsize": "small", "ha": "right", "va": "bottom"}
    beside = axes.get_yaxis_transform()
    axes.text(0.995, majority, "largest class alone", transform=beside, in_layout=False, **looks)


def _by_split(axes: Axes, run: Curves) -> tuple[Signs, list[float]]:
    signs: Signs = []
    kept: dict[str, tuple[Values, Values]] = {}
    values: list[float] = []
    for name, colour in (("train", TRAINING), ("validation", VALIDATION)):
        lines = epoch_lines(run.histories, f"{name}_accuracy")
        mean = draw_lines(axes, lines, colour)
        signs.append(("training" if name == "train" else name, mean))
        kept[name] = np.asarray(mean.get_xdata()), np.asarray(mean.get_ydata())
        values += [float(v) for line in lines for v in line.y]
    (x, training), (_, validation) = kept["train"], kept["validation"]
    between = axes.fill_between(x, training, validation, color=SOFT, alpha=BAND, linewidth=0)
    between.set_zorder(1)
    signs.append(("gap", between))
    return signs, values


def _by_run(axes: Axes, runs: Sequence[Curves]) -> tuple[Signs, list[float]]:
    signs: Signs = []
    values: list[float] = []
    for run in runs:
        training = epoch_lines(run.histories, "train_accuracy")
        validation = epoch_lines(run.histories, "validation_accuracy")
        if validation:
            draw_lines(axes, training, run.colour, DOTS).set_linewidth(1.0)
            signs.append((run.name, draw_lines(axes, validation, run.colour, run.style)))
        values += [float(v) for line in training + validation for v in line.y]
    return signs, values


def _told(run: Curves, named: bool) -> str:
    bests = [h.best for h in run.histories if h.best is not None]
    if not bests:
        return f"{run.name}: no epoch was finished"
    best = max(bests, key=lambda epoch: epoch.validation_accuracy)
    told = (
        f"validation accuracy {best.validation_accuracy:.1%} and training accuracy "
        f"{best.train_accuracy:.1%} in the best epoch, {best.epoch}"
    )
    return f"{run.name}: {told}" if named else told[0].upper() + told[1:]
