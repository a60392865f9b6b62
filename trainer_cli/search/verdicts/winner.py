"""Which trials are as good as the best one, as far as the validation examples can tell?"""

from __future__ import annotations

from trainer_cli.config.rules import WinnerWithinNoise, rule_of
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.facts import Facts, accuracy_of, finished
from trainer_cli.search.verdicts.proportions import half_width, interval, told_apart
from trainer_cli.training.findings import Finding, Status, counted

RULE = "winner-within-noise"

# More numbers of trials than this are no help in a message.
NAMED = 10


def winner_within_noise(facts: Facts) -> Finding:
    """Return how sure it is that the best trial is the best one; at least one trial finished.

    Trials are compared within the stage of the best one, as others were trained for less. It is a
    warning if the validation examples are too few to rank the trials of the first stage, or if the
    best one knows no more than the largest class.
    """
    best = facts.swept.best
    assert best is not None
    rivals = [each for each in finished(facts.stage(best.stage)) if each is not best]
    equals = [each for each in rivals if not _told_apart(facts, best, each)]
    accuracy = accuracy_of(best)
    low, high = interval(accuracy, facts.examples)
    status: Status = "pass"
    hint = None
    message = _message(facts, best, rivals, equals)
    if low <= facts.majority:
        status = "warn"
        message += f"; naming the largest class every time gives {facts.majority:.1%}"
        hint = (
            "what was learned does not carry over to the validation examples: look at the labels, "
            "at how the data are split and at how few examples there are"
        )
    elif _too_few_examples(facts):
        status = "warn"
        hint = (
            "give more examples to data.split.validation, or train the best few with several "
            "seeds: the best of many trials looks better than it is"
        )
    return Finding(
        rule=RULE,
        status=status,
        measured=float(len(equals)),
        message=message,
        hint=hint,
        evidence={
            "trial": best.trial,
            "accuracy": accuracy,
            "interval": [low, high],
            "examples": facts.examples,
            "majority": facts.majority,
            "not_told_apart": [each.trial for each in equals],
            "compared": len(rivals) + 1,
            "note": "the best of many trials looks better than it is",
        },
    )


def _message(facts: Facts, best: Result, rivals: list[Result], equals: list[Result]) -> str:
    low, high = interval(accuracy_of(best), facts.examples)
    name = f"trial {best.trial} ({accuracy_of(best):.1%})"
    measured = (
        f"on {counted(facts.examples, 'validation example')} (95% interval {low:.1%} to {high:.1%})"
    )
    if not rivals:
        return f"{name} is the only one that finished in its stage, measured {measured}"
    if not equals:
        others = f"all {len(rivals)} others" if len(rivals) > 1 else "the other one"
        return f"{name} is better than {others} beyond noise {measured}"
    numbers = ", ".join(str(each.trial) for each in equals[:NAMED])
    more = f" and {len(equals) - NAMED} more" if len(equals) > NAMED else ""
    others = f"{len(equals)} others" if len(equals) > 1 else "one other"
    return f"{name} cannot be told from {others} {measured}: {numbers}{more}"


def _too_few_examples(facts: Facts) -> bool:
    """Return whether half of the first stage cannot be told from its best, for want of examples."""
    ranked = finished(facts.stage(1))
    if len(ranked) < 2 or not too_coarse(facts, accuracy_of(ranked[0])):
        return False
    equals = sum(not _told_apart(facts, ranked[0], each) for each in ranked[1:])
    return 2 * equals >= len(ranked) - 1


def too_coarse(facts: Facts, accuracy: float) -> bool:
    """Return whether an accuracy is known too coarsely to rank trials that are worth comparing."""
    rule = rule_of(facts.rules, WinnerWithinNoise)
    return half_width(accuracy, facts.examples) > rule.half_width


def _told_apart(facts: Facts, best: Result, other: Result) -> bool:
    return told_apart(accuracy_of(best), accuracy_of(other), facts.examples)
