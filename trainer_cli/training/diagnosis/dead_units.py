"""Rule dead-units: do the units of every layer still answer to their inputs?"""

from __future__ import annotations

from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.names import DEAD, passed, skipped
from trainer_cli.training.findings import Finding
from trainer_cli.training.signals import DYING, most_dead, named


def dead_units(case: Case) -> Finding:
    """Judge the last look: some dead units are usual in rectified layers, half a layer is not.

    Source: CS231n, "Neural Networks Part 1", commonly used activation functions: up to 40 % of a
    network can be dead if the learning rate is set too high.
    """
    look, first = case.last_look, case.first_look
    worst = most_dead(case.inner(look)) if look else None
    if look is None:
        return skipped(DEAD, "no look at the layers")
    if worst is None:
        return skipped(DEAD, "no hidden layer")
    if worst.dead <= DYING:
        seen = f"at most {worst.dead:.0%} of the units of a layer are dead, at {named(worst)}"
        return passed(DEAD, seen, worst.dead, DYING)
    before = most_dead(case.inner(first)) if first else None
    from_start = before is not None and before.dead > DYING
    when = "as at the start" if from_start else "and were not at the start"
    return Finding(
        rule=DEAD,
        status="warn",
        measured=worst.dead,
        threshold=DYING,
        message=f"{worst.dead:.0%} of the units of {named(worst)} are dead after "
        f"{look.update:,} updates, {when}: they give the same for every example",
        hint="center the inputs (center, standardize), start biases at 0 or slightly above "
        "(bias_init), weights not at 0, or use leaky_relu"
        if from_start
        else "lower optimizer.learning_rate or what pulls weights to 0, or use leaky_relu",
        evidence={"from_start": from_start, "layer": worst.layer},
    )
