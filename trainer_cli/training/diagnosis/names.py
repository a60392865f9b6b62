"""The names of the rules, in the order in which one can be the cause of another."""

from __future__ import annotations

from trainer_cli.training.findings import Finding

INITIAL_LOSS = "initial-loss"
EXPLODING = "exploding-gradient"
HIGH, LOW = "learning-rate-too-high", "learning-rate-too-low"
IDENTICAL = "identical-units"
SATURATED, DEAD = "saturated-units", "dead-units"
VANISHING, RATIO = "vanishing-gradient", "update-ratio"
PLATEAU, SLOW, NOISY = "plateau", "slow-start", "noisy-cost"
CHANCE, UNDER, OVER = "validation-worse-than-chance", "underfitting", "overfitting"

RULES = (
    HIGH,
    LOW,
    EXPLODING,
    SATURATED,
    IDENTICAL,
    DEAD,
    VANISHING,
    PLATEAU,
    NOISY,
    SLOW,
    RATIO,
    CHANCE,
    UNDER,
    OVER,
)
# Of these a text says together that there is nothing to say.
BACKGROUND = frozenset(RULES) - {HIGH, LOW}


def skipped(rule: str, why: str) -> Finding:
    """Return the finding of a rule that could not judge, and why."""
    return Finding(rule=rule, status="skip", message=f"not judged: {why}")


def passed(
    rule: str, message: str, measured: float | None = None, threshold: float | None = None
) -> Finding:
    """Return the finding of a rule that has nothing against the run."""
    return Finding(
        rule=rule, status="pass", measured=measured, threshold=threshold, message=message
    )
