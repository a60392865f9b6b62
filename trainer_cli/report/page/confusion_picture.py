"""The picture of a confusion matrix: right answers in one colour, mistakes in another.

C classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trainer_cli.report.page.looks import (
    INK,
    PAPER,
    SURFACE,
    TRAINING,
    VALIDATION,
    new_picture,
)
from trainer_cli.report.page.markup import plain
from trainer_cli.report.page.picture import Picture
from trainer_cli.report.page.validated import Validated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (4.7, 4.3)
NUMBERED = 12  # classes whose numbers have room in the cells
NAMED = 30  # classes whose names have room beside them
LONGEST = 12  # letters of a name
STRONG = 0.7  # a cell of at least this strength needs light letters
# The share of a class that is drawn as strongly as a mistake can be.
LEAST_FULL = 0.15


def confusion_picture(validated: Validated) -> Picture:
    """Draw how large a share of each class was taken for which."""
    matrix = validated.matrix
    classes = len(matrix)
    shares = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))  # (C, C)
    mistakes = shares[~np.eye(classes, dtype=bool)]
    full = max(LEAST_FULL, float(mistakes.max(initial=0.0)))
    figure, axes = new_picture(SIZE)
    for row, column in zip(*np.nonzero(matrix), strict=True):
        right = row == column
        share = float(shares[row, column])
        strength = share if right else share / full
        _cell(axes, int(row), int(column), TRAINING if right else VALIDATION, strength)
        if classes <= NUMBERED:
            told: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": "small"}
            colour = SURFACE if strength >= STRONG else INK
            axes.text(column, row, f"{matrix[row, column]}", color=colour, **told)
    _axes(axes, validated)
    right_share = validated.right / max(1, validated.examples)
    return Picture(
        name="confusion",
        title="Confusion matrix",
        description=f"{right_share:.1%} of {validated.examples:,} validation examples lie on the "
        "diagonal",
        figure=figure,
        remark="Rows: the class of an example. Columns: what it was taken for. Strength: the share "
        "of the class, of mistakes by the most frequent one.",
    )


def _cell(axes: Axes, row: int, column: int, colour: str, strength: float) -> None:
    from matplotlib.patches import Rectangle

    place = (column - 0.47, row - 0.47)
    looks: dict[str, Any] = {"alpha": 0.08 + 0.87 * min(1.0, strength), "linewidth": 0}
    axes.add_patch(Rectangle(place, 0.94, 0.94, facecolor=colour, **looks))


def _axes(axes: Axes, validated: Validated) -> None:
    classes = len(validated.matrix)
    axes.set(xlim=(-0.5, classes - 0.5), ylim=(classes - 0.5, -0.5), aspect="equal")
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(True)
        side.set_color(PAPER["line"])
    axes.tick_params(length=0)
    axes.set(xlabel="taken for", ylabel="class")
    if classes > NAMED:
        return
    names = [_short(plain(name)) for name in validated.names]
    slanted: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(classes), names, **(slanted if max(map(len, names)) > 3 else {}))
    axes.set_yticks(range(classes), names)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
