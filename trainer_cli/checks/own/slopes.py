"""Slopes of the cost along single coordinates and directions, by central differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer_cli.nn.layers.place import Array

STEPS = (1e-5, 1e-6, 1e-7)
# A difference that is this share of the slope, or less, needs no shorter step.
CLOSE = 1e-5
# How far the slopes on both sides may differ, relative to them, without a kink in between: a bend
# makes some of the step of it.
BEND = 1e-3
# Up to this share a kink may be all that the difference is.
UNSURE = 1e-2
EPSILON = float(np.finfo(np.float64).eps)
# Rounding may put a cost off by so many times itself times EPSILON.
ROUNDINGS = 50


@dataclass(kw_only=True)
class Compared:
    """One parameter's slopes: those that backward gives, beside the differences.

    `kinks` counts the coordinates left out because the cost has a kink there.
    """

    name: str
    shape: tuple[int, ...]
    places: list[tuple[int, ...]] = field(default_factory=list)
    given: list[float] = field(default_factory=list)
    measured: list[float] = field(default_factory=list)
    noise: float = 0.0
    kinks: int = 0

    def errors(self) -> Array:
        """Return the relative errors, 0 where rounding hides the difference."""
        given, measured = np.array(self.given), np.array(self.measured)
        if not len(given):
            return np.zeros(0)
        apart = np.abs(given - measured)
        size = np.maximum(np.abs(given), np.abs(measured))
        error = apart / np.maximum(size, 1e-300)
        error[apart <= self.noise] = 0.0
        error[~np.isfinite(given)] = np.inf
        return np.asarray(error)


def slope(
    begun: float, cost: Callable[[], float], move: Callable[[float], None], given: float
) -> tuple[float, float] | None:
    """Return the slope along `move`, from the cost `begun`, and its rounding; None at a kink.

    A difference from `given` that a shorter step makes much smaller comes from kinks nearby.
    Source: CS231n, "Neural Networks Part 3", section Gradient checks: centered formula, kinks.
    """
    found, nearest = None, np.inf
    for step in STEPS:
        move(step)
        above = cost()
        move(-2 * step)
        below = cost()
        move(step)
        noise = ROUNDINGS * EPSILON * max(abs(begun), 1.0) / step
        measured = (above - below) / (2 * step)
        bend = abs(above - 2 * begun + below) / step
        if bend > BEND * abs(measured) + noise:
            continue
        apart = abs(measured - given)
        if CLOSE * abs(measured) + noise < apart <= min(bend, UNSURE * abs(measured)):
            continue  # one of the slopes on both sides may well be the given one
        if found is not None and not apart <= nearest / 2:
            break
        found, nearest = (measured, noise), apart
        if apart <= CLOSE * abs(measured) + noise:
            break
    return found


def compare(
    name: str,
    values: Array,
    given: Array,
    cost: Callable[[], float],
    places: NDArray[np.intp],
    directions: int,
    rng: np.random.Generator,
) -> Compared:
    """Compare the gradient of one parameter with differences at flat places, and along directions.

    Directions see every coordinate at once: what is wrong at a few places only shows there.
    """
    found, here = Compared(name=name, shape=values.shape), cost()
    flat = values.flat  # whatever order the values lie in
    for i in places:
        begun = flat[i]

        def move(step: float, i: Any = i) -> None:
            flat[i] += step

        _note(
            found,
            slope(here, cost, move, float(given.reshape(-1)[i])),
            float(given.reshape(-1)[i]),
            np.unravel_index(i, values.shape),
        )
        flat[i] = begun
    for _ in range(directions):
        along = rng.standard_normal(values.shape)
        along /= max(float(np.sqrt(np.square(along).sum())), EPSILON)
        before = values.copy()

        def shift(step: float, along: Array = along) -> None:
            values[...] += step * along

        expected = float((given * along).sum())
        _note(found, slope(here, cost, shift, expected), expected, ())
        values[...] = before
    return found


def _note(
    found: Compared, measured: tuple[float, float] | None, given: float, place: tuple[Any, ...]
) -> None:
    if measured is None:
        found.kinks += 1
        return
    found.places.append(tuple(int(k) for k in place))
    found.given.append(given)
    found.measured.append(measured[0])
    found.noise = max(found.noise, measured[1])
