"""A small curve for a terminal, drawn with the eight dots of braille characters.

A character is two dots wide and four high.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log10

# The bits of the dots of a braille character: (row from the top, column).
DOTS = {
    (0, 0): 0x01, (1, 0): 0x02, (2, 0): 0x04, (3, 0): 0x40,
    (0, 1): 0x08, (1, 1): 0x10, (2, 1): 0x20, (3, 1): 0x80,
}  # fmt: skip
BLANK = 0x2800
# A curve whose largest value is more than so many times its smallest is drawn on a log scale.
LINEAR_UP_TO = 10.0


class Buckets:
    """Means of values that keep coming, in no more than `most` buckets of equal size."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 1
        self._sums: list[float] = []
        self._count = 0  # of values in the last bucket

    def add(self, value: float) -> None:
        """Add the next value; one that is not finite is left out."""
        if not isfinite(value):
            return
        if not self._sums or self._count == self._size:
            if len(self._sums) == self._most:
                self._halve()
            self._count = 1  # first, as another thread may ask for means: never by 0
            self._sums.append(value)
        else:
            self._sums[-1] += value
            self._count += 1

    def _halve(self) -> None:
        self._sums = [a + b for a, b in zip(self._sums[::2], self._sums[1::2], strict=True)]
        self._size *= 2

    def means(self) -> list[float]:
        """Return the mean of every bucket, the last of which may not be full."""
        counts = [self._size] * (len(self._sums) - 1) + [self._count]
        return [total / n for total, n in zip(self._sums, counts, strict=False)]


def curve_lines(values: Sequence[float], width: int, height: int, name: str) -> list[str]:
    """Return a curve of `height` lines and at most `width` columns, with its bounds at the left.

    Values are spread over the whole width; nothing is returned for fewer than two.
    """
    if len(values) < 2:
        return []
    low, high = min(values), max(values)
    steep = low > 0 and high > LINEAR_UP_TO * low
    labels = [f"{high:.4g}", *[""] * (height - 2), f"{low:.4g}"]
    margin = max(len(name), *(len(label) for label in labels))
    columns = max(2, 2 * (width - margin - 2))
    scaled = [log10(value) for value in values] if steep else list(values)
    dots = _line(scaled, columns, 4 * height)
    lines = [
        f"{label:>{margin}} ┤{_row(dots, row, columns)}".rstrip(chr(BLANK))
        for row, label in enumerate(labels)
    ]
    title = f"{name:>{margin}}" + (" (log scale)" if steep else "")
    return [title, *lines]


def _line(values: Sequence[float], columns: int, rows: int) -> set[tuple[int, int]]:
    """Return the dots (row from the top, column) of a line without gaps."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    dots: set[tuple[int, int]] = set()
    before: int | None = None
    for column in range(columns):
        place = column / (columns - 1) * (len(values) - 1)
        left = min(int(place), len(values) - 2)
        value = values[left] + (place - left) * (values[left + 1] - values[left])
        row = round((high - value) / span * (rows - 1))
        start = row if before is None else before
        dots |= {(r, column) for r in range(min(start, row), max(start, row) + 1)}
        before = row
    return dots


def _row(dots: set[tuple[int, int]], row: int, columns: int) -> str:
    return "".join(
        chr(BLANK + sum(bit for (r, c), bit in DOTS.items() if (4 * row + r, column + c) in dots))
        for column in range(0, columns, 2)
    )
