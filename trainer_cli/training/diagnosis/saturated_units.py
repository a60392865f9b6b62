"""Rule saturated-units: do the units of tanh and sigmoid still have a slope?"""

from __future__ import annotations

from trainer_cli.config.rules import SaturatedUnits, rule_of
from trainer_cli.training.diagnosis.case import LEARNED, Case
from trainer_cli.training.diagnosis.names import SATURATED, passed, skipped
from trainer_cli.training.findings import Finding
from trainer_cli.training.signals import most_saturated, named


def saturated_units(case: Case) -> Finding:
    """Judge the last look; one that was as bad at the start is the start's fault.

    Source: CS231n, "Neural Networks Part 1", commonly used activation functions.
    """
    rule = rule_of(case.experiment.checks, SaturatedUnits)
    look, first = case.last_look, case.first_look
    found = most_saturated(look.layers) if look else None
    if look is None:
        return skipped(SATURATED, "no look at the layers")
    if found is None:
        return skipped(SATURATED, "no layer that saturates (tanh, sigmoid)")
    share, worst = found
    before = most_saturated(first.layers) if first else None
    from_start = before is not None and before[0] > rule.unusual_share
    # A network that has learned may be sure of itself; in one that has not, it is in the way.
    sure = case.learned >= LEARNED and not from_start
    threshold = rule.wrong_share if sure else rule.unusual_share
    if share <= threshold:
        seen = f"at most {share:.0%} of the values of a layer are saturated, at {named(worst)}"
        return passed(SATURATED, seen, share, threshold)
    when = "as at the start" if from_start else "and were not at the start"
    return Finding(
        rule=SATURATED,
        status="warn",
        measured=share,
        threshold=threshold,
        message=f"{share:.0%} of the values of {named(worst)} are saturated after "
        f"{look.update:,} updates, {when}: there the slope is almost 0",
        hint="start with smaller weights (init: xavier), scale the inputs (standardize), or put "
        "batch_norm before the nonlinearity"
        if from_start
        else "lower optimizer.learning_rate, or put batch_norm before the nonlinearity",
        evidence={"from_start": from_start, "layer": worst.layer},
    )
