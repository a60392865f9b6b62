"""Is the network put together so that it can learn: outputs, nonlinearities, dropout, weights?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log, prod

from trainer_cli.checks.dropout_layers import dropout_placement, dropout_rate
from trainer_cli.checks.layer_names import called
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
    MaxPool,
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
    """Return seven findings on the layers as they stand in the file; nothing is computed.

    Source: CS231n, "Neural Networks Part 1" and "Part 2".
    """
    network = experiment.network
    shapes = shapes_through(network, dataset.shape)
    return [
        output_units(experiment, shapes[-1], dataset.classes),
        output_activation(experiment, dataset.classes),
        _missing_nonlinearity(network, shapes),
        dropout_placement(network),
        dropout_rate(experiment, shapes, dataset.classes),
        _constant_initialization(network, shapes),
        _bottleneck(experiment, shapes, dataset),
    ]


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


def _bottleneck(experiment: Experiment, shapes: Sequence[Shape], dataset: Dataset) -> Finding:
    """Judge what is left of an example behind every layer, and behind the preprocessing.

    Data of a single feature are what they are, and are not judged.
    """
    rule, network = rule_of(experiment.checks, Bottleneck), experiment.network
    widths, classes = widths_of(network, shapes, dataset), dataset.classes
    if not widths:
        return Finding(rule=rule.type, status="skip", message="not judged: no hidden layer")
    at = narrowest(network, widths)
    width, needed = widths[at], log(classes) / log(rule.values)
    name = "data.preprocess" if at < 0 else called(network, at)
    if width >= needed:
        return Finding(
            rule=rule.type,
            status="pass",
            measured=width,
            threshold=needed,
            message=f"{name}, the narrowest layer, gives {width:,} values to tell {classes} "
            f"classes apart",
        )
    single = "a single value" if width == 1 else f"{width:,} values"
    where = ", the narrowest layer," if width > 1 else ""
    return Finding(
        rule=rule.type,
        status="fail" if width == 1 and isinstance(network[at], Weighted) and at >= 0 else "warn",
        measured=width,
        threshold=needed,
        message=f"{name}{where} gives {single}, which can hardly tell {classes} classes apart",
        hint=wider(network, at),
    )


def widths_of(
    network: Sequence[Layer], shapes: Sequence[Shape], dataset: Dataset
) -> dict[int, int]:
    """Return how many values of an example are left behind each layer but the output layer.

    Position -1 is the preprocessing. Before the first layer with weights only what takes some away
    is in it.
    """
    learned, given = _learned(network), dataset.train.stored.shape[1]
    if not learned:
        return {}
    widths = {i: prod(shapes[i + 1]) for i in range(-1, learned[-1])}
    return {i: width for i, width in widths.items() if i >= learned[0] or width < given}


def narrowest(network: Sequence[Layer], widths: Mapping[int, int]) -> int:
    """Return which it is; of equal ones the first that has weights, and could be wider."""
    narrow = [i for i, each in widths.items() if each == min(widths.values())]
    return next((i for i in narrow if i >= 0 and isinstance(network[i], Weighted)), min(narrow))


def wider(network: Sequence[Layer], at: int) -> str:
    """Return how to let more values through there."""
    if at < 0:
        return "keep more of it: raise pca's dimensions in data.preprocess"
    if isinstance(network[at], AvgPool | MaxPool):
        return f"lower network[{at}].size, or put weights before it that give more channels"
    return "give it more units: about as many as there are classes, or more"
