"""Does it matter at all which values of the searched keys are taken?"""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from statistics import fmean

from trainer_cli.config.rules import Flat, rule_of
from trainer_cli.config.space import LogInt, LogUniform, Range
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.facts import Facts, accuracy_of, finished
from trainer_cli.search.verdicts.proportions import margin, told_apart
from trainer_cli.search.verdicts.suggestions import number
from trainer_cli.search.verdicts.winner import too_coarse
from trainer_cli.training.findings import Finding

# Of 100 trials that are equally good the best is 2.5 standard deviations above the mean by luck,
# and two must be 2.8 apart to be told apart: some 60 of the others are not, and hardly ever less
# than a quarter. The worst is as much below the mean, and so within twice that of the best.
NEAR, FAR = 0.95, 2.0
# Of fewer trials, half are too few to speak for the space.
FEWEST = 10


def flat(facts: Facts) -> Finding | None:
    """Return a warning if the values in the whole space are nearly all as good as the best.

    Later stages are flat by design, and seeds and choices are not more or less.
    """
    first = facts.stage(1)
    ranked = finished(first)
    if not facts.ranges or len(ranked) < FEWEST:
        return None
    top, others = accuracy_of(ranked[0]), ranked[1:]
    if too_coarse(facts, top):
        return None  # one cannot know
    enough = rule_of(facts.rules, Flat).equal_share
    equal = sum(not told_apart(top, accuracy_of(each), facts.examples) for each in others)
    near = 0
    for each in first:
        if each.state in ("finished", "halved") and each.validation_accuracy is not None:
            other = each.validation_accuracy
            near += top - other <= FAR * margin(top, other, facts.examples)
    trained = sum(each.state != "infeasible" for each in first)
    if equal < enough * len(others) or near < NEAR * trained or _told_by_a_key(facts, first):
        return None
    searched = " and ".join(f"{path} {_width(each)}" for path, each in facts.ranges.items())
    return Finding(
        rule="flat",
        status="warn",
        measured=equal / len(others),
        threshold=enough,
        message=(
            f"it hardly matters what was searched, {searched}: {equal} of the {len(others)} other "
            f"trials that finished cannot be told from the best ({top:.1%}) on "
            f"{facts.examples:,} validation examples"
        ),
        hint="search wider ranges or other keys; of these values any will do",
        evidence={
            "accuracies": [accuracy_of(each) for each in ranked],
            "examples": facts.examples,
            "searched": {path: [each.low, each.high] for path, each in facts.ranges.items()},
        },
    )


def _told_by_a_key(facts: Facts, results: Sequence[Result]) -> bool:
    """Return whether the mean accuracies of the thirds of a range are as far apart as two trials.

    Then the key matters, although single trials can hardly be told apart.
    """
    for path, searched in facts.ranges.items():
        thirds: list[list[float]] = [[], [], []]
        for each in results:
            if each.state != "infeasible":
                place = searched.place(each.values[path])
                thirds[min(2, int(3 * place))].append(facts.accuracy_or_chance(each))
        means = [fmean(third) for third in thirds if third]
        if told_apart(max(means), min(means), facts.examples):
            return True
    return False


def _width(searched: Range) -> str:
    """Return a range with the number of decades between its ends, where that is its size."""
    text = f"from {number(searched.low)} to {number(searched.high)}"
    if isinstance(searched, LogUniform | LogInt):
        decades = f"{log10(searched.high / searched.low):.1f}".removesuffix(".0")
        text += f" ({decades} decade{'' if decades == '1' else 's'})"
    return text
