"""Holds a gradient that was written down against difference quotients, within what those can tell.

A difference quotient errs by rounding, by truncation, and beyond bounds where it straddles a kink.
So a disagreement is looked at with several steps: a step that changes sides is given up for a
smaller one, and of the others the one counts whose error bound is lowest. What lies within the
bound is no disagreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks import stencils
from trainer_cli.checks.surfaces import Surface
from trainer_cli.nn.layers.place import Array

# A first quotient that agrees to this is not looked at again; a one-sided one cannot be that good.
AGREED = 3e-7
AGREED_ONE_SIDED = 1e-5
# The quotient of the next smaller step stands in for the truth, so the bound is doubled.
SAFETY = 2.0
# From one step to the next: the truncation error of two sides changes by 256, rounding by 16.
FACTOR = 16.0
COARSER, FINER = 3, 4
# No sum of steps may exceed this share of the scale: a weight must not change its sign.
REACH = 0.25
# A coordinate tells something if an error of this share of its gradient would be seen.
RESOLVED = 1e-2

# Neighbouring positions of a subject.
Where = slice


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An array, given flat, that the surface depends on from layer `first` on, and its gradient.

    `scale` says how large a move of each value is natural, `doubt` how far rounding may put a
    component of the gradient off.
    """

    name: str
    shape: tuple[int, ...]
    first: int
    flat: Array
    gradient: Array
    scale: Array
    doubt: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A component of the gradient as backward gives it and as differences do.

    `doubt` bounds the error of the difference quotient.
    """

    backward: float
    differences: float
    doubt: float

    @property
    def larger(self) -> float:
        """The larger of the two, which a relative error is relative to."""
        return max(abs(self.backward), abs(self.differences))

    @property
    def excess(self) -> float:
        """How far the two disagree beyond doubt; a gradient that is not finite, without end."""
        if not isfinite(self.backward):
            return inf
        return max(0.0, abs(self.backward - self.differences) - SAFETY * self.doubt)

    @property
    def error(self) -> float:
        """The relative error |a - n| / max(|a|, |n|), less what is in doubt."""
        if not isfinite(self.backward):
            return 1.0
        return self.excess / self.larger if self.excess else 0.0

    @property
    def resolved(self) -> bool:
        """Whether a wrong gradient would have been seen: a fault, or a good look at none."""
        return self.excess > 0 or SAFETY * self.doubt < RESOLVED * self.larger


class Differences:
    """Difference quotients of a surface along coordinates and directions of a subject."""

    def __init__(self, surface: Surface, sides: int) -> None:
        self._surface = surface
        self._formula = stencils.formula(sides)
        self._step = stencils.step(sides)
        self._reach = max(k for k, _ in self._formula)
        self._weight = sum(abs(c) for _, c in self._formula)
        self._agreed = AGREED_ONE_SIDED if sides == 1 else AGREED
        self._starts: dict[int, list[NDArray[Any]]] = {}

    def at(self, subject: Subject, position: int) -> Comparison | None:
        """Compare at one coordinate; None if no step leaves all kinks on their side."""
        where = slice(position, position + 1)
        scale = float(subject.scale[position])
        along = self.along(subject, where, np.array([scale]))
        if along is None:
            return None
        return Comparison(
            backward=along.backward / scale,
            differences=along.differences / scale,
            doubt=along.doubt / scale,
        )

    def along(self, subject: Subject, where: Where, direction: Array) -> Comparison | None:
        """Compare the derivative along a direction, which is given at the positions `where`."""
        parts = subject.gradient[where] * direction
        backward, size = float(parts.sum()), float(np.linalg.norm(parts))
        quotient = self._quotient(subject, where, direction, self._step)
        if quotient is not None:
            close = self._agreed * max(size, abs(quotient))
            if abs(quotient - backward) <= close:
                return Comparison(backward=backward, differences=quotient, doubt=0.0)
        own = subject.doubt * float(np.abs(direction).sum())
        best = None
        for each, bound in self._bounded(subject, where, direction, quotient):
            if best is None or bound + own < best.doubt:
                best = Comparison(backward=backward, differences=each, doubt=bound + own)
        return best

    def _bounded(
        self, subject: Subject, where: Where, direction: Array, first: float | None
    ) -> list[tuple[float, float]]:
        """Return quotients of several steps, each with a bound of its error."""
        known = {0: first}

        def at(level: int) -> float | None:
            if level not in known:
                step = self._step * FACTOR**level
                possible = step * self._reach <= REACH or level <= 0
                known[level] = self._quotient(subject, where, direction, step) if possible else None
            return known[level]

        level = 0
        if first is None:
            while level > -FINER and at(level) is None:
                level -= 1
        else:
            while level < COARSER and at(level + 1) is not None:
                level += 1
        found = []
        for upper in range(level, min(level, 0) - 1, -1):
            coarse, fine = at(upper), at(upper - 1)
            if coarse is not None and fine is not None:
                # What the finer quotient is off by through rounding hides in their difference.
                found.append((coarse, abs(coarse - fine) + self._noise(upper - 1)))
        return found

    def _noise(self, level: int) -> float:
        return self._surface.rounding * self._weight / (self._step * FACTOR**level)

    def _quotient(
        self, subject: Subject, where: Where, direction: Array, step: float
    ) -> float | None:
        """Return the difference quotient, or None if it straddles a kink or overflows."""
        start = self._start(subject.first)
        before = subject.flat[where].copy()
        total: Array | None = None
        for k, coefficient in self._formula:
            subject.flat[where] = before + k * step * direction
            point = self._surface.at(subject.first)
            subject.flat[where] = before
            if not all(map(np.array_equal, start, point.sides)):
                return None
            part = coefficient * point.summands
            total = part if total is None else total + part
        assert total is not None
        quotient = float(total.mean()) / step
        return quotient if isfinite(quotient) else None

    def _start(self, first: int) -> list[NDArray[Any]]:
        """Return the sides at the point itself."""
        start = self._starts.get(first)
        if start is None:
            start = self._starts[first] = [s.copy() for s in self._surface.at(first).sides]
        return start
