"""Does the network end as scores should: as many as there are classes, and nothing behind them?"""

from __future__ import annotations

from math import exp, log1p

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Elu,
    Gelu,
    LeakyRelu,
    Prelu,
    Relu,
    Sigmoid,
    Softplus,
    Tanh,
)
from trainer_cli.nn.layers.place import Shape
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.losses import Softmax
from trainer_cli.training.findings import Finding

BENDING = (Elu, Gelu, LeakyRelu, Prelu, Relu, Sigmoid, Softplus, Tanh)


def output_units(experiment: Experiment, shape: Shape, classes: int) -> Finding:
    """Judge the number of scores; a file with a wrong one is refused before it comes so far."""
    rule, scores = "output-units", shape[0] if len(shape) == 1 else 0
    if classes < 2:
        return Finding(
            rule=rule,
            status="fail",
            measured=classes,
            threshold=2,
            message="the data have a single class: there is nothing to tell apart",
            hint="look at the labels: is it the right column, are all classes in the file?",
        )
    right = scores == classes
    what = f"{scores} scores" if scores else f"the shape {shape}"
    return Finding(
        rule=rule,
        status="pass" if right else "fail",
        measured=scores,
        expected=classes,
        message=f"the network gives {what} for {classes} classes",
        hint=None if right else f"end it with {{type: dense, units: {classes}}}",
    )


def output_activation(experiment: Experiment, classes: int) -> Finding:
    """Judge what stands behind the last layer with weights.

    Scores averaged over an image may be rectified before: Lin et al. 2013, "Network In Network".
    """
    rule, network = "output-activation", experiment.network
    last = max((i for i, layer in enumerate(network) if isinstance(layer, Weighted)), default=-1)
    behind = [
        i
        for i, layer in enumerate(network)
        if i > last
        and isinstance(layer, BENDING)
        and (hasattr(layer, "bounds") or not _averaged(experiment, i))
    ]
    if not behind:
        message = "no nonlinearity stands behind the layer that gives the scores"
        return Finding(rule=rule, status="pass", message=message)
    i = behind[-1]
    name = f"network[{i}] ({network[i].type})"
    hint = f"remove network[{i}]: scores are any numbers, and the loss does the rest"
    bounds: tuple[float, float] | None = getattr(network[i], "bounds", None)
    if any(isinstance(layer, BatchNorm) for layer in network[i:]):
        bounds = None  # they are stretched again
    if isinstance(network[i], Relu) and not _averaged(experiment, i):
        return Finding(
            rule=rule,
            status="fail",
            message=f"{name} cuts off the scores below 0: it stands behind network[{last}], which "
            f"gives them, and where it is 0 no gradient comes back",
            hint=hint,
        )
    if bounds is None:
        return Finding(
            rule=rule,
            status="warn",
            message=f"{name} bends the scores: it stands behind network[{last}], which gives them",
            hint=hint,
        )
    low, high = bounds
    what = f"{name} holds the scores between {low:g} and {high:g}"
    if not isinstance(experiment.loss, Softmax):
        return Finding(rule=rule, status="warn", message=what, hint=hint)
    floor = log1p((classes - 1) * exp(low - high))
    return Finding(
        rule=rule,
        status="fail",
        measured=floor,
        message=f"{what}: the softmax loss of {classes} classes cannot fall below {floor:.4f}",
        hint=hint,
    )


def _averaged(experiment: Experiment, i: int) -> bool:
    return any(isinstance(layer, AvgPool) for layer in experiment.network[i + 1 :])
