"""Were there enough trials to find a good region at all?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import ceil, inf, log, prod

from trainer_cli.config.rules import FewTrials, rule_of
from trainer_cli.config.space import Choice, Distribution, Int, LogInt, Range
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.facts import Facts
from trainer_cli.training.findings import Finding, counted

# n random trials come into the best tenth of a space with a chance of 1 - 0.9ⁿ, whatever that
# tenth looks like and however many keys there are; 22 make it 90 %. Source: Bergstra & Bengio
# 2012, "Random search for hyper-parameter optimization".
BEST = 0.1
# A grid has few different values of each key: 5 show a rise, a top and a fall. Of a key alone 10
# reach every tenth of the range.
PER_KEY, OF_ONE_KEY = 5, 10


def few_trials(facts: Facts) -> Finding | None:
    """Return a warning if the first stage, which sees the whole space, has few trials for it."""
    results, space = facts.stage(1), facts.space
    settings = {json.dumps([result.values[path] for path in space]) for result in results}
    if not space or prod(_count(each) for each in space.values()) <= len(settings):
        return None
    grid = _grid(results, space)
    if grid is not None:
        return _coarse(grid, space)
    trained = sum(each.state != "infeasible" for each in results)
    return _few(trained, len(results), rule_of(facts.rules, FewTrials).chance)


def _few(trained: int, trials: int, sure: float) -> Finding | None:
    chance, enough = 1 - (1 - BEST) ** trained, ceil(log(1 - sure) / log(1 - BEST))
    if chance >= sure or not trained:
        return None
    what, condition, needed = counted(trained, "trial"), "", enough
    if trained < trials:
        what = f"the {counted(trained, 'trained trial')}"
        condition = ", as large a share of them trained,"
        needed = ceil(enough * trials / trained)
    return Finding(
        rule="few-trials",
        status="warn",
        measured=chance,
        threshold=sure,
        message=(
            f"{what} of the first stage {'hit' if trained > 1 else 'hits'} the best tenth of the "
            f"space with a chance of only {chance:.0%}, whatever it looks like"
        ),
        hint=f"with --trials {needed}{condition} the chance is {1 - (1 - BEST) ** enough:.0%}",
        evidence={"trials": trained, "enough": needed},
    )


def _coarse(grid: Mapping[str, int], space: Mapping[str, Distribution]) -> Finding | None:
    """Judge a grid by its number of different values of each key."""
    enough = PER_KEY if len(space) > 1 else OF_ONE_KEY
    few = {
        path: points
        for path, points in grid.items()
        if isinstance(space[path], Range) and points < min(enough, _count(space[path]))
    }
    if not few:
        return None
    named = " and ".join(f"{points} of {path}" for path, points in few.items())
    trials = prod(max(points, enough) if path in few else points for path, points in grid.items())
    return Finding(
        rule="few-trials",
        status="warn",
        measured=float(min(few.values())),
        threshold=float(enough),
        message=f"the grid has few different values: {named}; a good one between is missed easily",
        hint=(
            f"--set sweep.sampler=halton tries another value of every key in every trial; a grid "
            f"with {enough} values of each takes --trials {trials}"
        ),
        evidence={"values": dict(grid), "enough": enough},
    )


def _grid(results: list[Result], space: Mapping[str, Distribution]) -> Mapping[str, int] | None:
    """Return the number of different values of every key if they make up a grid."""
    points: dict[str, int] = {}
    for path, distribution in space.items():
        tried = {json.dumps(result.values[path]) for result in results}
        if tried != {json.dumps(value) for value in distribution.spread(len(tried))}:
            return None
        points[path] = len(tried)
    return points if prod(points.values()) == len(results) else None


def _count(distribution: Distribution) -> float:
    """Return how many different values there are."""
    if isinstance(distribution, Choice):
        return len(distribution.values)
    if isinstance(distribution, Int | LogInt):
        return distribution.high - distribution.low + 1
    return inf
