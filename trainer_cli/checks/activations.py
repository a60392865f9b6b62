"""Do signals reach the end of the untrained network, and gradients its beginning?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from trainer_cli.checks.signal_findings import (
    dead_units,
    exploding_activations,
    identical_units,
    saturated_units,
    vanishing_activations,
    vanishing_gradient,
)
from trainer_cli.checks.untrained import untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import (
    DeadUnits,
    ExplodingActivations,
    IdenticalUnits,
    SaturatedUnits,
    VanishingActivations,
    VanishingGradient,
    rule_of,
)
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers import BatchNorm
from trainer_cli.training.findings import Finding
from trainer_cli.training.layer_statistics import LayerStatistics, feeders, layer_statistics
from trainer_cli.training.signals import named


@dataclass(frozen=True, kw_only=True)
class Activations:
    """The findings, and what they rest on: the statistics of every layer, and of the inputs."""

    findings: Sequence[Finding]
    layers: Sequence[LayerStatistics]
    input_mean: float
    input_std: float


def check_activations(experiment: Experiment, dataset: Dataset) -> Activations:
    """Return six findings on a batch of up to 1,000 training examples at initialization.

    The network runs as in training, without dropout and augmentation. Judged are the activations
    that later layers with weights take in, and the gradients that come back there.
    Source: CS231n, "Training Neural Networks, Part 1", weight initialization; Glorot and Bengio
    2010, section 4.2.
    """
    begun = perf_counter()
    network = untrained(experiment, dataset)
    x, labels = network.feed.fill(network.sample)
    mean, std = float(x.mean(dtype=np.float64)), float(x.std(dtype=np.float64))
    with np.errstate(all="ignore"):
        layers = layer_statistics(network.stack, x, labels)
    inner = [layers[i] for i in feeders(experiment.network)]
    # Batch normalization undoes any scale of what it takes in.
    free = [
        layer
        for layer, follower in zip(layers, [*experiment.network[1:], None], strict=True)
        if not isinstance(follower, BatchNorm)
    ]
    seconds = perf_counter() - begun
    rules = experiment.checks
    findings = [
        _vanishing(inner, std, seconds, rule_of(rules, VanishingActivations)),
        exploding_activations(free, std, rule_of(rules, ExplodingActivations)),
        saturated_units(layers, rule_of(rules, SaturatedUnits)),
        dead_units(inner, rule_of(rules, DeadUnits)),
        identical_units(inner, rule_of(rules, IdenticalUnits)),
        vanishing_gradient(inner, rule_of(rules, VanishingGradient)),
    ]
    return Activations(findings=findings, layers=layers, input_mean=mean, input_std=std)


def _vanishing(
    inner: Sequence[LayerStatistics], input_std: float, seconds: float, limits: VanishingActivations
) -> Finding:
    """Judge vanishing, unless a signal that is still there ends in a layer that is dead."""
    for layer in inner:
        if layer.dead == 1 and input_std > 0:
            message = f"not judged: no unit of {named(layer)} answers to its inputs (dead-units)"
            return Finding(rule=limits.type, status="skip", message=message)
        if not layer.std >= limits.unusual_share * min(input_std, 1.0):
            break
    return vanishing_activations(inner, input_std, seconds, limits)
