"""Spreads trials over a space: at random, on a grid, or evenly (scrambled Halton points)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count, product
from math import prod
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.space import Choice, Distribution
from trainer_cli.nn.streams import stream

Sampler = Literal["random", "grid", "halton"]
Space = Mapping[str, Distribution]


def draw(
    space: Space, sampler: Sampler, trials: int, seed: int, stage: int
) -> list[dict[str, Any]]:
    """Return the values of all trials of a stage, before the first one runs.

    A grid has as many trials as it has points, which is `trials` at most, unless its choices alone
    make more.
    """
    if sampler == "grid":
        return grid(space, trials)
    draws = DRAWS[sampler]
    shares = {
        path: draws(dimension, trials, stream(seed, "sweep", stage, path)).tolist()
        for dimension, path in enumerate(space)
    }
    return [
        {path: distribution.at(shares[path][i]) for path, distribution in space.items()}
        for i in range(trials)
    ]


def at_random(dimension: int, trials: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return independent numbers, uniform in [0, 1): the lecture's way, with a stream per key."""
    return rng.random(trials)


def halton(dimension: int, trials: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return one coordinate of scrambled Halton points, in [0, 1).

    Point i is the radical inverse of i in base b, the prime number of its dimension: the digits
    of i mirrored at the point. Every digit goes through a random permutation of its own. Of the
    first bᵏ points one lies in each interval [j/bᵏ, (j + 1)/bᵏ), and so of the next bᵏ.
    Source: Owen 2017, "A randomized Halton algorithm in R".
    """
    base = nth_prime(dimension)
    inverse = np.zeros(trials, np.int64)
    rest, scale = np.arange(trials), 1
    while scale * base <= 2**53:  # what a float64 holds
        inverse = inverse * base + rng.permutation(base)[rest % base]
        rest //= base
        scale *= base
    return inverse / scale


DRAWS: Final[Mapping[str, Callable[[int, int, np.random.Generator], NDArray[np.float64]]]] = {
    "random": at_random,
    "halton": halton,
}


def nth_prime(n: int) -> int:
    """Return the n-th prime number, counted from 0: 2, 3, 5, ..."""
    primes: list[int] = []
    for number in count(2):
        if all(number % prime for prime in primes):
            primes.append(number)
            if len(primes) > n:
                break
    return primes[-1]


def grid(space: Space, trials: int) -> list[dict[str, Any]]:
    """Return all points of a grid; the last key changes fastest."""
    points = points_per_key(space, trials)
    axes = [distribution.spread(points[path]) for path, distribution in space.items()]
    return [dict(zip(space, values, strict=True)) for values in product(*axes)]


def points_per_key(space: Space, trials: int) -> dict[str, int]:
    """Return how many values of each key a grid has.

    A choice has all of its values. The keys with numbers share what is left: starting with one
    value each, the one with the fewest gets another, of equals the first in the file, until no
    key can get one more with at most `trials` points in all. Whole numbers have no more values
    than there are.
    """
    points = {path: len(distribution.spread(1)) for path, distribution in space.items()}
    growing = [path for path, each in space.items() if not isinstance(each, Choice)]
    while growing:
        path = min(growing, key=lambda path: points[path])
        more = len(space[path].spread(points[path] + 1))
        if more == points[path] or prod(points.values()) // points[path] * more > trials:
            growing.remove(path)
        else:
            points[path] = more
    return points
