"""Do the best values lie at an end of what was searched, so that better ones may lie beyond it?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainer_cli.config.space import Distribution, Range
from trainer_cli.search.narrowing import best_quarter
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.beyond import End, beyond
from trainer_cli.search.verdicts.borders import border
from trainer_cli.search.verdicts.facts import Facts, finished
from trainer_cli.search.verdicts.rising import WINDOW, rises
from trainer_cli.search.verdicts.suggestions import bounds, number, range_to_try
from trainer_cli.training.findings import Finding

# The best few: a tenth of those that finished, at least 3. Where half of them lie elsewhere, the
# end of the range is not where the best values are.
TENTH, FEW = 10, 3
# Trials are compared along one key where the others lie as in the best quarter of their stage, but
# for the outer eighths: one lucky trial among bad values would let all of those in.
EIGHTH = 8
# A stage that searches closer than the one before has an end of its own only if more than such a
# share of the whole range lies beyond it and nobody was there.
CUT = 0.15


@dataclass(frozen=True, kw_only=True)
class _Key:
    """A searched key: its range, and the trials that speak for it, exploded ones included."""

    path: str
    searched: Range
    results: Sequence[Result]


def best_at_edge(facts: Facts) -> list[Finding]:
    """Return a warning for every end of a range at which the best values lie.

    They lie there if the best few do and accuracy rises over the outer part of the range without
    a turn. A trial that exploded counts with the accuracy of chance, so that a rate beside those
    that explode lies at no end.
    """
    best = facts.swept.best
    if best is None:
        return []
    found = []
    for path in facts.ranges:
        key = _key(facts, path, best.stage)
        top = finished([each for each in key.results if each.stage == best.stage])
        top = top[: max(FEW, len(top) // TENTH)]
        for end in ("low", "high"):
            way = _way(key, end)
            place = float(np.median([way(each) for each in top])) if top else 0.0
            if place < 1 - WINDOW or not _rises(facts, key, way):
                continue
            quarter = best_quarter([each for each in key.results if each.stage == best.stage])
            good = [each.values[path] for each in quarter]
            to_try = beyond(key.searched, end, good, bounds(facts.experiment(best), path))
            if to_try is not None:
                found.append(_finding(key, end, top, place, to_try))
    return found


def _key(facts: Facts, path: str, last: int) -> _Key:
    """Return what was searched of a key, up to the stage `last`."""
    results = [each for each in facts.swept.results if each.stage <= last]
    stages = facts.swept.stages
    whole, now = facts.ranges[path], stages[last - 1].space[path]
    assert isinstance(now, Range)
    earlier = [each.values[path] for each in results if each.stage < last]
    low, high = whole.low, whole.high
    if whole.place(now.low) > CUT and not any(value < now.low for value in earlier):
        low = now.low
    if whole.place(now.high) < 1 - CUT and not any(value > now.high for value in earlier):
        high = now.high
    inside = [each for each in results if low <= each.values[path] <= high]
    return _Key(path=path, searched=replace(whole, low=low, high=high), results=inside)


def _alike(facts: Facts, key: _Key) -> list[Result]:
    """Return the trials whose other keys are as in the best quarter of their stage."""
    others = {path: each for path, each in facts.space.items() if path != key.path}
    kept: list[Result] = []
    for stage in sorted({each.stage for each in key.results}):
        results = [each for each in key.results if each.stage == stage]
        best = best_quarter(facts.stage(stage))
        kept += [
            each
            for each in results
            if all(_is_among(each, best, path, kind) for path, kind in others.items())
        ]
    return kept


def _is_among(result: Result, best: Sequence[Result], path: str, kind: Distribution) -> bool:
    values = [each.values[path] for each in best]
    if not values:
        return True
    if not isinstance(kind, Range):
        return json.dumps(result.values[path]) in {json.dumps(value) for value in values}
    values.sort()
    outer = len(values) // EIGHTH
    return bool(values[outer] <= result.values[path] <= values[-1 - outer])


def _way(key: _Key, end: End) -> Callable[[Result], float]:
    """Return what says where a trial lies on the way to an end: 0 where it begins, 1 at the end.

    It begins where trials cease to explode, if those far from the end do: a peak right below the
    rates that explode lies at no end, however far the search went on beyond them.
    """

    def place(result: Result) -> float:
        place = key.searched.place(result.values[key.path])
        return place if end == "high" else 1 - place

    line = sorted(key.results, key=place)
    lost = border([each.state not in ("diverged", "infeasible") for each in line]).below
    begin = (place(line[lost - 1]) + place(line[lost])) / 2 if 0 < lost < len(line) else 0.0
    if begin == 1:
        return place
    return lambda result: (place(result) - begin) / (1 - begin)


def _rises(facts: Facts, key: _Key, way: Callable[[Result], float]) -> bool:
    """Return whether accuracy rises on the way; the same settings count once in a stage."""
    settings = {
        (each.stage, json.dumps(dict(each.values))): each
        for each in _alike(facts, key)
        if way(each) >= 0
    }
    results = list(settings.values())
    return rises(
        np.array([way(each) for each in results]),
        np.array([facts.accuracy_or_chance(each) for each in results]),
        np.array([each.stage for each in results]),
        facts.examples,
    )


def _finding(
    key: _Key, end: End, top: Sequence[Result], place: float, to_try: tuple[float, float]
) -> Finding:
    values = [each.values[key.path] for each in top]
    low, high = key.searched.low, key.searched.high
    return Finding(
        rule="best-at-edge",
        status="warn",
        measured=place,
        threshold=1 - WINDOW,
        message=(
            f"the best trials lie at the {end} end of {key.path}, and accuracy rises towards it: "
            f"the best {len(top)} have {min(values):.3g} to {max(values):.3g}, and "
            f"{number(low)} to {number(high)} was searched"
        ),
        hint=f"better values may lie beyond: {range_to_try(key.path, *to_try)}",
        evidence={
            "key": key.path,
            "end": end,
            "searched": [low, high],
            "best": values,
            "try": list(to_try),
        },
    )
