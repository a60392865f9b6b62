"""What explains what: a consequence is told with its cause, and not as a trouble of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from trainer_cli.training.diagnosis.names import (
    CHANCE,
    DEAD,
    EXPLODING,
    HIGH,
    IDENTICAL,
    INITIAL_LOSS,
    LOW,
    NOISY,
    OVER,
    PLATEAU,
    RATIO,
    SATURATED,
    SLOW,
    UNDER,
    VANISHING,
)
from trainer_cli.training.findings import Finding

AT_START = (EXPLODING, INITIAL_LOSS, SATURATED, IDENTICAL, DEAD, VANISHING)
# Faults that a network has from the start come before all that they lead to.
FROM_START = {
    EXPLODING: (
        INITIAL_LOSS,
        LOW,
        SATURATED,
        IDENTICAL,
        DEAD,
        VANISHING,
        PLATEAU,
        NOISY,
        SLOW,
        RATIO,
        UNDER,
        OVER,
    ),
    INITIAL_LOSS: (LOW, PLATEAU, NOISY, RATIO),
    SATURATED: (LOW, IDENTICAL, DEAD, VANISHING, PLATEAU, SLOW, RATIO, UNDER, OVER),
    IDENTICAL: (LOW, VANISHING, PLATEAU, NOISY, SLOW, RATIO, UNDER),
    DEAD: (LOW, VANISHING, PLATEAU, SLOW, RATIO, UNDER),
    VANISHING: (LOW, DEAD, PLATEAU, SLOW, RATIO, UNDER),
}
IN_TRAINING = {
    HIGH: (EXPLODING, SATURATED, DEAD, VANISHING, PLATEAU, NOISY, SLOW, RATIO, UNDER),
    LOW: (PLATEAU, SLOW, RATIO, UNDER),
    NOISY: (SATURATED, DEAD, VANISHING, EXPLODING, RATIO, UNDER),
    PLATEAU: (EXPLODING, SATURATED, DEAD, VANISHING, RATIO, SLOW, UNDER),
    EXPLODING: (RATIO, UNDER),
    SATURATED: (VANISHING, RATIO, UNDER),
    DEAD: (VANISHING, RATIO, UNDER),
    VANISHING: (DEAD, RATIO, UNDER),
    CHANCE: (OVER, UNDER),
}
WRONG = ("warn", "fail")
# What a cause says of its consequences in so many words; of others it only has the names. That the
# rate is too low would mislead: it is said of a network that has another fault.
TOLD = (SATURATED, DEAD, VANISHING, PLATEAU)


def causes_first(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings, those that another explains as not judged by themselves.

    The cause tells what it explains.
    """
    wrong = {finding.rule: finding for finding in found if finding.status in WRONG}
    begun = {rule for rule in AT_START if rule in wrong and wrong[rule].evidence["from_start"]}
    causes: dict[str, str] = {}
    for table, rules in ((FROM_START, begun), (IN_TRAINING, set(wrong))):
        for cause in (rule for rule in table if rule in rules and rule not in causes):
            for rule in table[cause]:
                if rule in wrong and rule not in causes and (rule not in begun or rules is begun):
                    causes[rule] = cause
    return [_told(finding, wrong, causes) for finding in found]


def _told(finding: Finding, wrong: dict[str, Finding], causes: dict[str, str]) -> Finding:
    if finding.status not in WRONG:
        return finding
    if finding.rule in causes:
        return replace(
            finding,
            status="skip",
            message=f"explained by {causes[finding.rule]}: {finding.message}",
        )
    explained = [rule for rule, cause in causes.items() if cause == finding.rule]
    if not explained:
        return finding
    parts = [wrong[rule].message for rule in explained if rule in TOLD]
    return replace(
        finding,
        message="; ".join([finding.message, *parts]),
        evidence={**finding.evidence, "explains": explained},
    )
