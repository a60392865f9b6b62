"""The first hundred updates of a training, as they will be: what the rate is judged by."""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.gradient_points import work
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.course import Course
from trainer_cli.training.history import Epoch, History, Look, ParameterLook, Setting, Spread
from trainer_cli.training.member import Member
from trainer_cli.training.moments import in_blocks, moments_of

UPDATES = 100
# Fewer of a network that takes more multiply-adds forward than this for all of them: seconds.
BUDGET, FEWEST = 20_000_000_000, 20
# Updates between two looks at how the weights move.
BETWEEN = 10


def beginning(experiment: Experiment, dataset: Dataset) -> History:
    """Train for 100 updates, or as many as there will be, and return what came of it.

    A large network is trained for fewer, down to 20. Same seed, batches, schedule and noise as in
    training: it is the beginning of it.
    """
    course = Course([experiment], dataset)
    updates = _affordable(experiment, dataset)
    member = Member(0, _setting(course, experiment, dataset), course.starts[0])
    for number in range(1, experiment.training.epochs + 1):
        if not course.members or course.updates >= updates:
            break
        _train_epoch(course, member, number, updates)
    if course.departures:
        member.stopped, member.last_cost = "diverged", course.departures[0].cost
    else:
        member.stopped, member.last_cost = "finished", float(course.costs[0])
    return member.history()


def _setting(course: Course, experiment: Experiment, dataset: Dataset) -> Setting:
    validation = dataset.validation
    return Setting(
        classes=dataset.classes,
        examples=len(dataset.train),
        validation_examples=len(validation),
        majority=float(np.bincount(validation.labels).max() / len(validation)),
        batch_size=min(experiment.training.batch_size, len(dataset.train)),
        steps_per_epoch=course.steps_per_epoch,
        epochs=experiment.training.epochs,
        best_by="validation_accuracy",
    )


def _affordable(experiment: Experiment, dataset: Dataset) -> int:
    batch = min(experiment.training.batch_size, len(dataset.train))
    return min(UPDATES, max(FEWEST, BUDGET // (work(experiment.network, dataset.shape) * batch)))


def _train_epoch(course: Course, member: Member, number: int, most: int) -> None:
    """Train an epoch, or as much of it as is left of `most` updates, and note how it went."""
    losses, penalties, rates = [], [], []
    rate = course.stack.experiments[0].optimizer.learning_rate
    values = course.stack.network.parameters.values
    before = values.copy()
    for _ in course.epoch(number):
        losses.append(float(course.losses[0]))
        penalties.append(float(course.penalties[0]))
        rates.append(rate * float(np.max(course.factor)))
        if course.updates % BETWEEN == 0:
            member.looks.append(_look(course, before, number))
        if course.updates >= most:
            break
        if course.updates % BETWEEN == BETWEEN - 1:
            np.copyto(before, values)
    member.add_updates(np.array(losses), np.array(penalties), np.array(rates))
    if course.members:
        costs = np.array(losses) + np.array(penalties)
        _take_epoch(course, member, number, float(costs.mean()), rates[0])


def _take_epoch(course: Course, member: Member, number: int, cost: float, rate: float) -> None:
    figures = course.close_epoch(number, last=True)
    if not course.members:
        return
    penalty, validated = float(course.stack.penalty.costs()[0]), course.validate()
    member.add_epoch(
        Epoch(
            epoch=number,
            updates=course.updates,
            cost=cost,
            penalty=penalty,
            train_loss=float(figures.loss[0]),
            train_accuracy=float(figures.accuracy[0]),
            validation_loss=float(validated.loss[0]),
            validation_accuracy=float(validated.accuracy[0]),
            learning_rate=rate,
        )
    )


def _look(course: Course, before: Array, number: int) -> Look:
    """Return how the last update moved the parameters; nothing of the layers."""
    parameters = course.stack.network.parameters
    return Look(
        update=course.updates,
        epoch=number,
        parameters=tuple(
            _moved(entry.name, entry.view(parameters.values), entry.view(before))
            for entry in parameters.entries
        ),
        layers=(),
    )


def _moved(name: str, values: Array, before: Array) -> ParameterLook:
    updates, norm = moments_of(in_blocks(values - before)), moments_of(in_blocks(before)).norm
    return ParameterLook(
        parameter=name,
        values=Spread(**moments_of(in_blocks(values))._asdict()),
        updates=Spread(**updates._asdict()),
        ratio=updates.norm / norm if norm > 0 else None,
    )
