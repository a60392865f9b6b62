"""The rules that nntrain judges by: what each means, how much it weighs, and its thresholds."""

from collections.abc import Iterable
from typing import TypeVar, get_args

from trainer_cli.config.rules.initial_loss import InitialLoss, LossAtZeroScores
from trainer_cli.config.rules.severity import SEVERITIES, Weight

Rule = InitialLoss | LossAtZeroScores

RULES: tuple[type[Rule], ...] = get_args(Rule)

R = TypeVar("R", bound=Rule)

__all__ = ["RULES", "SEVERITIES", "InitialLoss", "LossAtZeroScores", "Rule", "Weight", "rule_of"]


def rule_of(given: Iterable[Rule], kind: type[R]) -> R:
    """Return the settings of a rule: those that an experiment gives, or its own."""
    return next((rule for rule in given if isinstance(rule, kind)), kind())
