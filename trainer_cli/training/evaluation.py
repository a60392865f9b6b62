"""Measures trained networks on the test set: the number that says how good they are, once.

C classes, M networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import numpy as np

from trainer_cli.datasets import Examples
from trainer_cli.training.confusion import ClassFigures, Counts, by_class, confusion_matrix
from trainer_cli.training.ensemble import Kind
from trainer_cli.training.evaluated import note_evaluation
from trainer_cli.training.findings import Finding, counted
from trainer_cli.training.panel import Answers, Seat, require_same_classes, seats
from trainer_cli.training.proportions import Interval, difference, wilson
from trainer_cli.training.runs import RunError
from trainer_cli.training.trained import Choice, TrainedRun
from trainer_cli.training.unfinished import unfinished_run

DIGEST_ROWS = 1024
TOGETHER = (
    "runs are judged together on examples that none of them has seen: give them the same data and "
    "the same data.split.seed"
)


@dataclass(frozen=True, kw_only=True)
class NetworkFigures:
    """The accuracies of one network by itself; `weights` is best, final or a snapshot's name."""

    run: str
    weights: str
    member: int
    validation_accuracy: float
    test_accuracy: float


@dataclass(frozen=True, kw_only=True)
class Validation:
    """The networks' average on the validation examples.

    difference  test accuracy less validation accuracy, with its 95 % interval
    chosen_by   the figures of the validation examples that networks were chosen by, if any were
    """

    examples: int
    accuracy: float
    difference: float
    interval: Interval
    chosen_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What the average of some networks is worth on the test set.

    averaged    probabilities or scores
    cost        the loss of the average, without penalty; None where the runs' losses differ
    interval    the 95 % interval of the accuracy
    majority    share of the largest class among the test examples
    matrix      (C, C), the classes of the examples in rows, what they were taken for in columns
    validation  None where the runs have different validation examples
    times       for every run, how often it has been evaluated, this time included
    unfinished  what is to be said where a run has not come to its end
    """

    runs: tuple[str, ...]
    choice: Choice
    networks: tuple[NetworkFigures, ...]
    averaged: Kind
    examples: int
    cost: float | None
    accuracy: float
    interval: Interval
    majority: float
    class_names: tuple[str, ...] | None
    classes: tuple[ClassFigures, ...]
    matrix: Counts
    validation: Validation | None
    times: tuple[int, ...]
    unfinished: Finding | None


def evaluate(runs: Sequence[TrainedRun], choice: Choice) -> Evaluation:
    """Average the chosen networks of all runs, judge them on the test set, and keep a note of it.

    Raises RunError for runs that cannot be judged together or at all, before anything is noted.
    """
    require_same_classes(runs)
    unfinished = unfinished_run(runs, choice)
    test = _common_test(runs)
    classes, labels = runs[0].dataset.classes, test.labels
    answers, on_validation = Answers(runs, labels, classes), _OnValidation(runs, classes)
    networks: list[NetworkFigures] = []
    for seat in seats(runs, choice):
        networks += _figures(seat, on_validation.add(seat), answers.add(seat, _test(seat.run)))
    accuracy, cost = answers.accuracy(), answers.loss()
    matrix = confusion_matrix(labels, answers.taken(), classes)
    names = tuple(str(run.folder) for run in runs)
    note = {
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
        "runs": names,
        "weights": choice,
        "networks": len(networks),
        "test_set": digest(test),
        "examples": len(labels),
        "accuracy": accuracy,
        "cost": cost,
    }
    return Evaluation(
        runs=names,
        choice=choice,
        networks=tuple(networks),
        averaged=answers.kind,
        examples=len(labels),
        cost=cost,
        accuracy=accuracy,
        interval=wilson(accuracy, len(labels)),
        majority=float(np.bincount(labels).max() / len(labels)),
        class_names=runs[0].dataset.class_names,
        classes=tuple(by_class(matrix)),
        matrix=matrix,
        validation=on_validation.beside(accuracy, len(labels), _chosen_by(runs, choice)),
        times=tuple(note_evaluation(run.folder, note) for run in runs),
        unfinished=unfinished,
    )


def digest(examples: Examples) -> str:
    """Return a digest of the examples of a split as they are stored, and of their labels."""
    digest = blake2b(digest_size=16)
    digest.update(f"{examples.stored.dtype.str} {examples.pipeline.input_shape}".encode())
    digest.update(np.ascontiguousarray(examples.labels).data)
    for start in range(0, len(examples), DIGEST_ROWS):
        digest.update(examples.stored[examples.rows[start : start + DIGEST_ROWS]].data)
    return digest.hexdigest()


def _test(run: TrainedRun) -> Examples:
    """Return the test examples of a run; RunError if it keeps none."""
    if run.dataset.test is None:
        hint = "train again with some examples kept for it, such as data.split.test=0.15"
        raise RunError(f"{run.folder} keeps no test set", hint)
    return run.dataset.test


def _common_test(runs: Sequence[TrainedRun]) -> Examples:
    """Return the test examples that all runs have in common; RunError unless they have."""
    first = _test(runs[0])
    for run in runs[1:]:
        if digest(_test(run)) != digest(first):
            message = (
                f"the {counted(len(_test(run)), 'test example')} of {run.folder} are not "
                f"the {len(first):,} of {runs[0].folder}"
            )
            raise RunError(message, TOGETHER)
    return first


class _OnValidation:
    """The networks' answers on the validation examples of their runs."""

    def __init__(self, runs: Sequence[TrainedRun], classes: int) -> None:
        self._runs, self._classes = runs, classes
        self._common = len({digest(run.dataset.validation) for run in runs}) == 1
        self._together = self._answers(runs[0])

    def _answers(self, run: TrainedRun) -> Answers:
        return Answers(self._runs, run.dataset.validation.labels, self._classes)

    def add(self, seat: Seat) -> list[float]:
        """Let the networks of a seat answer; return the accuracy of each."""
        answers = self._together if self._common else self._answers(seat.run)
        return answers.add(seat, seat.run.dataset.validation)

    def beside(
        self, accuracy: float, examples: int, chosen_by: tuple[str, ...]
    ) -> Validation | None:
        """Return how the average compares with its accuracy on so many test examples."""
        if not self._common:
            return None
        own, count = self._together.accuracy(), len(self._together.labels)
        return Validation(
            examples=count,
            accuracy=own,
            difference=accuracy - own,
            interval=difference(accuracy, examples, own, count),
            chosen_by=chosen_by,
        )


def _chosen_by(runs: Sequence[TrainedRun], choice: Choice) -> tuple[str, ...]:
    """Return the figures that the epochs of the chosen networks were chosen by, if any were."""
    stopping = [
        run.experiment.training.early_stopping
        for run in runs
        if choice == "best" or (choice == "final" and "early-stopping" in run.ends)
    ]
    return tuple(sorted({"validation_accuracy" if s is None else s.on for s in stopping}))


def _figures(
    seat: Seat, validated: Sequence[float], tested: Sequence[float]
) -> list[NetworkFigures]:
    return [
        NetworkFigures(
            run=str(seat.run.folder),
            weights=seat.file.stem,
            member=member,
            validation_accuracy=own,
            test_accuracy=test,
        )
        for member, own, test in zip(seat.members, validated, tested, strict=True)
    ]


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return the results as the JSON document has them."""
    names = evaluation.class_names or tuple(map(str, range(len(evaluation.classes))))
    return {
        "runs": evaluation.runs,
        "weights": evaluation.choice,
        "networks": [asdict(each) for each in evaluation.networks],
        "averaged": evaluation.averaged,
        "examples": evaluation.examples,
        "cost": evaluation.cost,
        "accuracy": evaluation.accuracy,
        "accuracy_interval": evaluation.interval,
        "majority_accuracy": evaluation.majority,
        "validation": None if evaluation.validation is None else asdict(evaluation.validation),
        "classes": [
            {"class": name, **asdict(figures)}
            for name, figures in zip(names, evaluation.classes, strict=True)
        ],
        "confusion_matrix": evaluation.matrix.tolist(),
        "evaluations": dict(zip(evaluation.runs, evaluation.times, strict=True)),
    }
