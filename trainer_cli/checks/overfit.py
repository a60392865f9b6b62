"""Can the network learn 20 examples by heart? If not, more data will not help it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.checks.architecture import narrowest, wider, widths_of
from trainer_cli.checks.layer_names import called
from trainer_cli.checks.memorize import Memorized, contradictions, memorize
from trainer_cli.checks.second_try import PATIENCE, second_try, still_falling
from trainer_cli.checks.untrained import root_mean_square
from trainer_cli.config.experiment import ABORT_RATIO, Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.layers import Elu, Gelu, Layer, Relu, Sigmoid, Softplus, Tanh
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.network import shapes_through
from trainer_cli.training.findings import Finding, counted

# No rate makes up for inputs of a root mean square beyond these: initializers and usual rates take
# 1 for granted, and the gradient of the first layer grows with it.
TINY_INPUTS, HUGE_INPUTS = 0.05, 100.0
# A cost that has come down by less than this share has hardly moved.
BARELY_MOVED = 0.01
# Fewer values than this, and than there are classes, are few to tell 20 examples apart by.
NARROW = 5
# Activations that no input takes beyond some value, or below it.
BOUNDED = (Elu, Gelu, Relu, Sigmoid, Softplus, Tanh)


def overfit(experiment: Experiment, dataset: Dataset) -> tuple[Finding, Memorized]:
    """Train on the first 20 training examples; return the judgement and how it went.

    Regularization, dropout, augmentation and label smoothing are off, the rate is constant and
    every update sees all the examples. Passes with accuracy 1.00 and a cost below 0.01 after the
    last of 200 updates; both are those of the network as it trains, in which batch normalization
    goes by the batch and not by running averages, which lag behind so short a run. Where the rate
    was found, a cost that still falls gets 800 updates, one that has come halfway gets Adam, and a
    small network fewer examples.
    Source: CS231n, "Babysitting the learning process": overfit a very small portion of the data.
    """
    begun = perf_counter()
    run = second_try(memorize(experiment, dataset), experiment, dataset)
    if len(np.unique(dataset.train.labels[run.chosen])) == 1:
        return _one_class(run, experiment, dataset, perf_counter() - begun), run
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


def _one_class(run: Memorized, experiment: Experiment, dataset: Dataset, seconds: float) -> Finding:
    who = "one training example has one label"
    hint = "set overfit.examples to 2 or more"
    if len(run.chosen) > 1:
        count = counted(len(run.chosen), "training example")
        who = f"all of the {count} have the same label"
        hint = "the data are sorted by class: set overfit.balanced=true"
        if experiment.overfit.balanced or len(np.unique(dataset.train.labels)) == 1:
            hint = "the training split needs examples of two classes or more"
    return Finding(
        rule="overfit",
        status="skip",
        measured=run.cost,
        threshold=run.limit,
        message=f"not judged: {who}, which any network learns",
        hint=hint,
        seconds=seconds,
    )


def _message(run: Memorized) -> str:
    at = _rate_of(run)
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


def _rate_of(run: Memorized) -> str:
    if run.method == "adam":
        return f"of adam at learning rate {run.learning_rate:.3g}"
    found = " (found by trying 1e-06 to 100)" if run.rate_found else ""
    return f"at learning rate {run.learning_rate:.3g}{found}"


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
    narrow = _narrow(experiment, dataset)
    return _hint_at_any_rate(run, experiment, _size_of_inputs(run, dataset), narrow)


def _size_of_inputs(run: Memorized, dataset: Dataset) -> float:
    x, _ = Feed(dataset.train, len(run.chosen), dtype=np.float64).fill(run.chosen)
    return root_mean_square(x)


def _narrow(experiment: Experiment, dataset: Dataset) -> str | None:
    """Return what to do about a layer that leaves fewer values of an example than NARROW."""
    network = experiment.network
    widths = widths_of(network, shapes_through(network, dataset.shape), dataset)
    at = narrowest(network, widths) if widths else 0
    if not widths or widths[at] >= min(NARROW, dataset.classes):
        return None
    name = "data.preprocess" if at < 0 else called(network, at)
    return (
        f"no rate does it: {name} leaves {counted(widths[at], 'value')} of an example; "
        f"{wider(network, at)}"
    )


def _hint_at_any_rate(
    run: Memorized, experiment: Experiment, inputs: float, narrow: str | None
) -> str:
    """Return what to do where no rate from 1e-6 to 100 succeeds."""
    weights = experiment.loss.class_weights
    if run.cost < run.limit and weights is not None:
        return (
            f"the cost is low and the accuracy is not: loss.class_weights, from {min(weights):g} "
            f"to {max(weights):g}, pass over some classes; bring them closer together"
        )
    if not TINY_INPUTS <= inputs <= HUGE_INPUTS:
        return (
            f"no rate does it, and the inputs are unscaled, with a root mean square of "
            f"{inputs:.3g}: add standardize or scale to data.preprocess"
        )
    if run.diverged_at is not None:
        return "look at the scale of the inputs and of the initial weights (nntrain check-loss)"
    bounding = _bounding(experiment.network)
    if bounding is not None:
        name = f"network[{bounding}] ({experiment.network[bounding].type})"
        return f"{name} bounds the scores: remove it"
    suspects = (
        "weights that start equal or too small, dead or saturated units (nntrain "
        "check-activations), inputs all zero"
    )
    if run.costs[0] - run.cost < BARELY_MOVED * run.costs[0]:
        return f"the cost hardly moves at any rate: look for {suspects}"
    if narrow is not None:
        return narrow
    if still_falling(run):
        return (
            f"no rate does it yet, but the cost still falls: try "
            f"overfit.updates={PATIENCE * PATIENCE * run.updates}"
        )
    if run.constant - run.cost < BARELY_MOVED * run.constant:
        return (
            f"at no rate does the cost fall below {run.constant:.4g}, which the class frequencies "
            f"alone give: look for {suspects}"
        )
    return (
        "no rate does it: try more units or fewer layers; look for dead, saturated or equal units "
        "(nntrain check-activations)"
    )


def _bounding(network: Sequence[Layer]) -> int | None:
    """Return the first layer behind those with weights that bounds what it gives."""
    learned = [i for i, layer in enumerate(network) if isinstance(layer, Weighted)]
    behind = range(max(learned, default=-1) + 1, len(network))
    return next((i for i in behind if isinstance(network[i], BOUNDED)), None)
