"""Does what the network makes of an example depend on the other examples of the batch?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import BatchIndependence, rule_of
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.regularization import Regularization
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import Stack, assemble

# N examples, M = 1 member, F features.
EXAMPLES, KEPT = 8, 4


@dataclass(frozen=True, kw_only=True)
class _Passage:
    """What a batch was in every layer: outputs, the loss of each example, gradients from the top.

    `gradients` are those of the loss by what goes into every layer, the last layer's first.
    """

    outputs: Sequence[Array]
    losses: Array
    gradients: Sequence[Array]


def check_independence(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return one finding: other inputs for half of a batch change nothing for the other half.

    Compared are, in float64, the outputs of every layer, the loss of each example, and the
    gradients of the mean loss by what goes into every layer: if the loss of example i had a
    gradient by the input of example j, they would change. Labels stay as they are: class weights
    sum over them. Batch normalization mixes a batch by intention: with it, the network runs as in
    evaluation, and gradients are left out.
    Source: Karpathy 2019, "A Recipe for Training Neural Networks".
    """
    begun = perf_counter()
    rule = rule_of(experiment.checks, BatchIndependence)
    count = min(EXAMPLES, len(dataset.train))
    if count < 2:
        return [_skip("there is a single training example", begun)]
    plain = replace(without_noise(experiment), regularization=Regularization())
    stack = assemble([plain], dataset, capacity=count, dtype=np.float64, input_gradient=True)
    normalized = bool(stack.network.parameters.statistics)  # nothing else keeps any
    x, labels = Feed(dataset.train, count, dtype=np.float64).fill(dataset.train.evenly(count))
    kept = min(KEPT, count - 1)
    with np.errstate(all="ignore"):
        first = _pass(stack, x.copy(), labels, gradients=not normalized)
        second = _pass(stack, _others(x, kept, experiment), labels, gradients=not normalized)
        where, difference = _largest(first, second, kept, experiment, rule.tolerance)
    if not np.isfinite(difference):
        return [_skip("the activations are not finite", begun)]
    good = difference <= rule.tolerance
    sound = (
        f"other inputs for {count - kept} of {count} examples of a batch change nothing for the "
        f"rest: neither their scores nor their losses"
        + (
            ", in evaluation; in training batch normalization mixes them by intention"
            if normalized
            else ", nor their gradients"
        )
    )
    return [
        Finding(
            rule=rule.type,
            status="pass" if good else "fail",
            measured=difference,
            expected=0.0,
            threshold=rule.tolerance,
            message=sound
            if good
            else f"{where} on the other examples of the batch: with other "
            f"inputs for {count - kept} of {count} examples, those of the rest change by "
            f"{difference:.2g} of their size",
            hint=None
            if good
            else "look there for a sum, mean or softmax over the wrong axis, or a wrong reshape",
            seconds=perf_counter() - begun,
        )
    ]


def _skip(why: str, begun: float) -> Finding:
    return Finding(
        rule="batch-independence",
        status="skip",
        message=f"not judged: {why}",
        seconds=perf_counter() - begun,
    )


def _others(x: Array, kept: int, experiment: Experiment) -> Array:
    """Return the batch with noise of the inputs' size added to all but the first `kept`."""
    noise = stream(experiment.seed, "check-independence").standard_normal(x[kept:].shape)
    other = x.copy()
    other[kept:] += noise * (float(x.std()) or 1.0)
    return other


def _pass(stack: Stack, x: Array, labels: Labels, *, gradients: bool) -> _Passage:
    """Run a batch through, forward as in evaluation where no gradients are asked for."""
    layers, outputs, downward = stack.network.layers, [], []
    for layer in layers:
        x = layer.forward(x, gradients)
        outputs.append(x.copy())
    losses = stack.loss.forward(x, labels).copy()
    d: Array | None = stack.loss.backward(x) if gradients else None
    for layer in reversed(layers):
        if d is None:
            break
        d = layer.backward(d)
        if d is not None:
            downward.append(d.copy())
    return _Passage(outputs=outputs, losses=losses, gradients=downward)


def _largest(
    first: _Passage, second: _Passage, kept: int, experiment: Experiment, tolerance: float
) -> tuple[str, float]:
    """Return the first place where the kept examples differ by too much, and by how much.

    Where nothing does, the largest difference.
    """
    names = [f"network[{i}] ({layer.type})" for i, layer in enumerate(experiment.network)]
    places = [
        (f"the outputs of {name} of an example depend", a, b)
        for name, a, b in zip(names, first.outputs, second.outputs, strict=True)
    ]
    places.append(("the loss of an example depends", first.losses, second.losses))
    places += [
        (f"the gradients of an example that come through {name} depend", a, b)
        for name, a, b in zip(reversed(names), first.gradients, second.gradients, strict=False)
    ]
    worst = ("", 0.0)
    for where, a, b in places:
        difference = _difference(a[:kept], b[:kept])
        if not difference <= tolerance:
            return where, difference
        worst = max(worst, (where, difference), key=lambda pair: pair[1])
    return worst


def _difference(a: Array, b: Array) -> float:
    """Return the largest difference as a share of the largest value, 0 where all are 0."""
    largest = float(np.abs(a).max(initial=0.0))
    apart = float(np.abs(a - b).max(initial=0.0))
    return apart if apart == 0 or np.isnan(apart) else apart / (largest or 1.0)
