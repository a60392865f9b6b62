"""Which learning rates are too low, which can be used, and which explode?"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from trainer_cli.config.rules import LearningRateRegions, rule_of
from trainer_cli.search.trials import rank
from trainer_cli.search.verdicts.borders import border
from trainer_cli.search.verdicts.facts import RATE, Facts
from trainer_cli.training.findings import Finding

# A rate is not too low within a decade of those that explode: what learns nothing there is ruined.
BESIDE = 10.0
# Two trials that are further apart do not tell where the border between them is.
APART = 100.0

NAMES = ("too_low", "usable", "exploding")


def learning_rate_regions(facts: Facts) -> Finding | None:
    """Return the three regions where the learning rate alone is searched.

    They are those of the first stage, which sees the whole range; the best trial of a later one
    is put among its trials. Rates above the best one that learn next to nothing count as
    exploding: they ruin the network, only not so loudly.
    """
    if set(facts.space) != {RATE} or RATE not in facts.ranges:
        return None
    tried = [each for each in facts.stage(1) if each.state != "infeasible"]
    if any(each.state == "halved" for each in tried):
        return None  # what they learned, they learned in less time than others
    most = max((facts.learned(each) or 0.0 for each in tried), default=0.0)
    if not most > 0:
        return None
    least = rule_of(facts.rules, LearningRateRegions).too_little * most
    winners = [min(tried, key=rank)]
    if facts.swept.best is not None and facts.swept.best.stage > 1:
        winners.append(facts.swept.best)
        tried.append(facts.swept.best)
    tried.sort(key=facts.rate)
    places = [tried.index(each) for each in winners]
    rates = [facts.rate(each) for each in tried]
    enough = [each in winners or (facts.learned(each) or 0.0) >= least for each in tried]
    exploded = [each.state == "diverged" for each in tried]
    first, end = _usable(rates, enough, exploded, places)
    ruined = [exploded[i] or (i > max(places) and not enough[i]) for i in range(len(tried))]
    mixed = _mixed(rates, enough, ruined)
    edges = [facts.ranges[RATE].low, _between(rates, first), _between(rates, end)]
    edges.append(facts.ranges[RATE].high)
    spans = [(0, first), (first, end), (end, len(rates))]
    regions = {
        name: edges[i : i + 2] if low < high else None
        for i, (name, (low, high)) in enumerate(zip(NAMES, spans, strict=True))
    }
    return Finding(
        rule="learning-rate-regions",
        status="pass",
        measured=rates[places[-1]],
        message=(
            f"{_usable_text(rates, first, end)}; "
            f"{'lower ones are too low' if first else 'none that was tried is too low'}, "
            f"{_above_text(rates, end, mixed)}"
        ),
        evidence={
            **regions,
            "some_explode": mixed,
            "trials": {n: b - a for n, (a, b) in zip(NAMES, spans, strict=True)},
        },
    )


def _usable(
    rates: Sequence[float], enough: Sequence[bool], exploded: Sequence[bool], best: Sequence[int]
) -> tuple[int, int]:
    """Return how many rates lie below those that are usable, and below those that explode."""
    safe = _between(rates, border(exploded).below) / BESIDE if any(exploded) else rates[-1]
    not_low = [
        enough[i] or exploded[i] or i >= min(best) or rate > safe for i, rate in enumerate(rates)
    ]
    first = min(*best, border(not_low).below)
    end = first + border([not each for each in enough[first:]]).below
    return first, max(end, *(i + 1 for i in best))


def _mixed(
    rates: Sequence[float], enough: Sequence[bool], ruined: Sequence[bool]
) -> list[float] | None:
    """Return from where some rates explode to where some still learn, if these overlap."""
    lowest = min((rate for rate, each in zip(rates, ruined, strict=True) if each), default=None)
    highest = max(rate for rate, each in zip(rates, enough, strict=True) if each)
    return None if lowest is None or lowest > highest else [lowest, highest]


def _between(rates: Sequence[float], below: int) -> float:
    """Return the border above so many rates: the geometric mean of the two beside it."""
    if below == 0:
        return rates[0]
    if below == len(rates):
        return rates[-1]
    return sqrt(rates[below - 1]) * sqrt(rates[below])


def _usable_text(rates: Sequence[float], first: int, end: int) -> str:
    low, high = _between(rates, first), _between(rates, end)
    if low == high:
        return f"the learning rate {low:.3g} is usable"
    texts = [
        f"somewhere between {rates[below - 1]:.2g} and {rates[below]:.2g}"
        if 0 < below < len(rates) and rates[below] > APART * rates[below - 1]
        else text
        for below, text in zip((first, end), _told_apart(low, high), strict=True)
    ]
    return f"learning rates from {texts[0]} to {texts[1]} are usable"


def _above_text(rates: Sequence[float], end: int, mixed: list[float] | None) -> str:
    if mixed is None:
        return "higher ones explode" if end < len(rates) else "none explodes"
    low, high = mixed
    where = f"at {low:.3g}" if low == high else "from {} to {}".format(*_told_apart(low, high))
    return f"{where} some explode{', all higher ones do' if rates[-1] > high else ''}"


def _told_apart(low: float, high: float) -> tuple[str, str]:
    """Return two different numbers with as many digits as tell them apart, at least two."""
    for digits in range(2, 17):
        if f"{low:.{digits}g}" != f"{high:.{digits}g}":
            return f"{low:.{digits}g}", f"{high:.{digits}g}"
    return repr(low), repr(high)
