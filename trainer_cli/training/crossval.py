"""Cross-validation: one experiment trained on all folds but one, for every fold, as one stack."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.load import Loaded
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import DataError, Dataset, folds
from trainer_cli.datasets.batches import held_bytes
from trainer_cli.nn.streams import stream
from trainer_cli.training.diagnosis import diagnose
from trainer_cli.training.findings import Finding, verdict
from trainer_cli.training.fitting_data import refuse_too_large_to_train, refuse_unfit
from trainer_cli.training.fold_figures import FoldFigures, figures_of, majority, spread_of
from trainer_cli.training.fold_findings import judge_folds
from trainer_cli.training.grading import graded
from trainer_cli.training.identity import CONFIG, identity
from trainer_cli.training.loop import go_on, outcome
from trainer_cli.training.material import capacity
from trainer_cli.training.memory import DoesNotFitError, require_memory
from trainer_cli.training.metrics import METRICS
from trainer_cli.training.metrics_recorder import MetricsRecorder
from trainer_cli.training.outcome import Outcome, Watchers
from trainer_cli.training.recorded import Judge
from trainer_cli.training.run import Run
from trainer_cli.training.runs import RunError, RunFolder
from trainer_cli.training.several import worst_of
from trainer_cli.training.threads import one_thread, threads_for

# What the folder of a cross-validation has beside its config.yaml.
FOLDS = "folds.json"
SPREADS = ("train_accuracy", "validation_accuracy", "validation_loss")


@dataclass(frozen=True, kw_only=True)
class CrossValidated:
    """A cross-validation that is over: every fold's figures, what was found, and the summary."""

    figures: Sequence[FoldFigures]
    findings: Sequence[Finding]
    summary: dict[str, Any]


def divide(loaded: Loaded, dataset: Dataset, count: int) -> list[Dataset]:
    """Return the folds of an experiment, found to fit its network and the memory.

    They are drawn from a stream of their own under the seed of the data: what else the seed decides
    stays as it is in training. Raises ExperimentError where a key of the file is to blame, and
    DataError where it is the number of folds.
    """
    experiment = loaded.experiment
    members = experiment.training.members
    if members > 1:
        message = f"must be 1 where the folds are what is trained side by side, got {members}"
        hint = "add --set training.members=1"
        raise ExperimentError([loaded.problem(("training", "members"), message, hint)])
    try:
        with one_thread():  # as data are read: the bits of what is fitted depend on it
            made = folds(dataset, experiment.data, count, stream(experiment.data_seed, "folds"))
    except DataError as error:
        if error.key is None:
            raise
        problem = loaded.problem(error.key, error.message, error.hint)
        raise ExperimentError([problem]) from None
    fewest, shape = min(len(fold.train) for fold in made), made[0].shape
    refuse_unfit(loaded, shape, dataset.classes, fewest)
    batch = capacity(experiment.training.batch_size, fewest)
    refuse_too_large_to_train(loaded, shape, batch, count, "fold")
    _refuse_much_data(made, experiment.training.precision)
    return made


def _refuse_much_data(made: Sequence[Dataset], dtype: str) -> None:
    """Raise DataError where what feeds keep ready of every fold does not fit into memory."""
    held = sum(held_bytes(part, dtype) for fold in made for part in (fold.train, fold.validation))
    try:
        require_memory(f"keeping the examples of {len(made):,} folds", held)
    except DoesNotFitError as error:
        raise DataError(error.message, hint="use fewer folds") from None


def begin(folder: Path, config: str, dataset: Dataset, count: int) -> RunFolder:
    """Make the folder of a new cross-validation; RunError if it is there."""
    begun = json.dumps({"folds": count, **identity(config, dataset)}, indent=1) + "\n"
    return RunFolder.create(folder, {CONFIG: config, FOLDS: begun})


def cross_validate(
    experiment: Experiment,
    made: Sequence[Dataset],
    folder: RunFolder,
    *,
    watchers: Watchers,
    judge: Judge = diagnose,
    batches_per_epoch: int | None = None,
) -> CrossValidated:
    """Train a member for every fold, each without its own, to the last epoch; judge and record it.

    All members have the experiment's seed: they begin with the same weights, and differ by what
    they are trained on alone. A fold is judged after its last epoch, never at its best one, which
    would be chosen by the fold itself; early stopping is left aside for the same reason. Raises
    RunError where the folder cannot be written any more.
    """
    begun, training = perf_counter(), experiment.training
    to_the_end = replace(experiment, training=replace(training, early_stopping=None))
    try:
        metrics = folder.journal(METRICS)
        try:
            with threads_for(experiment.network), np.errstate(all="ignore"):
                run = Run(
                    [to_the_end] * len(made),
                    made,
                    MetricsRecorder(metrics, several=True),
                    batches_per_epoch=batches_per_epoch,
                )
                run.begin()
                go_on(run, watchers)
        finally:
            metrics.close()
        ended = outcome(run, perf_counter() - begun)
        if any(history.stopped != "diverged" for history in ended.histories):
            folder.save_networks("final", ended.final)
        figures = [figures_of(history) for history in ended.histories]
        of_folds = [
            judge(to_the_end, fold, history, watchers.stop)
            for fold, history in zip(made, ended.histories, strict=True)
        ]
        stops_early = training.early_stopping is not None
        rules = experiment.checks
        together = judge_folds(figures, majority(made), stops_early=stops_early, rules=rules)
        findings = graded([*worst_of(of_folds, "fold"), *together], rules)
        summary = _summarize(ended, figures, majority(made), findings)
        folder.write_summary(summary)
    except OSError as error:
        message = f"{error.filename or folder.folder}: {error.strerror or error}"
        raise RunError(message, "make room, and begin again with another --run") from None
    return CrossValidated(figures=figures, findings=findings, summary=summary)


def _summarize(
    ended: Outcome, figures: Sequence[FoldFigures], most: float, findings: Sequence[Finding]
) -> dict[str, Any]:
    spreads = {name: spread_of(figures, name) for name in SPREADS}
    return {
        "verdict": verdict(findings),
        "findings": [asdict(finding) for finding in findings],
        "seconds": ended.seconds,
        "majority_accuracy": most,
        **{name: None if each is None else asdict(each) for name, each in spreads.items()},
        "folds": [asdict(each) for each in figures],
    }
