"""The plan of a stage: which settings are tried, and which of them as one stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from trainer_cli.config.drawn import drawn
from trainer_cli.config.experiment import Experiment, Sweep
from trainer_cli.config.load import Loaded
from trainer_cli.config.problems import ExperimentError
from trainer_cli.config.space import Distribution
from trainer_cli.search.grouping import groups
from trainer_cli.search.messages import Task
from trainer_cli.search.samplers import draw
from trainer_cli.search.trials import Result, Trial

Space = Mapping[str, Distribution]
# Says what is wrong with an experiment for its data and the memory; None if nothing is.
Misfit = Callable[[Experiment], str | None]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One round of a sweep, complete before its first trial runs.

    tasks       the stacks, which hold every trial that can be trained
    infeasible  the results of the trials that cannot, with the reason
    """

    number: int
    epochs: int
    space: Space
    trials: tuple[Trial, ...]
    tasks: tuple[Task, ...]
    infeasible: tuple[Result, ...]


def plan_stage(
    loaded: Loaded,
    settings: Sweep,
    *,
    number: int,
    first_trial: int,
    space: Space,
    stack: Callable[[Sequence[Experiment]], int],
    misfit: Misfit,
    batches_per_epoch: int | None = None,
) -> Stage:
    """Draw the trials of a stage, and divide them into stacks.

    `stack` says how many trials of a group go into one stack. Which trials share a stack depends
    on nothing else, so that the numbers do not depend on who works on them.
    """
    epochs = settings.epochs * settings.growth ** (number - 1)
    values = draw(space, settings.sampler, settings.trials, loaded.experiment.seed, number)
    trials = [Trial(number=first_trial + i, values=each) for i, each in enumerate(values)]
    feasible: list[tuple[Trial, Experiment]] = []
    infeasible: list[Result] = []
    for trial in trials:
        try:
            experiment = drawn(loaded, {**trial.values, "training.epochs": epochs})
            reason = misfit(experiment)
        except ExperimentError as error:
            reason = _reason(error)
        if reason is None:
            feasible.append((trial, experiment))
        else:
            infeasible.append(_infeasible(trial, number, reason))
    tasks: list[Task] = []
    for group in groups([experiment for _, experiment in feasible]):
        members = [feasible[position] for position in group]
        size = settings.stack or stack([experiment for _, experiment in members])
        for part in _parts(members, size):
            tasks.append(
                Task(
                    stage=number,
                    number=len(tasks) + 1,
                    trials=tuple(trial for trial, _ in part),
                    experiments=tuple(experiment for _, experiment in part),
                    abort_ratio=settings.abort_ratio,
                    halving=settings.halving,
                    batches_per_epoch=batches_per_epoch,
                )
            )
    return Stage(
        number=number,
        epochs=epochs,
        space=space,
        trials=tuple(trials),
        tasks=tuple(tasks),
        infeasible=tuple(infeasible),
    )


def _reason(error: ExperimentError) -> str:
    problem = error.problems[0]
    return f"{problem.key}: {problem.message}"


def _infeasible(trial: Trial, stage: int, reason: str) -> Result:
    return Result(
        trial=trial.number, stage=stage, values=trial.values, state="infeasible", reason=reason
    )


def _parts(
    members: Sequence[tuple[Trial, Experiment]], size: int
) -> list[Sequence[tuple[Trial, Experiment]]]:
    """Divide a group into as few stacks of at most `size` as there can be, of about one size."""
    count = -(-len(members) // size)
    bounds = [round(i * len(members) / count) for i in range(count + 1)]
    return [members[low:high] for low, high in pairwise(bounds)]


def described(stage: Stage) -> dict[str, Any]:
    """Return the plan as `plan.json` holds it."""
    return {
        "stage": stage.number,
        "epochs": stage.epochs,
        "space": {path: each.written() for path, each in stage.space.items()},
        "trials": {str(trial.number): dict(trial.values) for trial in stage.trials},
        "stacks": [[trial.number for trial in task.trials] for task in stage.tasks],
    }
