"""When a higher rate does so much more that a rate is too low, and what its schedule should do."""

from __future__ import annotations

from dataclasses import replace

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import LearningRateTooLow, rule_of
from trainer_cli.training.history import History
from trainer_cli.training.pace import mean_factor


def gain_of_higher(experiment: Experiment) -> float:
    """Return how many times as much a higher rate must take off, so that the rate is too low."""
    return rule_of(experiment.checks, LearningRateTooLow).gain


def faster_schedule(experiment: Experiment, history: History) -> str:
    """Return what to do about a schedule that leaves too little of the learning rate."""
    unwarmed = replace(experiment, schedule=replace(experiment.schedule, warmup=0.0))
    if mean_factor(unwarmed, history) * gain_of_higher(experiment) < 1:
        return "let the schedule lower the rate later or more slowly"
    return f"shorten schedule.warmup, which is {experiment.schedule.warmup:g} epochs"
