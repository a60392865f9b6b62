"""Is most of the searched space of no use?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from trainer_cli.config.rules import MostlyInfeasible, rule_of
from trainer_cli.config.space import LogInt, LogUniform, Range
from trainer_cli.config.space.range import rounded
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.borders import border
from trainer_cli.search.verdicts.facts import RATE, Facts
from trainer_cli.search.verdicts.suggestions import number, one_digit, range_to_try
from trainer_cli.training.findings import Finding

# A key separates the trials if a single border puts so many of them on the right side.
SEPARATES = 0.85
# What survives in less than two decades is searched two decades further as well.
NARROW, FURTHER = 100.0, 100.0


@dataclass(frozen=True, kw_only=True)
class _Region:
    """The values of a key at which trials survive: below the border, or above it."""

    path: str
    below: bool
    at: float
    right: float

    @property
    def text(self) -> str:
        return f"{self.path} {'above' if self.below else 'below'} {self.at:.3g}"


def mostly_infeasible(facts: Facts) -> Finding | None:
    """Return a warning if more than half of the first stage exploded or could not be trained.

    It is a failure if not one trial of the sweep could be trained.
    """
    first, most = facts.stage(1), rule_of(facts.rules, MostlyInfeasible).most
    lost = [each for each in first if each.state in ("diverged", "infeasible")]
    if len(lost) <= most * len(first):
        return None
    exploded = sum(each.state == "diverged" for each in lost)
    if 2 * exploded < len(lost):
        return _not_trainable(facts, first, lost, most)
    region = _region(facts, first)
    others = len(lost) - exploded
    message = f"{exploded} of {len(first)} trials exploded"
    message += f" and {others} could not be trained" if others else ""
    message += f", nearly all that have {region.text}" if region else ", at values of all kinds"
    return Finding(
        rule="mostly-infeasible",
        status="warn",
        measured=len(lost) / len(first),
        threshold=most,
        message=message,
        hint=_where_they_survive(facts, region),
        evidence={
            "diverged": exploded,
            "infeasible": others,
            "key": region and region.path,
            "border": region and region.at,
        },
    )


def _not_trainable(
    facts: Facts, first: Sequence[Result], lost: Sequence[Result], most: float
) -> Finding:
    reasons = Counter(each.reason for each in lost if each.state == "infeasible")
    (reason, count), *others = reasons.most_common()
    share = f", {count} of them because" if others or count < len(lost) else ":"
    return Finding(
        rule="mostly-infeasible",
        status="warn" if facts.trained else "fail",
        measured=len(lost) / len(first),
        threshold=most,
        message=f"{len(lost)} of {len(first)} trials could not be trained{share} {reason}",
        hint="leave out of sweep.space what does not go together",
        evidence={"reasons": dict(reasons)},
    )


def _where_they_survive(facts: Facts, region: _Region | None) -> str:
    if region is None:
        lower = f"lower values of {RATE}" if RATE in facts.ranges else "narrower ranges"
        return f"search {lower}; trials.csv has which trials survived"
    low, high = _range_of_survivors(facts.ranges[region.path], region)
    end = number(high if region.below else low)
    if not low < high:
        return f"trials survive where it is {end}: --set {region.path}={end}"
    what = f"{'below' if region.below else 'above'} {end}"
    return f"search {what}, where trials survive: {range_to_try(region.path, low, high)}"


def _range_of_survivors(searched: Range, region: _Region) -> tuple[float, float]:
    """Return a range to try that ends at the border, rounded to the side of those who survive."""
    low, high, below = searched.low, searched.high, region.below
    if isinstance(searched.low, int):
        return (low, floor(region.at)) if below else (ceil(region.at), high)
    if not isinstance(searched, LogUniform | LogInt):
        at = rounded(region.at, 2 - floor(log10(high - low)), up=not below)
        at = at if low < at < high else region.at
        return (low, at) if below else (at, high)
    at = one_digit(region.at, up=not below)
    if below:
        return (low if at / low >= NARROW else one_digit(low / FURTHER, up=False)), at
    return at, (high if high / at >= NARROW else one_digit(high * FURTHER, up=True))


def _region(facts: Facts, results: Sequence[Result]) -> _Region | None:
    """Return where trials survive: by the learning rate if that tells, else by another key."""
    found = [
        region
        for path, searched in facts.ranges.items()
        for below in (True, False)
        if (region := _split(path, searched, results, below)).right >= SEPARATES
    ]
    return max(found, key=lambda each: (each.path == RATE, each.right), default=None)


def _split(path: str, searched: Range, results: Sequence[Result], below: bool) -> _Region:
    """Return the best border of one key, with the survivors below it or above it."""
    tried = [each for each in results if each.state != "infeasible"]
    tried.sort(key=lambda each: each.values[path])
    survive = [each.state != "diverged" for each in tried]
    found = border([each is not below for each in survive])
    places = [searched.place(each.values[path]) for each in tried]
    inner = max(1, min(found.below, len(places) - 1))
    place = (places[inner - 1] + places[inner]) / 2 if len(places) > 1 else 0.5
    right = 1 - found.wrong / len(tried)
    if found.below in (0, len(tried)):  # everybody on one side is no border
        right = 0.0
    at = searched.value_at(place)
    if isinstance(searched.low, int) and len(tried) > 1:  # whole numbers: the last that survives
        last, first = (tried[k].values[path] for k in (inner - 1, inner))
        at = max(last, min(at, first - 1)) if below else min(first, max(at, last + 1))
    return _Region(path=path, below=below, at=at, right=right)
