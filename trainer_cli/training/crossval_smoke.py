"""A rehearsal of cross-validation for CI: every part once, with nothing left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.crossval import CrossValidated, begin, cross_validate
from trainer_cli.training.diagnosis import judge_explosion
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.smoke import BATCHES_PER_EPOCH, EPOCHS, FILES_HINT
from trainer_cli.training.weight_files import read_weights

FILES = ("config.yaml", "final.safetensors", "folds.json", "metrics.jsonl", "summary.json")


def smoke_folds(
    experiment: Experiment, dataset: Dataset, made: Sequence[Dataset], config: str
) -> Finding:
    """Train all folds for two epochs of five batches into a temporary run folder.

    Judged is that every file is there, with the weights of every fold, and that no cost left its
    bounds.
    """
    begun = perf_counter()
    training = replace(experiment.training, epochs=min(EPOCHS, experiment.training.epochs))
    with TemporaryDirectory(prefix="nntrain-smoke-") as temporary:
        place = Path(temporary) / "run"
        folder = begin(place, config, dataset, len(made))
        try:
            ended = cross_validate(
                replace(experiment, training=training),
                made,
                folder,
                watchers=Watchers(),
                judge=lambda experiment, fold, history, stop: [
                    judge_explosion(experiment, history)
                ],
                batches_per_epoch=BATCHES_PER_EPOCH,
            )
        finally:
            folder.close()
        trouble = _trouble(ended, place)
    seconds = perf_counter() - begun
    if trouble is not None:
        message, hint = trouble
        return Finding(rule="smoke", status="fail", message=message, hint=hint, seconds=seconds)
    updates = counted(sum(each.updates for each in ended.figures), "update")
    message = f"{len(made)} folds, {updates}, validation and run folder work"
    return Finding(rule="smoke", status="pass", message=message, seconds=seconds)


def _trouble(ended: CrossValidated, place: Path) -> tuple[str, str | None] | None:
    """Return what is wrong with a rehearsal and what to do, or None."""
    for finding in ended.findings:
        if finding.status == "fail":
            return finding.message, finding.hint
    missing = [name for name in FILES if not (place / name).is_file()]
    if missing:
        return f"the run folder lacks {', '.join(missing)}", FILES_HINT
    kept = len(read_weights(place / "final.safetensors").members)
    if kept != len(ended.figures):
        return f"final.safetensors holds {counted(kept, 'network')} of {len(ended.figures)}", None
    return None
