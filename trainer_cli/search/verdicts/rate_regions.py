"""Which learning rates are too low, which can be used, and which explode?"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.borders import border
from trainer_cli.search.verdicts.facts import RATE, Facts
from trainer_cli.training.findings import Finding

# A rate is too low if it takes less than a tenth off the loss of what the best rate takes off:
# where nothing else limits it, ten times as many epochs would do no more than that rate does now.
TOO_LITTLE = 0.1
# Nor is it too low within a decade of the rates that explode: what learns nothing there is ruined.
BESIDE = 10.0

NAMES = ("too_low", "usable", "exploding")


def learning_rate_regions(facts: Facts) -> Finding | None:
    """Return the three regions where the learning rate alone is searched.

    They are those of the first stage, which sees the whole range. Rates above the best one that
    take next to nothing off the loss count as exploding: they ruin the network, only not so loudly.
    """
    if set(facts.space) != {RATE} or RATE not in facts.ranges:
        return None
    tried = [each for each in facts.stage(1) if each.state != "infeasible"]
    if any(each.state == "halved" for each in tried):
        return None  # what they learned, they learned in less time than others
    tried.sort(key=facts.rate)
    rates = [facts.rate(each) for each in tried]
    learned = [_learned(each) for each in tried]
    if not tried or not max(learned) > 0:
        return None
    best = learned.index(max(learned))
    enough = [each >= TOO_LITTLE * learned[best] for each in learned]
    exploded = [each.state == "diverged" for each in tried]
    safe = _between(rates, border(exploded).below) / BESIDE if any(exploded) else rates[-1]
    not_low = [enough[i] or exploded[i] or i >= best or rate > safe for i, rate in enumerate(rates)]
    first = min(best, border(not_low).below)
    end = max(best + 1, first + border([not each for each in enough[first:]]).below)
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
        measured=rates[best],
        message=_message(regions),
        evidence={**regions, "trials": {n: b - a for n, (a, b) in zip(NAMES, spans, strict=True)}},
    )


def _learned(result: Result) -> float:
    """Return what a trial learned; an explosion ends with nothing."""
    return result.learned if result.learned is not None else 0.0


def _between(rates: Sequence[float], below: int) -> float:
    """Return the border above so many rates: the geometric mean of the two beside it."""
    if below == 0:
        return rates[0]
    if below == len(rates):
        return rates[-1]
    return sqrt(rates[below - 1]) * sqrt(rates[below])


def _message(regions: dict[str, list[float] | None]) -> str:
    low, usable, high = (regions[name] for name in NAMES)
    assert usable is not None
    bottom, top = (f"{end:.2g}" for end in usable)
    below = "lower ones are too low" if low else "none that was tried is too low"
    above = "higher ones explode" if high else "none explodes"
    return f"learning rates from {bottom} to {top} are usable; {below}, {above}"
