"""What the networks of some runs say about examples whose classes nobody has told them.

N examples, F stored features, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer_cli.datasets import Examples
from trainer_cli.datasets.unlabeled import Unlabeled
from trainer_cli.training.ensemble import Kind, Labels, Values
from trainer_cli.training.findings import Finding
from trainer_cli.training.panel import Answers, require_same_classes, seats
from trainer_cli.training.runs import RunError
from trainer_cli.training.trained import Choice, TrainedRun
from trainer_cli.training.unfinished import unfinished_run


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The average of what the networks say.

    values      (N, C) mean probabilities or mean scores, as `averaged` says
    predicted   (N,) the class with the largest one
    unfinished  what is to be said where a run has not come to its end
    """

    networks: int
    averaged: Kind
    values: Values
    predicted: Labels
    class_names: tuple[str, ...]
    unfinished: Finding | None


def predict(runs: Sequence[TrainedRun], choice: Choice, file: Path) -> Predictions:
    """Average what the chosen networks of all runs say about the examples of a file.

    The runs' data are not read where their preprocessing is on disk. Raises DataError for a file
    that cannot be used, and RunError for runs that cannot, or not together.
    """
    require_same_classes(runs)
    _require_same_inputs(runs)
    unfinished, first = unfinished_run(runs, choice), runs[0].interface
    form = Unlabeled(
        shape=first.pipeline.input_shape,
        feature_names=first.feature_names,
        source=runs[0].experiment.data.source,
    )
    stored = form.read(file)
    nobody_knows = np.zeros(len(stored), np.intp)
    answers = Answers(runs, nobody_knows, first.classes)
    for seat in seats(runs, choice):
        pipeline = seat.run.interface.pipeline
        answers.add(seat, Examples(stored, np.arange(len(stored)), nobody_knows, pipeline))
    return Predictions(
        networks=answers.networks,
        averaged=answers.kind,
        values=answers.values(),
        predicted=answers.predicted(),
        class_names=first.class_names or tuple(map(str, range(first.classes))),
        unfinished=unfinished,
    )


def _require_same_inputs(runs: Sequence[TrainedRun]) -> None:
    first = runs[0].interface
    for run in runs[1:]:
        own = run.interface
        one, other = first.pipeline.input_shape, own.pipeline.input_shape
        if other != one or own.feature_names != first.feature_names:
            message = (
                f"{run.folder} takes other examples than {runs[0].folder}: of the shape {other}, "
                f"not {one}"
                if other != one
                else f"{run.folder} was trained with other columns than {runs[0].folder}"
            )
            raise RunError(message, "take runs with the same data together")
