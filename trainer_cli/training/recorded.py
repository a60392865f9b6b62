"""Training into a run folder: figures as they come, the best weights as soon as they are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.diagnosis import diagnose
from trainer_cli.training.findings import Finding, verdict
from trainer_cli.training.loop import train
from trainer_cli.training.outcome import Epoch, Outcome, Watchers
from trainer_cli.training.runs import RunFolder
from trainer_cli.training.stack import Stack

# Epochs may take milliseconds, a flushed file tens of them: the best weights go to disk no more
# often than this, and at the end.
SECONDS_BETWEEN_SNAPSHOTS = 1.0

Judge = Callable[[Experiment, Dataset, Outcome, Callable[[], bool]], list[Finding]]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A run that is over: how it went, what was found, and what `summary.json` says of it."""

    outcome: Outcome
    findings: Sequence[Finding]
    summary: dict[str, Any]


def train_recorded(
    experiment: Experiment,
    dataset: Dataset,
    *,
    config: str,
    folder: Path,
    watchers: Watchers,
    judge: Judge = diagnose,
    batches_per_epoch: int | None = None,
) -> Recorded:
    """Train, judge and record: `config` is the text of the resolved experiment file.

    Raises RunError, before anything is trained, if `folder` exists.
    """
    run = RunFolder.create(folder, {"config.yaml": config})
    metrics = run.journal("metrics.jsonl")
    saved = -SECONDS_BETWEEN_SNAPSHOTS

    def record(epoch: Epoch, stack: Stack, best: bool) -> None:
        nonlocal saved
        metrics.append(asdict(epoch))
        if best and perf_counter() - saved >= SECONDS_BETWEEN_SNAPSHOTS:
            parameters = stack.network.parameters
            run.save_weights("best", parameters, parameters.stored)
            saved = perf_counter()
        watchers.epoch(epoch, stack, best)

    try:
        outcome = train(
            experiment,
            dataset,
            Watchers(batch=watchers.batch, epoch=record, stop=watchers.stop),
            batches_per_epoch=batches_per_epoch,
        )
        parameters = outcome.stack.network.parameters
        run.save_weights("final", parameters, parameters.stored)
        if outcome.best is not None:
            run.save_weights("best", parameters, outcome.best.parameters)
        findings = judge(experiment, dataset, outcome, watchers.stop)
        summary = summarize(outcome, findings)
        run.write_summary(summary)
    finally:
        metrics.close()
        run.close()
    return Recorded(outcome=outcome, findings=findings, summary=summary)


def summarize(outcome: Outcome, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the results of a run: why it stopped, its original cost, best and last epoch."""
    best = outcome.best
    return {
        "verdict": verdict(findings),
        "findings": [asdict(finding) for finding in findings],
        "stopped": outcome.stopped,
        "original_cost": outcome.start.cost,
        "updates": outcome.updates,
        "majority_accuracy": outcome.majority,
        "seconds": outcome.seconds,
        "best": None
        if best is None
        else {"epoch": best.epoch, "validation_accuracy": best.validation_accuracy},
        "epochs": [asdict(epoch) for epoch in outcome.epochs],
    }
