"""Lines up the cells of a table: names to the left, numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], names: int) -> list[str]:
    """Return a line for each row; the first `names` columns hold names.

    >>> aligned([("layer", "std"), ("relu", "0.58")], names=1)
    ['layer   std', 'relu   0.58']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if k < names else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
