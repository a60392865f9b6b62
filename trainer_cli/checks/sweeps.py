"""Looks at one subject's gradient: at a sample of coordinates, and along directions through all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from trainer_cli.checks.coordinates import sample, signs
from trainer_cli.checks.slopes import Comparison, Differences, Subject, Where

# A direction adds up all components with random signs, so that each is seen. The error of one
# component out of 100,000 is 1/300 of the sum; below this share nothing is looked for.
SEEN = 1e-6
# A direction that meets a kink is halved this often.
HALVED = 3
# After so many wrong coordinates no further ones are needed.
ENOUGH = 12


@dataclass(kw_only=True)
class Looked:
    """What was seen of one subject's gradient: comparisons by flat position, and the rest counted.

    `kinks` were skipped because no step leaves all kinks on their side; `hidden` are those whose
    gradient is zero or lost in rounding, on both sides.
    """

    subject: Subject
    seen: dict[int, Comparison] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def worst(self) -> int | None:
        """The position of the largest relative error; None if nothing could be compared."""
        return max(self.seen, key=lambda p: self.seen[p].error, default=None)

    @property
    def error(self) -> float:
        """The largest relative error."""
        return max((each.error for each in self.seen.values()), default=0.0)

    def add(self, position: int, comparison: Comparison | None) -> None:
        """Count a coordinate, and keep it if it tells something."""
        if comparison is None:
            self.counts["kinks"] += 1
        elif comparison.resolved:
            self.seen[position] = comparison
        else:
            self.counts["hidden"] += 1


def look(
    differences: Differences,
    subject: Subject,
    *,
    count: int,
    directions: int,
    tolerance: float,
    rng: np.random.Generator,
) -> Looked:
    """Compare a sample of coordinates, then directions; search what a direction shows wrong."""
    looked, wrong = Looked(subject=subject), 0
    for position in np.flatnonzero(~np.isfinite(subject.gradient))[:1]:
        looked.add(int(position), differences.at(subject, int(position)))
    for position in sample(subject.shape, count, rng):
        comparison = differences.at(subject, int(position))
        looked.add(int(position), comparison)
        wrong += comparison is not None and comparison.error > tolerance
        if wrong == ENOUGH:
            return looked
    size = subject.flat.size
    if wrong or size <= count:
        return looked
    for _ in range(directions):
        direction = subject.scale * signs(rng, (size,))
        position = _search(differences, subject, slice(0, size), direction, HALVED)
        if position is not None:
            looked.add(position, differences.at(subject, position))
            break
    return looked


def _search(
    differences: Differences, subject: Subject, where: Where, direction: np.ndarray, halve: int
) -> int | None:
    """Return a position at which the gradient along the direction goes wrong, if any."""
    along = differences.along(subject, where, direction[where])
    if along is None:
        if not halve or where.stop - where.start < 2:
            return None
        for half in _halves(where):
            found = _search(differences, subject, half, direction, halve - 1)
            if found is not None:
                return found
        return None
    size = float(np.linalg.norm(subject.gradient[where] * direction[where]))
    if along.excess <= SEEN * max(size, abs(along.differences)):
        return None
    while where.stop - where.start > 1:
        halves = _halves(where)
        excesses = [_excess(differences, subject, half, direction) for half in halves]
        if not max(excesses):
            return None
        where = halves[int(np.argmax(excesses))]
    return int(where.start)


def _halves(where: Where) -> tuple[Where, Where]:
    middle = (where.start + where.stop + 1) // 2
    return slice(where.start, middle), slice(middle, where.stop)


def _excess(
    differences: Differences, subject: Subject, where: Where, direction: np.ndarray
) -> float:
    along = differences.along(subject, where, direction[where])
    return 0.0 if along is None else along.excess
