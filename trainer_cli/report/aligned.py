"""Lines up the cells of a table: names to the left, numbers to the right.

Widths are those on a terminal, where a Chinese character is as wide as two letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size


def aligned(rows: Sequence[Sequence[str]], names: int) -> list[str]:
    """Return a line for each row; the first `names` columns hold names.

    >>> aligned([("layer", "std"), ("relu", "0.58")], names=1)
    ['layer   std', 'relu   0.58']
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + space if k < names else space + cell
            for k, cell in enumerate(row)
            for space in [" " * (widths[k] - cell_len(cell))]
        )
        for row in rows
    ]


def shortened(text: str, most: int) -> str:
    """Return text that takes `most` columns and no more.

    >>> shortened("Egyptian mongoose", 10)
    'Egyptian…'
    """
    return text if cell_len(text) <= most else f"{set_cell_size(text, most - 1).rstrip()}…"
