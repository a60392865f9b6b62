"""Is it the penalty that keeps all trials from learning?"""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.regularization import strongest
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.facts import Facts
from trainer_cli.search.verdicts.suggestions import one_digit, range_to_try

# Penalties from here on may take off the weights more than the loss gives them.
STRONG = 0.01
# An l2 that was at work for n updates at the rate α takes the weights down by exp(-α·l2·n). From 1
# on it had its full effect, and so had the loss.
FULL = 1.0
# The usual penalties lie four decades below those that let nothing be learned.
WEAKER = 1e-4


def penalty(experiment: Experiment) -> float:
    """Return the largest strength of a penalty on any layer, l1 or l2."""
    held = strongest(experiment.regularization, experiment.network)
    return max(held.l1, held.l2)


def too_strong(facts: Facts, trials: Sequence[Result]) -> str:
    """Return that all penalties may be too strong, and what to try; nothing if one is weak."""
    weakest = min(penalty(facts.experiment(each)) for each in trials)
    if weakest < STRONG:
        return ""
    text = f"the regularization is too strong, {weakest:.3g} or more in every trial"
    for path, searched in facts.ranges.items():
        if path.endswith((".l1", ".l2")):
            top = one_digit(searched.low, up=False) if searched.low > 0 else STRONG
            return f"{text}: {range_to_try(path, one_digit(WEAKER * top, up=False), top)}"
    return text


def full_effect(facts: Facts, trials: Sequence[Result]) -> bool:
    """Return whether in all trials the penalty had the time for its full effect."""
    return all(
        facts.rate(each) * penalty(facts.experiment(each)) * each.updates >= FULL for each in trials
    )
