"""Is the network put together so that it can learn: outputs, nonlinearities, dropout, weights?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log, prod

from trainer_cli.checks.output_layer import output_activation, output_units
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import Bottleneck, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.initializers import Constant, Zeros
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Relu,
)
from trainer_cli.nn.layers.place import Shape
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.network import shapes_through
from trainer_cli.training.findings import Finding

# Of layers with weights, those that are linear; maxout is not.
LINEAR = (Dense, Conv)
# What changes nothing about that between two of them.
NOT_BENDING = (AvgPool, BatchNorm, Dropout, Flatten)


def check_architecture(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return six findings on the layers as they stand in the file; nothing is computed.

    Source: CS231n, "Neural Networks Part 1" and "Part 2".
    """
    network = experiment.network
    shapes = shapes_through(network, dataset.shape)
    return [
        output_units(experiment, shapes[-1], dataset.classes),
        output_activation(experiment, dataset.classes),
        _missing_nonlinearity(network, shapes),
        _dropout_placement(network),
        _constant_initialization(network, shapes),
        _bottleneck(experiment, shapes, dataset.classes),
    ]


def called(network: Sequence[Layer], i: int) -> str:
    """Return what messages call a layer: network[1] (relu)."""
    return f"network[{i}] ({network[i].type})"


def _learned(network: Sequence[Layer]) -> list[int]:
    return [i for i, layer in enumerate(network) if isinstance(layer, Weighted)]


def _missing_nonlinearity(network: Sequence[Layer], shapes: Sequence[Shape]) -> Finding:
    rule, learned = "missing-nonlinearity", _learned(network)
    pairs = [
        (a, b)
        for a, b in pairwise(learned)
        if isinstance(network[a], LINEAR)
        and isinstance(network[b], LINEAR)
        and all(isinstance(layer, NOT_BENDING) for layer in network[a + 1 : b])
        and not (b != learned[-1] and _saves_parameters(network, shapes, a, b))
    ]
    if len(learned) < 2:
        message = "not judged: fewer than two layers with weights"
        return Finding(rule=rule, status="skip", message=message)
    if not pairs:
        message = "layers with weights do not follow each other without a nonlinearity"
        return Finding(rule=rule, status="pass", message=message)
    told = ", ".join(f"{called(network, a)} and {called(network, b)}" for a, b in pairs)
    return Finding(
        rule=rule,
        status="warn",
        message=f"nothing nonlinear stands between {told}: together they are one linear layer",
        hint=f"put relu behind {' and '.join(f'network[{a}]' for a, _ in pairs)}",
    )


def _saves_parameters(network: Sequence[Layer], shapes: Sequence[Shape], a: int, b: int) -> bool:
    """Return whether layer a is narrower than what it takes in and what layer b gives."""
    middle = shapes[a + 1][-1]
    taken = shapes[a][-1] if isinstance(network[a], Conv) else prod(shapes[a])
    return middle < min(taken, shapes[b + 1][-1])


def _dropout_placement(network: Sequence[Layer]) -> Finding:
    rule = "dropout-placement"
    dropouts = [i for i, layer in enumerate(network) if isinstance(layer, Dropout) and layer.rate]
    if not dropouts:
        return Finding(rule=rule, status="skip", message="not judged: the network has no dropout")
    output = max(_learned(network), default=len(network))
    for i in dropouts:
        normalizing = _normalized_next(network, i)
        if i > output:
            return Finding(
                rule=rule,
                status="fail",
                message=f"{called(network, i)} silences scores: it stands behind "
                f"{called(network, output)}, which gives them",
                hint=f"move it before network[{output}], or remove it",
            )
        if normalizing is not None:
            return Finding(
                rule=rule,
                status="warn",
                message=f"{called(network, i)} stands before {called(network, normalizing)}, which "
                f"learns the variance that dropout makes in training and not in evaluation",
                hint=f"move it behind network[{normalizing}] and its nonlinearity",
            )
    where = ", ".join(called(network, i) for i in dropouts)
    return Finding(rule=rule, status="pass", message=f"{where}: neither before batch_norm nor last")


def _normalized_next(network: Sequence[Layer], i: int) -> int | None:
    """Return the batch normalization behind layer i, if no weights stand between."""
    for k in range(i + 1, len(network)):
        if isinstance(network[k], BatchNorm):
            return k
        if isinstance(network[k], Weighted):
            return None
    return None


def _constant_initialization(network: Sequence[Layer], shapes: Sequence[Shape]) -> Finding:
    """Judge hidden layers of two units and more.

    Units that start equal come apart if what follows weighs them differently, unless nothing gets
    through: relu has no slope at 0.
    """
    rule, learned = "constant-initialization", _learned(network)
    wrong = [i for i in learned[:-1] if _starts_equal(network[i]) and shapes[i + 1][-1] > 1]
    if not wrong:
        message = "the weights of all hidden layers start different from each other"
        if len(learned) < 2:
            return Finding(rule=rule, status="skip", message="not judged: no hidden layer")
        return Finding(rule=rule, status="pass", message=message)
    stuck = [i for i in wrong if _stays_equal(network, i, learned)]
    told = stuck or wrong
    where = ", ".join(f"{called(network, i)} with init {_init_text(network[i])}" for i in told)
    become = (
        "they get the same gradient, and stay equal for ever"
        if stuck
        else "only what follows sets them apart, and slowly"
    )
    return Finding(
        rule=rule,
        status="fail" if stuck else "warn",
        message=f"all units start equal in {where}: {become}",
        hint="start from random weights: leave init out, or use he or xavier",
    )


def _starts_equal(layer: Layer) -> bool:
    return isinstance(layer, Weighted) and isinstance(layer.init, Zeros | Constant)


def _init_text(layer: Layer) -> str:
    assert isinstance(layer, Weighted)
    assert layer.init is not None  # as it starts equal
    value = f" {layer.init.value:g}" if isinstance(layer.init, Constant) else ""
    return f"{layer.init.type}{value}"


def _stays_equal(network: Sequence[Layer], i: int, learned: Sequence[int]) -> bool:
    after = learned[learned.index(i) + 1]
    layer = network[i]
    assert isinstance(layer, Weighted)
    zero = isinstance(layer.init, Zeros) or getattr(layer.init, "value", None) == 0
    shut = zero and any(isinstance(each, Relu) for each in network[i + 1 : after])
    return _starts_equal(network[after]) or shut


def _bottleneck(experiment: Experiment, shapes: Sequence[Shape], classes: int) -> Finding:
    rule, network = rule_of(experiment.checks, Bottleneck), experiment.network
    learned = _learned(network)
    if len(learned) < 2:
        return Finding(rule=rule.type, status="skip", message="not judged: no hidden layer")
    widths = {i: prod(shapes[i + 1]) for i in range(learned[0], learned[-1])}
    narrowest = min(widths, key=widths.__getitem__)
    width, needed = widths[narrowest], log(classes) / log(rule.values)
    gives = f"{called(network, narrowest)}, the narrowest layer, gives {width:,} values"
    if width >= needed:
        return Finding(
            rule=rule.type,
            status="pass",
            measured=width,
            threshold=needed,
            message=f"{gives} to tell {classes} classes apart",
        )
    return Finding(
        rule=rule.type,
        status="warn",
        measured=width,
        threshold=needed,
        message=f"{gives}, which can hardly tell {classes} classes apart"
        if width > 1
        else f"{called(network, narrowest)} gives a single value, which can hardly tell {classes} "
        f"classes apart",
        hint="give it more units: about as many as there are classes, or more",
    )
