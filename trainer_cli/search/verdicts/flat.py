"""Does it matter at all which values of the searched keys are taken?"""

from __future__ import annotations

from math import log10

from trainer_cli.config.space import LogInt, LogUniform, Range
from trainer_cli.config.value_text import value_text
from trainer_cli.search.verdicts.facts import Facts, accuracy_of, finished
from trainer_cli.search.verdicts.proportions import half_width, margin, told_apart
from trainer_cli.search.verdicts.winner import COARSE
from trainer_cli.training.findings import Finding

# Of 100 trials that are equally good the best is 2.5 standard deviations above the mean by luck
# and the worst as much below: 60 lie within the 2.8 that two trials must be apart to be told
# apart, and all within twice that. Half leaves room for luck, 97 % for one that is out of turn.
EQUAL, NEAR, FAR = 0.5, 0.97, 2.0
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
    if half_width(top, facts.examples) > COARSE:
        return None  # one cannot know
    equal = sum(not told_apart(top, accuracy_of(each), facts.examples) for each in others)
    near = 0
    for each in first:
        if each.state in ("finished", "halved") and each.validation_accuracy is not None:
            other = each.validation_accuracy
            near += top - other <= FAR * margin(top, other, facts.examples)
    trained = sum(each.state != "infeasible" for each in first)
    if equal < EQUAL * len(others) or near < NEAR * trained:
        return None
    searched = " and ".join(f"{path} {_width(each)}" for path, each in facts.ranges.items())
    return Finding(
        rule="flat",
        status="warn",
        measured=equal / len(others),
        threshold=EQUAL,
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


def _width(searched: Range) -> str:
    """Return a range with the number of decades between its ends, where that is its size."""
    text = f"from {value_text(searched.low)} to {value_text(searched.high)}"
    if isinstance(searched, LogUniform | LogInt):
        decades = f"{log10(searched.high / searched.low):.1f}".removesuffix(".0")
        text += f" ({decades} decade{'' if decades == '1' else 's'})"
    return text
