"""Coarse to fine: after a stage, the space shrinks to where its best trials are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from trainer_cli.config.paths import is_seed
from trainer_cli.config.space import Distribution
from trainer_cli.search.trials import Result, rank

QUARTER = 4
# Two values say nothing about how far the good ones reach, and one says nothing at all.
FEWEST = 3


def narrowed(
    space: Mapping[str, Distribution], results: Sequence[Result]
) -> Mapping[str, Distribution]:
    """Return the space of the next stage, from the results of all trials of this one.

    The rule:

    - The best quarter: of the trials that finished, the quarter with the highest validation
      accuracy, at least 3; a tie goes to the lower validation loss. Trials that successive halving
      stopped count for how many a quarter is, and are behind all that finished.
    - A number is searched from the smallest to the largest value in the best quarter, and on
      either side further by the mean gap between them: the best value may lie between two that
      were tried, or just outside. The gap is at least that between the values of all trials.
    - The bounds are rounded outwards, so that they can be read: to a tenth of a power of ten for
      log_uniform, to two digits of their distance for uniform, to whole numbers for int and
      log_int. They never leave the present range.
    - A choice is between the values that occur in the best quarter.
    - A seed is not narrowed: one seed is not better than another, only luckier.

    With fewer than 3 finished trials the space stays as it is.
    """
    best = best_quarter(results)
    if len(best) < FEWEST:
        return space
    return {
        path: distribution if is_seed(path) else _around(path, distribution, best, results)
        for path, distribution in space.items()
    }


def best_quarter(results: Sequence[Result]) -> list[Result]:
    """Return the best of the trials, the best first, those that halving stopped behind the rest."""
    finished = sorted((r for r in results if r.state == "finished"), key=rank)
    halved = sorted(
        (r for r in results if r.state == "halved"), key=lambda r: (-r.epochs, *rank(r))
    )
    quarter = -(-(len(finished) + len(halved)) // QUARTER)
    return [*finished[: max(FEWEST, quarter)], *halved[: max(0, FEWEST - len(finished))]]


def _around(
    path: str, distribution: Distribution, best: Sequence[Result], results: Sequence[Result]
) -> Distribution:
    tried = {json.dumps(result.values[path]) for result in results}
    return distribution.around([result.values[path] for result in best], len(tried))
