"""Faults in layers, losses and penalties that somebody adds to nntrain, each put into a file's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from trainer_cli.checks.selftest.case import Case, Plant
from trainer_cli.checks.selftest.files import CONVOLUTIONAL, DIGITS
from trainer_cli.checks.selftest.planted import (
    always_training,
    gradient,
    handed_down,
    planted,
    stale,
    transposed,
    unmasked,
    unscaled_noise,
    unscaled_slope,
    without_means,
    without_variance,
)
from trainer_cli.checks.selftest.planted_regularization import faulty_regularization
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset

START = "gradient-at-start"
# A network with one layer more between its two, which is where the faulty one stands.
NORMALIZED = "network=[{type: dense, units: 30}, batch_norm, relu, {type: dense, units: 10}]"
DROPPED = "network=[{type: dense, units: 30}, relu, dropout, {type: dense, units: 10}]"
SQUARE = (
    "network=[{type: dense, units: 30}, tanh, {type: dense, units: 30}, tanh, "
    "{type: dense, units: 10}]"
)
LEAKY = "network=[{type: dense, units: 30}, leaky_relu, {type: dense, units: 10}]"
TWICE = (
    "network=[{type: conv, filters: 4, kernel: 3}, relu, {type: conv, filters: 4, kernel: 3}, "
    "relu, max_pool, flatten, {type: dense, units: 10}]"
)


def _layer(i: int, **faults: Any) -> Plant:
    """Return a plant of faults in layer i."""

    def plant(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
        network = list(experiment.network)
        network[i] = planted(network[i], **faults)
        return replace(experiment, network=tuple(network)), dataset

    return plant


def _loss(**faults: Any) -> Plant:
    return lambda experiment, dataset: (
        replace(experiment, loss=planted(experiment.loss, **faults)),
        dataset,
    )


def _regularization(fault: str, **settings: float) -> Plant:
    faulty = faulty_regularization(fault, **settings)
    return lambda experiment, dataset: (replace(experiment, regularization=faulty), dataset)


def _fault(name: str, plant: Plant, *rules: str, file: str = DIGITS, network: str = "") -> Case:
    return Case(
        name=name,
        kind="layer code",
        rules=rules,
        file=file,
        sets=(network,) if network else (),
        plant=plant,
    )


def _shifted(d: Any) -> Any:
    """Return the gradient of images (N, H, W, M, C) moved by one pixel."""
    return np.roll(d, 1, axis=1)


def _everywhere(layer: Any, d: Any) -> Any:
    """Give the gradient of a maximum of 2 x 2 to all four."""
    return np.ascontiguousarray(d.repeat(2, axis=1).repeat(2, axis=2))


def _constant_slope(layer: Any, d: Any) -> Any:
    """Hand down 0.1 where a leaky relu has the slope 0.01."""
    return d * np.where(layer.x > 0, 1.0, 0.1)


PARTS = (
    _fault(
        "layer: padding of a convolution off by one in backward",
        _layer(2, fault=handed_down(_shifted)),
        START,
        file=CONVOLUTIONAL,
        network=TWICE,
    ),
    _fault(
        "layer: pooling gradient to all positions",
        _layer(2, fault=_everywhere),
        START,
        file=CONVOLUTIONAL,
    ),
    _fault(
        "layer: batch norm without gradient through the variance",
        _layer(1, fault=without_variance),
        START,
        network=NORMALIZED,
    ),
    _fault(
        "layer: batch norm without gradient through the mean",
        _layer(1, fault=without_means),
        START,
        network=NORMALIZED,
    ),
    _fault(
        "layer: batch statistics at test time",
        _layer(1, made=always_training),
        "batch-independence",
        network=NORMALIZED,
    ),
    _fault(
        "layer: dropout unscaled",
        _layer(2, made=unscaled_noise, fault=unscaled_slope),
        "dropout-scale",
        network=DROPPED,
    ),
    _fault(
        "layer: dropout active at test time",
        _layer(2, made=always_training),
        "noise-at-test-time",
        network=DROPPED,
    ),
    _fault(
        "layer: dropout's mask of the batch before", _layer(2, fault=stale), START, network=DROPPED
    ),
    _fault(
        "layer: dropout's mask not applied in backward",
        _layer(2, fault=unmasked),
        START,
        network=DROPPED,
    ),
    _fault("layer: no gradient through relu", _layer(1, fault=unmasked), START),
    _fault(
        "layer: transposed weights in a square layer",
        _layer(2, fault=transposed),
        START,
        network=SQUARE,
    ),
    _fault("layer: slope of a leaky relu", _layer(1, fault=_constant_slope), START, network=LEAKY),
    _fault(
        "layer: missing bias gradient",
        _layer(0, fault=gradient(lambda array: 0 * array, "biases")),
        START,
    ),
    _fault("layer: wrong sign", _layer(0, fault=gradient(np.negative)), START),
    _fault(
        "loss: log2 for log",
        _loss(made=lambda loss, losses, labels: losses / np.log(2)),
        "loss-at-zero-scores",
    ),
    _fault(
        "loss: sum for mean",
        _loss(made=lambda loss, losses, labels: losses * len(losses)),
        "loss-at-zero-scores",
    ),
    _fault("loss: gradient twice", _loss(fault=handed_down(lambda d: 2 * d)), START),
    _fault(
        "penalty: biases too",
        _regularization("biases too", l2=1e-3),
        "regularization-loss",
        "regularization-gradient",
    ),
    _fault(
        "penalty: without the half",
        _regularization("l2 not halved", l2=1e-3),
        "regularization-loss",
    ),
    _fault(
        "penalty: without gradient",
        _regularization("no gradient", l2=1e-3),
        "regularization-gradient",
    ),
    _fault(
        "penalty: one layer alone", _regularization("one layer", l2=1e-3), "regularization-loss"
    ),
    _fault(
        "max_norm: bounds the weights that leave a unit",
        _regularization("outgoing weights", max_norm=1.0),
        "max-norm",
    ),
    _fault(
        "max_norm: without the root", _regularization("without the root", max_norm=1.0), "max-norm"
    ),
)
