"""What the scores of a network of one's own tell of the layers between: are there any?"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench
from trainer_cli.checks.own.network import Inputs, OwnNetwork
from trainer_cli.checks.own.paths import draw
from trainer_cli.config.rules import Bottleneck, rule_of
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

# Inputs so many times as large as they are bend what is next to linear around zero.
SCALES = (1.0, 100.0)
LINEAR, COARSELY = 1e-9, 1e-5
# Directions in which the scores vary less than this share of the most are rounding.
ROUNDED = 1e-9


def check_answers(bench: Bench) -> list[Finding]:
    """Return two findings: something between the layers is not linear, and room for the classes.

    Both are asked with weights drawn anew: it is about layers, not about how they start.
    """
    network = bench.network()
    if not network.loss_is_own:
        return []  # a module's layers are looked at themselves
    x, _ = bench.evenly()
    draw(network, bench.experiment.seed)
    with np.errstate(all="ignore"):
        return [_nonlinearity(network, x), _room(bench, x, network.scores(x))]


def _nonlinearity(network: OwnNetwork, x: Inputs) -> Finding:
    """Judge whether the scores of x + z are those of x and of z, less those of zero."""
    begun, rule = perf_counter(), "missing-nonlinearity"
    weights = [
        name for name, each in network.parameters.items() if each.size > max(each.shape, default=1)
    ]
    bad = len(weights) > 1 and is_linear(network, x)
    told = ", ".join(weights)
    return Finding(
        rule=rule,
        status="warn" if bad else "pass",
        message=f"the scores are linear in the inputs: {told} together are as good as one layer"
        if bad
        else "something in the network is not linear, or it is a single layer",
        hint="put a relu or another nonlinearity between them" if bad else None,
        seconds=perf_counter() - begun,
    )


def is_linear(network: OwnNetwork, x: Inputs) -> bool:
    """Whether the scores of a + b are those of a and of b, less those of zero, of any size."""
    return all(_adds_up(network, scale * x) for scale in SCALES)


def _adds_up(network: OwnNetwork, x: Inputs) -> bool:
    half = len(x) // 2
    a, b = x[:half], x[half : 2 * half]
    one, other, both, none = (network.scores(each) for each in (a, b, a + b, np.zeros_like(a)))
    rounded = LINEAR if both.dtype == np.float64 else COARSELY
    size = np.abs(both - none).max(initial=0.0)
    if not rounded * np.abs(both).max(initial=0.0) < size < np.inf:
        return False
    return bool(np.abs(both - one - other + none).max() <= rounded * size)


def _room(bench: Bench, x: Inputs, scores: Array) -> Finding:
    """Judge how many directions the scores vary in: as many as the narrowest layer has units."""
    begun, limits = perf_counter(), rule_of(bench.experiment.checks, Bottleneck)
    classes, units = bench.dataset.classes, _rank(scores)
    given = _rank(x.reshape(len(x), -1)[:, :2000])
    bad = 0 < units < given and limits.values**units < classes
    ways = "one direction" if units == 1 else f"{units} directions"
    return Finding(
        rule=limits.type,
        status="warn" if bad else "pass",
        measured=units,
        message=f"the scores of {len(x)} examples vary in {ways}, for {classes} classes"
        + (": all that they know has gone through that many units" if bad else ""),
        hint="give the narrowest layer more units, and let them start different" if bad else None,
        seconds=perf_counter() - begun,
    )


def _rank(values: Array) -> int:
    """Return in how many directions rows vary."""
    if not np.isfinite(values).all():
        return 0
    sizes = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)
    least = ROUNDED * max(float(sizes.max(initial=0.0)), float(np.sqrt(np.square(values).sum())))
    return int((sizes > least).sum())
