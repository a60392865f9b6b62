"""Training into a run folder, from its beginning or from where it was cut short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis import diagnose
from trainer_cli.training.findings import Finding, verdict
from trainer_cli.training.grading import graded
from trainer_cli.training.history import History
from trainer_cli.training.loop import go_on, outcome
from trainer_cli.training.outcome import Outcome, Watchers
from trainer_cli.training.recorder import OpenMirror
from trainer_cli.training.resuming import Place, resumed
from trainer_cli.training.runs import RunError, RunFolder
from trainer_cli.training.several import worst_of
from trainer_cli.training.threads import threads_for

Judge = Callable[[Experiment, Dataset, History, Callable[[], bool]], list[Finding]]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A run that is over: how it went, what was found, and what `summary.json` says of it."""

    outcome: Outcome
    findings: Sequence[Finding]
    summary: dict[str, Any]


def members_of(experiment: Experiment) -> list[Experiment]:
    """Return an experiment for each of `training.members`, which have seeds of their own.

    The first is the experiment itself; the data are divided for all as they are for it.
    """
    others = range(1, experiment.training.members)
    return [experiment, *(experiment.reseeded(experiment.seed + m) for m in others)]


def train_recorded(
    experiment: Experiment,
    dataset: Dataset,
    folder: RunFolder,
    *,
    watchers: Watchers,
    judge: Judge = diagnose,
    mirror: OpenMirror | None = None,
    batches_per_epoch: int | None = None,
) -> Recorded:
    """Train what the folder is for, from its newest whole checkpoint on, judge and record it.

    `mirror` opens what shows elsewhere what is recorded. `watchers.remark` is told of checkpoints
    that had to be passed over. Raises RunError where the folder cannot be written any more; what
    was recorded by then stays.
    """
    try:
        with (
            ExitStack() as opened,
            threads_for(experiment.network),
            np.errstate(all="ignore"),
        ):
            run, keeper = resumed(
                members_of(experiment),
                dataset,
                Place(folder, opened, watchers, mirror),
                batches_per_epoch,
            )
            go_on(run, watchers)
        ended = outcome(run, keeper.seconds)
        folder.save_networks("final", ended.final)
        if ended.best is not None:
            folder.save_networks("best", ended.best)
        judged = [
            judge(own, dataset, history, watchers.stop)
            for own, history in zip(run.experiments, ended.histories, strict=True)
        ]
        findings = graded(worst_of(judged), experiment.checks)
        summary = summarize(ended, findings)
        folder.write_summary(summary)
    except OSError as error:
        message = f"{error.filename or folder.folder}: {error.strerror or error}"
        hint = f"what was recorded is whole: nntrain train --resume {folder.folder} goes on from it"
        raise RunError(message, hint) from None
    return Recorded(outcome=ended, findings=findings, summary=summary)


def summarize(outcome: Outcome, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the results of a run; those of its members apart where there are several."""
    members = [_of_member(history) for history in outcome.histories]
    of_all = members[0] if len(members) == 1 else {"members": members}
    return {
        "verdict": verdict(findings),
        "findings": [asdict(finding) for finding in findings],
        "seconds": outcome.seconds,
        **of_all,
    }


def _of_member(history: History) -> dict[str, Any]:
    """Return why a member stopped, its original cost, its best and every other epoch."""
    best = history.best
    return {
        "stopped": history.stopped,
        "original_cost": history.start.cost,
        "updates": history.updates,
        "majority_accuracy": history.setting.majority,
        "best": None
        if best is None
        else {
            "epoch": best.epoch,
            "validation_accuracy": best.validation_accuracy,
            "validation_loss": best.validation_loss,
        },
        "epochs": [asdict(epoch) for epoch in history.epochs],
    }
