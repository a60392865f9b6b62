"""Has batch normalization enough to go by: values in a batch, and batches for its averages?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from trainer_cli.checks.layer_names import called
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import BatchNormValues, RunningAverages, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers import BatchNorm, Layer
from trainer_cli.nn.network import shapes_through
from trainer_cli.training.findings import Finding

# Where more than this of a running average is still what it began at, it is not yet one.
LEFT = 0.1
# What is left of the beginning in averages that were given time enough.
SETTLED = 0.01
USUAL = BatchNorm().momentum


def batch_norm_values(experiment: Experiment, dataset: Dataset) -> Finding:
    """Judge how many values of a feature a batch has, in the layer where they are fewest."""
    rule, network = rule_of(experiment.checks, BatchNormValues), experiment.network
    shapes, normalizing = shapes_through(network, dataset.shape), _normalizing(network)
    if not normalizing:
        return _skip(rule.type)
    batch = min(experiment.training.batch_size, len(dataset.train))
    values = {i: batch * prod(shapes[i][:-1]) for i in normalizing}
    fewest = min(values, key=values.__getitem__)
    count, few = values[fewest], values[fewest] < rule.fewest
    told = f"{called(network, fewest)} goes by {count:,} values of each feature in a batch"
    return Finding(
        rule=rule.type,
        status="warn" if few else "pass",
        measured=count,
        threshold=rule.fewest,
        message=f"{told}: of so few, next to nothing is left but which is the larger"
        if few
        else told,
        hint="raise training.batch_size: 16 or more is usual with batch_norm, or take it out"
        if few
        else None,
    )


def running_averages(experiment: Experiment, updates: int) -> Finding:
    """Judge whether so many updates are enough for running averages to forget how they began."""
    rule, network = rule_of(experiment.checks, RunningAverages).type, experiment.network
    normalizing = _normalizing(network)
    if not normalizing:
        return _skip(rule)
    slowest = max(normalizing, key=lambda i: _momentum(network[i]))
    momentum = _momentum(network[slowest])
    left = momentum**updates
    late = left > LEFT and momentum > USUAL
    told = (
        f"after {updates:,} updates the running averages of {called(network, slowest)}, with "
        f"momentum {momentum:g}, hold {left:.0%} of what they began at"
    )
    return Finding(
        rule=rule,
        status="warn" if late else "pass",
        measured=left,
        threshold=LEFT,
        message=f"{told}: evaluation goes by them, and sees other values than training"
        if late
        else told,
        hint=f"lower network[{slowest}].momentum: {USUAL:g} is usual" if late else None,
    )


def settling(experiment: Experiment, steps: int) -> Experiment:
    """Return it with running averages that settle within `steps` updates; training is the same."""
    most = min(USUAL, SETTLED ** (1 / max(1, steps)))
    network = tuple(
        replace(layer, momentum=min(layer.momentum, most))
        if isinstance(layer, BatchNorm)
        else layer
        for layer in experiment.network
    )
    return replace(experiment, network=network)


def _normalizing(network: Sequence[Layer]) -> list[int]:
    return [i for i, layer in enumerate(network) if isinstance(layer, BatchNorm)]


def _momentum(layer: Layer) -> float:
    assert isinstance(layer, BatchNorm)
    return layer.momentum


def _skip(rule: str) -> Finding:
    message = "not judged: the network has no batch_norm"
    return Finding(rule=rule, status="skip", message=message)
