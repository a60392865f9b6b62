"""More time, a better method or fewer examples for networks that have not learned theirs."""

from __future__ import annotations

from dataclasses import replace

from trainer_cli.checks.memorize import Memorized, memorize, memorize_with_adam
from trainer_cli.checks.untrained import untrained
from trainer_cli.config.experiment import Experiment, Overfit
from trainer_cli.datasets import Dataset

# The cost still falls if the last tenth of the updates took off at least this share of it.
STILL_FALLING = 0.02
# So many times as many updates are done where that may be all that is missing.
PATIENCE = 4
# For every example a network should have so many numbers that it learns. Two units on three
# classes have 15, and cannot hold 20 examples that lie among each other.
NUMBERS = 5
# Adam is tried where gradient descent took off at least so much of the cost of equal scores.
BEGUN = 0.02


def second_try(first: Memorized, experiment: Experiment, dataset: Dataset) -> Memorized:
    """Return a run that succeeds with more updates, Adam or fewer examples, or else the first one.

    They are tried only where the rate was found, so that it is not to blame, and Adam only where no
    fewer updates than usual were asked for. A network gets fewer examples if it is too small.
    """
    if first.succeeded or not first.rate_found or first.diverged_at is not None:
        return first
    given = experiment.overfit
    if still_falling(first):
        longer = replace(given, updates=PATIENCE * given.updates, learning_rate=first.learning_rate)
        patient = memorize(replace(experiment, overfit=longer), dataset)
        if patient.succeeded:
            return replace(patient, rate_found=True)
    slow = first.limit <= first.cost < (1 - BEGUN) * first.constant
    if slow and given.updates >= Overfit().updates:
        better = memorize_with_adam(experiment, dataset)
        if better.succeeded:
            return better
    fitting = max(2, learned_numbers(experiment, dataset) // NUMBERS)
    if fitting >= len(first.chosen):
        return first
    fewer = replace(given, examples=fitting, balanced=True)
    modest = memorize(replace(experiment, overfit=fewer), dataset)
    return modest if modest.succeeded else first


def learned_numbers(experiment: Experiment, dataset: Dataset) -> int:
    """Return how many numbers the network learns."""
    parameters = untrained(experiment, dataset).stack.network.parameters
    return sum(entry.view(parameters.values).size for entry in parameters.entries)


def still_falling(run: Memorized) -> bool:
    """Return whether the cost falls to the end."""
    before = run.costs[-1 - max(1, run.updates // 10)]
    return before - run.cost > STILL_FALLING * before
