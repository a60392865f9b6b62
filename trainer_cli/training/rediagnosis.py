"""The diagnosis of a run that is on disk: the findings that training itself ended with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import DataError, Dataset
from trainer_cli.training.crossval import FOLDS, divide
from trainer_cli.training.diagnosis import diagnose_from
from trainer_cli.training.diagnosis.case import NoDataError
from trainer_cli.training.findings import Finding
from trainer_cli.training.history import History
from trainer_cli.training.recorded import members_of
from trainer_cli.training.runs import RunError
from trainer_cli.training.several import worst_of
from trainer_cli.training.trained import TrainedRun


@dataclass(frozen=True, kw_only=True)
class Rediagnosis:
    """What a run's folder tells: what each member went through, and the findings on it.

    `noun` is what a member is called: member, or fold.
    """

    histories: Sequence[History]
    findings: Sequence[Finding]
    noun: str


def diagnose_run(run: TrainedRun, stop: Callable[[], bool] = lambda: False) -> Rediagnosis:
    """Diagnose a run from its folder, whether it has ended or not.

    The data are read where a rule needs them; where they cannot be, it says that it could not
    judge, and the others judge without. Raises RunError where the histories are not those of the
    experiment.
    """
    experiments, noun = _experiments(run)
    histories = run.histories
    if len(histories) != len(experiments):
        message = f"{run.folder} tells of {len(histories)} {noun}s, and was to have "
        raise RunError(f"{message}{len(experiments)}", "train again")
    datasets = cache(lambda: _datasets(run, len(experiments)))
    found = [
        diagnose_from(own, lambda m=m: datasets()[m], history, stop)  # type: ignore[misc]
        for m, (own, history) in enumerate(zip(experiments, histories, strict=True))
    ]
    return Rediagnosis(histories=histories, findings=worst_of(found, noun), noun=noun)


def _experiments(run: TrainedRun) -> tuple[list[Experiment], str]:
    """Return what each member was trained with, and what members are called."""
    if not (run.folder / FOLDS).exists():
        return members_of(run.experiment), "member"
    training = replace(run.experiment.training, early_stopping=None)
    return [replace(run.experiment, training=training)] * _folds(run), "fold"


def _folds(run: TrainedRun) -> int:
    try:
        return int(json.loads((run.folder / FOLDS).read_text(encoding="utf-8"))["folds"])
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{run.folder / FOLDS} is damaged", "begin a new run") from None


def _datasets(run: TrainedRun, members: int) -> Sequence[Dataset]:
    """Return the data of every member; raises NoDataError."""
    try:
        if (run.folder / FOLDS).exists():
            return divide(run.loaded, run.dataset, members)
        return [run.dataset] * members
    except ExperimentError as error:
        first = error.problems[0]
        what = first.source_line.strip() if first.source_line else first.key
        raise NoDataError(f"{what}: {first.message}") from None
    except RunError as error:
        raise NoDataError(error.message) from None
    except DataError as error:
        where = f"{error.where}: " if error.where else ""
        raise NoDataError(f"{where}{error.message}") from None
    except OSError as error:
        raise NoDataError(f"{error.filename}: {error.strerror}") from None
