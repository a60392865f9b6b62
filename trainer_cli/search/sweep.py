"""Runs a sweep from its first stage to its last: plan, train, record, narrow the space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from trainer_cli.config.experiment import Experiment, Sweep
from trainer_cli.config.load import Loaded
from trainer_cli.search.fit import Fit
from trainer_cli.search.folder import SweepFolder
from trainer_cli.search.messages import Executor, Progress
from trainer_cli.search.narrowing import narrowed
from trainer_cli.search.plan import Stage, plan_stage
from trainer_cli.search.stack_size import stack_size
from trainer_cli.search.trials import Result, rank


@dataclass(frozen=True, kw_only=True)
class Swept:
    """How a sweep went: its stages, the results in the order of the trials, and why it ended.

    `experiments` are those of the trials that were trained, by number.
    """

    stages: tuple[Stage, ...]
    results: tuple[Result, ...]
    stopped: Literal["finished", "interrupted"]
    seconds: float
    experiments: Mapping[int, Experiment]

    @property
    def best(self) -> Result | None:
        """The best of the trials that finished in the last stage in which any did, None without.

        That is the highest validation accuracy; in a tie the lowest validation loss, then the
        first. A stage that was broken off does not count if there is one before it.
        """
        finished = [result for result in self.results if result.state == "finished"]
        stages = sorted({result.stage for result in finished})
        if self.stopped == "interrupted" and len(stages) > 1 and stages[-1] == len(self.stages):
            stages.pop()
        return min((r for r in finished if r.stage == stages[-1]), key=rank, default=None)


@dataclass(frozen=True, kw_only=True)
class SweepWatch:
    """Who looks on: told of every stage, result and progress, and asked whether to stop.

    `result` receives the number of results of the stage so far, this one included.
    """

    stage: Callable[[Stage], None] = lambda stage: None
    result: Callable[[Result, int], None] = lambda result, count: None
    progress: Callable[[Progress], None] = lambda progress: None
    stop: Callable[[], bool] = lambda: False


def sweep(
    loaded: Loaded,
    settings: Sweep,
    folder: SweepFolder,
    executor: Executor,
    *,
    fit: Fit,
    watch: SweepWatch,
    batches_per_epoch: int | None = None,
) -> Swept:
    """Search as `settings` say; trials whose results `folder` holds are not trained again.

    Ends early where nothing finished in a stage, so that there is nothing to search around.
    """
    begun = perf_counter()
    stages: list[Stage] = []
    space, interrupted = settings.space, False
    for number in range(1, settings.stages + 1):
        stage = plan_stage(
            loaded,
            settings,
            number=number,
            first_trial=1 + sum(len(each.trials) for each in stages),
            space=space,
            stack=lambda group: stack_size(folder.machine, group, *fit.inputs(group[0])),
            misfit=fit.misfit,
            batches_per_epoch=batches_per_epoch,
        )
        stages.append(stage)
        folder.record_plan(stage)
        watch.stage(stage)
        interrupted = _train(stage, folder, executor, watch)
        if interrupted:
            break
        results = [folder.results[trial.number] for trial in stage.trials]
        if not any(result.state == "finished" for result in results):
            break
        space = narrowed(space, results)
    if not interrupted:
        folder.sort_journal()
    return Swept(
        stages=tuple(stages),
        results=tuple(
            folder.results[trial.number]
            for stage in stages
            for trial in stage.trials
            if trial.number in folder.results
        ),
        stopped="interrupted" if interrupted else "finished",
        seconds=perf_counter() - begun,
        experiments={
            trial.number: experiment
            for stage in stages
            for task in stage.tasks
            for trial, experiment in zip(task.trials, task.experiments, strict=True)
        },
    )


def _train(stage: Stage, folder: SweepFolder, executor: Executor, watch: SweepWatch) -> bool:
    """Train what has no result yet; return whether that was broken off."""
    known = sum(trial.number in folder.results for trial in stage.trials)

    def take(result: Result) -> None:
        nonlocal known
        if folder.record(result):
            known += 1
            watch.result(result, known)

    for result in stage.infeasible:
        take(result)
    left = [t for t in stage.tasks if any(x.number not in folder.results for x in t.trials)]
    with closing(executor.run(left)) as messages:  # work that is broken off ends at once
        for message in messages:
            if isinstance(message, Result):
                take(message)
            elif isinstance(message, Progress):
                watch.progress(message)
            if watch.stop():
                return True
    return False
