"""Sweeps made up from a surface of accuracies, so that what they mean is known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tests.experiments import DIGITS
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.space import Distribution, LogUniform
from trainer_cli.search.narrowing import narrowed
from trainer_cli.search.plan import Stage
from trainer_cli.search.samplers import Sampler, draw
from trainer_cli.search.sweep import Swept
from trainer_cli.search.trials import Result, Trial, Values

RATE, L2 = "optimizer.learning_rate", "regularization.l2"
LOSS = float(np.log(10))

# What becomes of a trial: its accuracy; None where it explodes; a text where it cannot be trained.
Surface = Callable[[Values], float | str | None]


def rates(low: float, high: float) -> dict[str, Distribution]:
    """Return a space of learning rates alone."""
    return {RATE: LogUniform(low=low, high=high)}


def result_of(
    trial: int, values: Values, accuracy: float | str | None = None, **rest: Any
) -> Result:
    """Return a result: of a trial that finished, exploded or, with a reason, was never trained.

    What it learned follows from its accuracy: nothing at chance, everything at 100 %.
    """
    start = {"original_cost": LOSS, "original_loss": LOSS, "learnable": LOSS}
    if isinstance(accuracy, str):
        fate: dict[str, Any] = {"state": "infeasible", "reason": accuracy}
    elif accuracy is None:
        fate = {"state": "diverged", "reason": "cost 9 in epoch 1, limit 6.9", "cost": 9.0, **start}
    else:
        learned = (accuracy - 0.1) / 0.9
        loss = LOSS * (1 - learned)
        fate = {
            "state": "finished",
            "epochs": 5,
            "updates": 200,
            "learned": learned,
            "cost": loss,
            "train_loss": loss,
            "train_accuracy": accuracy,
            "validation_loss": loss,
            "validation_accuracy": accuracy,
            **start,
        }
    return Result(trial=trial, values=values, **{"stage": 1, **fate, **rest})


def swept_of(
    *stages: tuple[Mapping[str, Distribution], Sequence[Result]],
    experiment: Experiment = DIGITS,
    **rest: Any,
) -> Swept:
    """Return a sweep of stages, each a space and its results."""
    results = [result for _, some in stages for result in some]
    made = [
        Stage(
            number=number,
            epochs=5 * 2 ** (number - 1),
            space=space,
            trials=tuple(Trial(number=each.trial, values=each.values) for each in some),
            tasks=(),
            infeasible=(),
        )
        for number, (space, some) in enumerate(stages, start=1)
    ]
    return Swept(
        stages=tuple(made),
        results=tuple(results),
        experiments={each.trial: _experiment(each.values, experiment) for each in results},
        **{"stopped": "finished", "seconds": 1.0, **rest},
    )


def simulated(
    space: Mapping[str, Distribution],
    surface: Surface,
    *,
    trials: int = 60,
    examples: int = 1000,
    stages: int = 1,
    sampler: Sampler = "random",
    seed: int = 0,
    experiment: Experiment = DIGITS,
) -> Swept:
    """Search a surface: what is measured is how many of the examples are right, by chance."""
    rng, made, number = np.random.default_rng(seed), [], 0
    for stage in range(1, stages + 1):
        results = []
        for values in draw(space, sampler, trials, seed, stage):
            number, fate = number + 1, surface(values)
            if isinstance(fate, float):
                fate = float(rng.binomial(examples, min(max(fate, 0.0), 1.0)) / examples)
            results.append(result_of(number, values, fate, stage=stage))
        made.append((space, results))
        if not any(result.state == "finished" for result in results):
            break
        space = narrowed(space, results)
    return swept_of(*made, experiment=experiment)


def peak(
    at: float, *, height: float = 0.9, fall: float = 0.05, cliff: float = float("inf")
) -> Surface:
    """Return accuracies that fall with the squared distance, in decades, of the rate from a peak.

    A rate more than `cliff` times as high as the peak explodes.
    """

    def surface(values: Values) -> float | None:
        if values[RATE] > cliff * at:
            return None
        return max(0.1, height - fall * float(np.log10(values[RATE] / at)) ** 2)

    return surface


def _experiment(values: Values, experiment: Experiment) -> Experiment:
    optimizer, regularization = experiment.optimizer, experiment.regularization
    if RATE in values:
        optimizer = replace(optimizer, learning_rate=values[RATE])
    if L2 in values:
        regularization = replace(regularization, l2=values[L2])
    return replace(experiment, optimizer=optimizer, regularization=regularization)
