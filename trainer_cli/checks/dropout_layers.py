"""Does dropout stand where it does no harm, and does it leave enough of a layer?"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, prod

from trainer_cli.checks.layer_names import called
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import Bottleneck, DropoutRate, rule_of
from trainer_cli.nn.layers import BatchNorm, Dropout, Layer
from trainer_cli.nn.layers.place import Shape
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.training.findings import Finding

NONE = "not judged: the network has no dropout"


def dropout_placement(network: Sequence[Layer]) -> Finding:
    """Judge what stands before and behind every dropout."""
    rule, dropouts = "dropout-placement", _dropouts(network)
    if not dropouts:
        return Finding(rule=rule, status="skip", message=NONE)
    learned = [i for i, layer in enumerate(network) if isinstance(layer, Weighted)]
    output = max(learned, default=len(network))
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
                message=f"{called(network, i)} stands before {called(network, normalizing)}, "
                f"which learns the variance that dropout makes in training and not in evaluation",
                hint=f"move it behind network[{normalizing}] and its nonlinearity",
            )
    where = ", ".join(called(network, i) for i in dropouts)
    return Finding(rule=rule, status="pass", message=f"{where}: neither before batch_norm nor last")


def dropout_rate(experiment: Experiment, shapes: Sequence[Shape], classes: int) -> Finding:
    """Judge how much every dropout leaves of its layer, on average; `shapes` go into the layers."""
    network, rule = experiment.network, rule_of(experiment.checks, DropoutRate)
    needed = log(classes) / log(rule_of(experiment.checks, Bottleneck).values)
    dropouts = _dropouts(network)
    if not dropouts:
        return Finding(rule=rule.type, status="skip", message=NONE)
    rates = {i: _rate(network[i]) for i in dropouts}
    left = {i: (1 - rates[i]) * prod(shapes[i]) for i in dropouts}
    scarce = [i for i in dropouts if left[i] < min(needed, prod(shapes[i]))]
    wrong = [i for i in dropouts if rates[i] >= rule.largest or i in scarce]
    worst = max(wrong or dropouts, key=rates.__getitem__)
    told = (
        f"{called(network, worst)} silences {rates[worst]:.0%} of the values: of "
        f"{prod(shapes[worst]):,} about {left[worst]:.2g} are left"
    )
    if not wrong:
        return Finding(
            rule=rule.type,
            status="pass",
            measured=rates[worst],
            threshold=rule.largest,
            message=told,
        )
    too_few = f", which can hardly tell {classes} classes apart" if worst in scarce else ""
    return Finding(
        rule=rule.type,
        status="warn",
        measured=rates[worst],
        threshold=rule.largest,
        message=told + too_few,
        hint=f"lower network[{worst}].rate, the share that is silenced, not the one that is kept: "
        f"0.5 is usual, and 0.2 on inputs"
        + ("; or give the layer before it more units" if worst in scarce else ""),
    )


def _rate(layer: Layer) -> float:
    assert isinstance(layer, Dropout)
    return layer.rate


def _dropouts(network: Sequence[Layer]) -> list[int]:
    return [i for i, layer in enumerate(network) if isinstance(layer, Dropout) and layer.rate]


def _normalized_next(network: Sequence[Layer], i: int) -> int | None:
    """Return the batch normalization behind layer i, if no weights stand between."""
    for k in range(i + 1, len(network)):
        if isinstance(network[k], BatchNorm):
            return k
        if isinstance(network[k], Weighted):
            return None
    return None
