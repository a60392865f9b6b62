"""Is noise left to training, and does it leave activations as large as they are at test time?

N examples, M = 1 member, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import DropoutScale, rule_of
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.nn.layers.place import Array, Working
from trainer_cli.nn.regularization import Regularization
from trainer_cli.training.findings import Finding
from trainer_cli.training.stack import assemble

NOISE, SCALE = "noise-at-test-time", "dropout-scale"
EXAMPLES, DRAWS = 64, 16
# The mean over the draws may be so many of its standard errors off by chance.
ERRORS = 5.0


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """What one layer made of the same inputs again and again.

    `apart` is how far two answers in evaluation lie apart, as a share of their size; `factors` are
    by what each answer in training is larger than that in evaluation, none where there is no noise.
    """

    name: str
    apart: float
    factors: Array | None


def check_noise(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return two findings: evaluation draws nothing, and training keeps the size of activations.

    Every layer is asked by itself, in float64, with the inputs that evaluation gives it.
    Source: CS231n, "Neural Networks Part 2", section Regularization, inverted dropout.
    """
    begun = perf_counter()
    plain = replace(experiment, regularization=Regularization())
    count = min(EXAMPLES, len(dataset.train))
    stack = assemble([plain], dataset, capacity=count, dtype=np.float64)
    x, _ = Feed(dataset.train, count, dtype=np.float64).fill(dataset.train.evenly(count))
    heard = []
    with np.errstate(all="ignore"):
        for i, layer in enumerate(stack.network.layers):
            heard.append(_listen(f"network[{i}] ({experiment.network[i].type})", layer, x))
            x = layer.forward(x.copy(), False).copy()
    seconds = perf_counter() - begun
    return [
        _at_test_time(heard, seconds),
        _in_scale(heard, rule_of(experiment.checks, DropoutScale).tolerance),
    ]


def _listen(name: str, layer: Working, x: Array) -> _Heard:
    first, second = (layer.forward(x.copy(), False).copy() for _ in range(2))
    drawn = [layer.forward(x.copy(), True).copy() for _ in range(2)]
    apart = _share(first, second)
    if apart or not _share(*drawn) > 0:
        return _Heard(name=name, apart=apart, factors=None)
    size = float((first * first).sum())
    drawn += [layer.forward(x.copy(), True).copy() for _ in range(DRAWS - 2)]
    factors = np.array([float((each * first).sum()) / size for each in drawn])
    return _Heard(name=name, apart=0.0, factors=factors if size > 0 else None)


def _share(a: Array, b: Array) -> float:
    """Return how far apart two answers lie, as a share of the largest value."""
    apart, size = np.abs(a - b).max(initial=0.0), np.abs(a).max(initial=0.0)
    return float(apart / size) if size > 0 and np.isfinite(apart) else 0.0


def _at_test_time(heard: Sequence[_Heard], seconds: float) -> Finding:
    worst = max(heard, key=lambda each: each.apart)
    good = worst.apart == 0
    return Finding(
        rule=NOISE,
        status="pass" if good else "fail",
        measured=worst.apart,
        expected=0.0,
        message="asked again for the same examples, every layer gives the same in evaluation"
        if good
        else f"{worst.name} gives something else in evaluation each time that it is asked, by up "
        f"to {worst.apart:.0%}: there is noise in it",
        hint=None if good else "draw noise in training alone: see the argument training of forward",
        seconds=seconds,
    )


def _in_scale(heard: Sequence[_Heard], tolerance: float) -> Finding:
    noisy = [(each.name, each.factors) for each in heard if each.factors is not None]
    if not noisy:
        return Finding(
            rule=SCALE, status="skip", message="not judged: there is no noise in training"
        )
    name, factors = max(noisy, key=lambda pair: abs(float(pair[1].mean()) - 1))
    factor = float(factors.mean())
    chance = ERRORS * float(factors.std(ddof=1)) / np.sqrt(len(factors))
    good = abs(factor - 1) <= tolerance + chance
    return Finding(
        rule=SCALE,
        status="pass" if good else "fail",
        measured=factor,
        expected=1.0,
        threshold=tolerance,
        message=f"in training {name} gives {factor:.2f} times what it gives in evaluation, in the "
        f"mean over {len(factors)} draws",
        hint=None
        if good
        else "divide what is kept by its share 1 - p in training, or multiply by 1 - p in "
        "evaluation, and not both",
    )
