"""Can the network learn 20 examples by heart? If not, more data will not help it."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.checks.memorize import Memorized, contradictions, memorize
from trainer_cli.checks.untrained import spread, untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.divergence import ABORT_RATIO
from trainer_cli.training.findings import Finding, counted

# A cost that fell by less than this share has not begun to fall.
BARELY_MOVED = 0.01
# Inputs of a root mean square beyond these are unscaled: initializers and usual rates take 1 for
# granted, and the gradient of the first layer grows with it.
SMALL_INPUTS, LARGE_INPUTS = 0.01, 100.0
# The cost still falls if the last tenth of the updates took off at least this share of it.
STILL_FALLING = 0.02


def overfit(experiment: Experiment, dataset: Dataset) -> tuple[Finding, Memorized]:
    """Train on the first 20 training examples; return the judgement and how it went.

    Regularization, dropout, augmentation and label smoothing are off, the rate is constant and
    every update sees all the examples. Passes with accuracy 1.00 and a cost below 0.01 after the
    last of 200 updates; both are those of the network as it trains, in which batch normalization
    goes by the batch and not by running averages, which lag behind so short a run.
    Source: CS231n, "Babysitting the learning process": overfit a very small portion of the data.
    """
    begun = perf_counter()
    run = memorize(experiment, dataset)
    if len(np.unique(dataset.train.labels[run.chosen])) == 1:
        return _one_class(run, perf_counter() - begun), run
    return (
        Finding(
            rule="overfit",
            status="pass" if run.succeeded else "fail",
            measured=run.cost,
            expected=0.0,
            threshold=run.limit,
            message=_message(run),
            hint=None if run.succeeded else _hint(run, experiment, dataset),
            seconds=perf_counter() - begun,
            evidence={
                "accuracy": run.accuracy,
                "original_cost": run.costs[0],
                "cost": run.cost,
                "updates": run.updates,
                "examples": len(run.chosen),
                "learning_rate": run.learning_rate,
                "rate_found": run.rate_found,
                "diverged_at": run.diverged_at,
            },
        ),
        run,
    )


def _one_class(run: Memorized, seconds: float) -> Finding:
    return Finding(
        rule="overfit",
        status="skip",
        measured=run.cost,
        threshold=run.limit,
        message=(
            f"not judged: all of the {counted(len(run.chosen), 'training example')} have the same "
            f"label, which any network learns"
        ),
        hint="the data are sorted by class: set overfit.balanced=true",
        seconds=seconds,
    )


def _message(run: Memorized) -> str:
    found = " (found by trying 1e-06 to 100)" if run.rate_found else ""
    at = f"at learning rate {run.learning_rate:.3g}{found}"
    who = counted(len(run.chosen), "training example")
    if run.diverged_at == 0:
        return f"the cost on {who} is not finite before the first update"
    if run.diverged_at is not None:
        return (
            f"the cost on {who} exceeded {ABORT_RATIO:g} times the original {run.costs[0]:.4g} "
            f"after {counted(run.diverged_at, 'update')} {at}"
        )
    updates = counted(run.updates, "update")
    went = f"the cost went from {run.costs[0]:.4g} to {run.cost:.4g} in {updates} {at}"
    short = []
    if run.accuracy < 1:
        short.append(f"accuracy is {run.accuracy:.2f}, not 1.00")
    if not run.cost < run.limit:
        short.append(f"the cost is not below {run.limit:g}")
    if run.normalized:
        went += "; batch normalization went by these examples, as in training"
    if not short:
        return f"{who} learned by heart: accuracy 1.00; {went}"
    return f"{who} not learned by heart: {', and '.join(short)}; {went}"


def _hint(run: Memorized, experiment: Experiment, dataset: Dataset) -> str:
    twins = contradictions(dataset, run.chosen)
    if twins is not None:
        return (
            f"examples {twins[0]} and {twins[1]} of the training split are equal but have "
            f"different labels: no network can learn both"
        )
    if not run.rate_found and run.diverged_at != 0:
        free = replace(experiment.overfit, learning_rate=None)
        run = memorize(replace(experiment, overfit=free), dataset)
        if run.succeeded:
            return (
                f"the rate is to blame: overfit.learning_rate={run.learning_rate:.3g} succeeds, "
                f"with a cost of {run.cost:.2g}"
            )
    with np.errstate(all="ignore"):
        inputs = spread(untrained(experiment, dataset)).inputs
    return _hint_at_any_rate(run, inputs)


def _hint_at_any_rate(run: Memorized, inputs: float) -> str:
    """Return what to do where no rate from 1e-6 to 100 succeeds."""
    if not SMALL_INPUTS <= inputs <= LARGE_INPUTS:
        return (
            f"no rate does it, and the inputs are unscaled, with a root mean square of "
            f"{inputs:.3g}: add standardize or scale to data.preprocess"
        )
    if run.diverged_at is not None:
        return "look at the scale of the inputs and of the initial weights (nntrain check-loss)"
    if run.costs[0] - run.cost < BARELY_MOVED * run.costs[0]:
        return (
            "the cost hardly moves at any rate: look for weights that start equal or too small, "
            "dead or saturated units, and inputs that are all zero"
        )
    if _still_falling(run):
        return (
            f"no rate does it yet, but the cost still falls: try overfit.updates={4 * run.updates}"
        )
    return (
        "no rate does it: try more units or fewer layers; look for dead or saturated units, and "
        "for an activation behind the last layer, which bounds the scores"
    )


def _still_falling(run: Memorized) -> bool:
    before = run.costs[-1 - max(1, run.updates // 10)]
    return before - run.cost > STILL_FALLING * before
