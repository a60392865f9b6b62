"""A rehearsal of training for CI: every part once, on a few batches, with nothing left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from safetensors.numpy import load_file

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, Feed
from trainer_cli.training.diagnosis import judge_explosion
from trainer_cli.training.findings import Finding, Status, counted
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.recorded import Recorded, train_recorded

BATCHES_PER_EPOCH = 5
EPOCHS = 2
FILES = ("best.safetensors", "config.yaml", "final.safetensors", "metrics.jsonl", "summary.json")
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
        recorded = train_recorded(
            short,
            dataset,
            config=config,
            folder=folder,
            watchers=Watchers(),
            judge=lambda experiment, dataset, outcome, stop: [judge_explosion(experiment, outcome)],
            batches_per_epoch=BATCHES_PER_EPOCH,
        )
        trouble = _trouble(recorded, dataset, folder)
    if trouble is not None:
        message, hint = trouble
        return _finding("fail", message, hint, begun)
    updates = counted(recorded.outcome.updates, "update")
    message = (
        f"data, {updates}, validation, snapshot and run folder work ({len(dataset.train):,} "
        f"training and {len(dataset.validation):,} validation examples)"
    )
    return _finding("pass", message, None, begun)


def _finding(status: Status, message: str, hint: str | None, begun: float) -> Finding:
    seconds = perf_counter() - begun
    return Finding(rule="smoke", status=status, message=message, hint=hint, seconds=seconds)


def _trouble(recorded: Recorded, dataset: Dataset, folder: Path) -> tuple[str, str | None] | None:
    """Return what is wrong with a rehearsed run and what to do, or None."""
    for finding in recorded.findings:
        if finding.status == "fail":
            return finding.message, finding.hint
    missing = _file_trouble(recorded, folder)
    if missing is not None:
        return missing, FILES_HINT
    wrong = _snapshot_trouble(recorded, dataset, folder)
    return None if wrong is None else (wrong, "report this: it is a fault of nntrain itself")


def _file_trouble(recorded: Recorded, folder: Path) -> str | None:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        return f"the run folder lacks {', '.join(missing)}"
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    if len(lines) != len(recorded.outcome.epochs):
        return f"metrics.jsonl has {len(lines)} lines for {len(recorded.outcome.epochs)} epochs"
    return None


def _snapshot_trouble(recorded: Recorded, dataset: Dataset, folder: Path) -> str | None:
    stack, best = recorded.outcome.stack, recorded.outcome.best
    if best is None:
        return "no epoch was completed"
    arrays = load_file(folder / "best.safetensors")
    stack.network.load({name: array[..., None, :] for name, array in arrays.items()})
    feed = Feed(
        dataset.validation, stack.network.capacity, dtype=stack.network.parameters.values.dtype
    )
    figures = stack.evaluate(feed, np.arange(len(dataset.validation)))
    accuracy = float(figures.accuracy[0])
    if accuracy == best.validation_accuracy:
        return None
    return (
        f"the best weights, read back, give a validation accuracy of {accuracy:.4f}, "
        f"but {best.validation_accuracy:.4f} was recorded"
    )
