"""A rehearsal of training for CI: every part once, on a few batches, with nothing left behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.training.diagnosis import judge_explosion
from trainer_cli.training.findings import Finding, Status, counted
from trainer_cli.training.material import EVALUATION_BATCH, capacity
from trainer_cli.training.metrics import METRICS, histories
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.recorded import Recorded, members_of, train_recorded
from trainer_cli.training.stack import assemble
from trainer_cli.training.taking_up import begin
from trainer_cli.training.weight_files import read_weights

BATCHES_PER_EPOCH = 5
EPOCHS = 2
FILES = (
    "best.safetensors",
    "config.yaml",
    "final.safetensors",
    "metrics.jsonl",
    "preprocessing.safetensors",
    "run.json",
    "summary.json",
)
FILES_HINT = (
    "look at the folder for temporary files (TMPDIR): whether it is full, or emptied by others"
)


def smoke_test(experiment: Experiment, dataset: Dataset, config: str) -> Finding:
    """Train two epochs of five batches into a temporary run folder and read it back.

    Judged is that every file is there, that the cost stayed within its bounds, and that the best
    weights, read back, give the validation accuracy that was recorded.
    """
    begun = perf_counter()
    short = replace(
        experiment,
        training=replace(experiment.training, epochs=min(EPOCHS, experiment.training.epochs)),
    )
    with TemporaryDirectory(prefix="nntrain-smoke-") as temporary:
        folder = Path(temporary) / "run"
        run = begin(folder, config, dataset)
        try:
            recorded = train_recorded(
                short,
                dataset,
                run,
                watchers=Watchers(),
                judge=lambda experiment, dataset, history, stop: [
                    judge_explosion(experiment, history)
                ],
                batches_per_epoch=BATCHES_PER_EPOCH,
            )
        finally:
            run.close()
        trouble = _trouble(short, recorded, dataset, folder)
    if trouble is not None:
        message, hint = trouble
        return _finding("fail", message, hint, begun)
    updates = counted(sum(each.updates for each in recorded.outcome.histories), "update")
    message = (
        f"data, {updates}, validation, weights and run folder work ({len(dataset.train):,} "
        f"training and {len(dataset.validation):,} validation examples)"
    )
    return _finding("pass", message, None, begun)


def _finding(status: Status, message: str, hint: str | None, begun: float) -> Finding:
    seconds = perf_counter() - begun
    return Finding(rule="smoke", status=status, message=message, hint=hint, seconds=seconds)


def _trouble(
    experiment: Experiment, recorded: Recorded, dataset: Dataset, folder: Path
) -> tuple[str, str | None] | None:
    """Return what is wrong with a rehearsed run and what to do, or None."""
    for finding in recorded.findings:
        if finding.status == "fail":
            return finding.message, finding.hint
    missing = _file_trouble(recorded, folder)
    if missing is not None:
        return missing, FILES_HINT
    if any(each.best is None for each in recorded.outcome.histories):
        return "no epoch was completed", None
    wrong = _weights_trouble(experiment, recorded, dataset, folder)
    return None if wrong is None else (wrong, "report this: it is a fault of nntrain itself")


def _file_trouble(recorded: Recorded, folder: Path) -> str | None:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        return f"the run folder lacks {', '.join(missing)}"
    lines = (folder / METRICS).read_text(encoding="utf-8").splitlines()
    read = histories(json.loads(line) for line in lines)
    found, wanted = (
        sum(len(each.epochs) for each in some) for some in (read, recorded.outcome.histories)
    )
    if found != wanted:
        return f"{METRICS} has {counted(found, 'epoch')}, and there were {wanted}"
    return None


def _weights_trouble(
    experiment: Experiment, recorded: Recorded, dataset: Dataset, folder: Path
) -> str | None:
    """Return in what the best weights, read back, differ from those that were measured."""
    best = {each.member: each.best for each in recorded.outcome.histories}
    weights = read_weights(folder / "best.safetensors")
    own = [members_of(experiment)[member] for member in weights.members]
    stack = assemble(own, dataset, capacity=capacity(EVALUATION_BATCH, len(dataset.train)))
    stack.network.load(weights.arrays)
    feed = Feed(dataset.validation, stack.network.capacity, dtype=stack.dtype)
    figures = stack.evaluate(feed, np.arange(len(dataset.validation)))
    for member, measured in zip(weights.members, figures.accuracy, strict=True):
        epoch = best[member]
        if epoch is None or float(measured) != epoch.validation_accuracy:
            recorded_then = "no epoch" if epoch is None else f"{epoch.validation_accuracy:.4f}"
            return (
                f"the best weights, read back, give a validation accuracy of {measured:.4f}, "
                f"but {recorded_then} was recorded"
            )
    return None
