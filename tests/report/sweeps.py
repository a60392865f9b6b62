"""Sweeps made by hand, whose reports and pictures tests look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.experiments import DIGITS
from trainer_cli.config.space import Distribution, LogUniform
from trainer_cli.search.messages import Task
from trainer_cli.search.plan import Stage
from trainer_cli.search.sweep import Swept
from trainer_cli.search.trials import Result, Trial

LR, L2 = "optimizer.learning_rate", "regularization.l2"
USUAL = {LR: LogUniform(low=1e-6, high=1.0), L2: LogUniform(low=1e-5, high=100.0)}
CLOSER = {LR: LogUniform(low=1e-4, high=1e-2), L2: LogUniform(low=1e-5, high=100.0)}


def finished(trial: int, values: dict[str, Any], accuracy: float, **more: Any) -> Result:
    """Return the result of a trial that was trained to its end."""
    given: dict[str, Any] = {
        "stage": 1,
        "state": "finished",
        "epochs": 5,
        "updates": 195,
        "original_cost": 2.4,
        "original_loss": 2.3,
        "learnable": 2.2,
        "learned": 0.75,
        "cost": 1.25,
        "train_loss": 1.125,
        "train_accuracy": accuracy + 0.01,
        "validation_loss": 1.5 - accuracy,
        "validation_accuracy": accuracy,
        **more,
    }
    return Result(trial=trial, values=values, **given)


def lost(trial: int, values: dict[str, Any], state: str = "diverged", **more: Any) -> Result:
    """Return the result of a trial that was not."""
    reasons = {
        "diverged": "cost 31.2 in epoch 1, limit 6.9",
        "infeasible": "network[0].units: the network needs about 30 GiB of memory",
    }
    given: dict[str, Any] = {"stage": 1, "state": state, "reason": reasons[state], **more}
    return Result(trial=trial, values=values, **given)


def stage_of(
    results: Sequence[Result],
    space: dict[str, Distribution],
    number: int = 1,
    epochs: int = 5,
    stacks: Sequence[Sequence[int]] = (),
    halving: int | None = None,
) -> Stage:
    """Return the plan of a stage that came to these results; `stacks` are numbers of trials."""
    trials = {r.trial: Trial(number=r.trial, values=r.values) for r in results}
    return Stage(
        number=number,
        epochs=epochs,
        space=space,
        trials=tuple(trials.values()),
        tasks=tuple(
            Task(
                stage=number,
                number=k,
                trials=tuple(trials[trial] for trial in stack),
                experiments=(DIGITS,) * len(stack),
                abort_ratio=3.0,
                halving=halving,
            )
            for k, stack in enumerate(stacks, start=1)
        ),
        infeasible=tuple(r for r in results if r.state == "infeasible"),
    )


def swept_of(stages: Sequence[Stage], results: Sequence[Result], **more: Any) -> Swept:
    """Return a sweep of these stages and results."""
    given: dict[str, Any] = {"stopped": "finished", "seconds": 12.34, "experiments": {}, **more}
    return Swept(stages=tuple(stages), results=tuple(results), **given)


def one_stage(space: dict[str, Distribution], results: Sequence[Result], **more: Any) -> Swept:
    """Return a sweep of one stage."""
    return swept_of([stage_of(results, space)], results, **more)
