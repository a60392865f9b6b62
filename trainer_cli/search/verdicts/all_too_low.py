"""Did every trial that got through leave the network as it was?"""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.config.rules import AllTooLow, rule_of
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.facts import RATE, Facts
from trainer_cli.search.verdicts.penalties import full_effect, too_strong
from trainer_cli.search.verdicts.suggestions import one_digit, range_to_try
from trainer_cli.training.findings import Finding, counted

# Four decades above a rate that does nothing there is one that learns or one that explodes.
HIGHER = 1e4
# A rate of 0.1 moves any network whose inputs have a sound scale: then it is something else.
HIGH = 0.1
# Between a rate that does nothing and one that explodes lie three decades in usual networks. If
# it is less than this factor, no rate between them is any better.
GAP = 3.0


def all_too_low(facts: Facts) -> Finding | None:
    """Return a failure if trials got through and none of them learned.

    To have learned is to have taken 1 % off what training can take off the loss, as for a single
    run, or to be far above the accuracy of the largest class. A little above says nothing: while
    the loss barely moves, accuracy may rise from 10 to 20 %.
    """
    progress = rule_of(facts.rules, AllTooLow).progress
    through = [each for each in facts.trained if each.learned is not None]
    if not through or any((facts.learned(each) or 0) >= progress for each in through):
        return None
    highest = max(facts.rate(each) for each in through)
    best = max(through, key=_learned)
    exploded = [facts.rate(each) for each in facts.trained if each.state == "diverged"]
    message = (
        f"none of {counted(len(through), 'trial')} "
        f"{'that did not explode ' if exploded else ''}learned anything, at learning rates up to "
        f"{highest:.3g}: {_most(best)}"
    )
    if exploded:
        message += (
            f"; {len(exploded)} exploded, the lowest of them at the learning rate "
            f"{min(exploded):.3g}"
        )
    return Finding(
        rule="all-too-low",
        status="fail",
        measured=_learned(best),
        threshold=progress,
        message=message,
        hint=_hint(facts, through, highest, exploded),
        evidence={
            "highest_rate": highest,
            "lowest_exploded_rate": min(exploded, default=None),
            "learned": [each.learned for each in through],
        },
    )


def _learned(result: Result) -> float:
    assert result.learned is not None
    return result.learned


def _most(best: Result) -> str:
    """Return how far the loss came down at most, in words."""
    if _learned(best) <= 0:
        return "the loss came no further down than class frequencies alone take it"
    return (
        f"at most {100 * _learned(best):.2g}% of what can be taken off the loss was, in "
        f"{counted(best.updates, 'update')}"
    )


def _hint(
    facts: Facts, through: Sequence[Result], highest: float, exploded: Sequence[float]
) -> str:
    strong = too_strong(facts, through)
    if strong and full_effect(facts, through):
        return strong
    searched = facts.ranges.get(RATE)
    top = one_digit(highest if searched is None else searched.high, up=False)
    above = [rate for rate in exploded if rate > highest]
    if above and min(above) > GAP * highest:
        between = range_to_try(RATE, one_digit(highest, up=False), one_digit(min(above), up=True))
        hint = f"search the rates between: {between}"
    elif not exploded and highest < HIGH:
        higher = range_to_try(RATE, top, one_digit(HIGHER * top, up=True))
        hint = f"search higher rates: {higher}"
    else:
        hint = (
            "the learning rate is not the cause: look for inputs of a small scale, dead units and "
            "weights that start equal (nntrain check-activations), or labels that do not follow "
            "from the inputs"
        )
    return f"{hint}; or {strong}" if strong else hint
