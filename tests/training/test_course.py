"""A course of M members trains each as alone, and goes on without those that explode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.config.experiment import Training
from trainer_cli.datasets.augment import Noise
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import Dense, Dropout, Relu
from trainer_cli.nn.losses import Softmax
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Momentum
from trainer_cli.optim.schedules import Constant, Cosine, Exponential
from trainer_cli.training.course import Course
from trainer_cli.training.loop import train


def rate(learning_rate, experiment=DIGITS, **changes):
    momentum = replace(experiment.optimizer, learning_rate=learning_rate)
    return changed(experiment, optimizer=momentum, **changes)


def through(experiments, dataset, epochs=3, **settings):
    """Return a course that has gone through its epochs, and its last figures by experiment."""
    with np.errstate(all="ignore"):
        course = Course(experiments, dataset, **settings)
        for number in range(1, epochs + 1):
            for _ in course.epoch(number):
                pass
        losses = course.close_epoch(epochs, last=True).loss.tolist() if course.members else []
    return course, dict(zip(course.members, losses, strict=True))


VARIED = [
    rate(0.03),
    rate(0.3, regularization=Regularization(l2=1e-3)),
    rate(0.01, schedule=Exponential(factor=0.5)),
    rate(0.1, schedule=Cosine()),
    rate(0.05, network=(Dense(units=50, init=Normal(std=0.1)), Relu(), Dense(units=10))),
]


@pytest.mark.parametrize(
    "experiments",
    [
        VARIED,
        [replace(experiment, seed=seed) for seed, experiment in enumerate(VARIED)],
        [
            changed(
                rate(0.03 * (seed + 1)),
                seed=seed // 2,
                network=(Dense(units=20), Dropout(rate=0.1 * seed), Relu(), Dense(units=10)),
                data=replace(DIGITS.data, augment=(Noise(std=0.5),)),
            )
            for seed in range(4)
        ],
    ],
    ids=["same seed", "seeds", "noise"],
)
def test_every_member_trains_as_it_does_alone(experiments):
    dataset = data_of(DIGITS)
    together, losses = through(experiments, dataset)
    assert together.members == list(range(len(experiments)))
    for m, experiment in enumerate(experiments):
        shorter = changed(experiment, training=Training(epochs=3, batch_size=32))
        alone = train(shorter, dataset).alone
        assert together.starts[m].cost == pytest.approx(alone.start.cost, rel=1e-6)
        assert losses[m] == pytest.approx(alone.epochs[-1].train_loss, rel=1e-3)
        assert together.costs[m] == pytest.approx(alone.epochs[-1].cost, rel=1e-3)


@pytest.mark.parametrize("seeds", [False, True], ids=["same seed", "seeds"])
def test_those_that_explode_leave_and_the_others_do_not_notice(seeds):
    dataset = data_of(DIGITS)
    rates = [1e4, 0.03, 10.0, 0.1, 2.0, 1e30]
    experiments = [
        changed(
            rate(each),
            seed=m if seeds else 0,
            network=(Dense(units=50), Dropout(rate=0.2), Relu(), Dense(units=10)),
            data=replace(DIGITS.data, augment=(Noise(std=0.1),)),
        )
        for m, each in enumerate(rates)
    ]
    course, losses = through(experiments, dataset)
    assert course.members == [1, 3]
    assert {left.experiment for left in course.departures} == {0, 2, 4, 5}
    assert course.updates == 3 * course.steps_per_epoch
    _, alone = through([experiments[1], experiments[3]], dataset)
    assert [losses[1], losses[3]] == pytest.approx([alone[0], alone[1]], rel=1e-3)
    for left in course.departures:
        single, _ = through([experiments[left.experiment]], dataset)
        (own,) = single.departures
        assert (own.epoch, own.updates) == (left.epoch, left.updates)
        if np.isfinite(own.cost):
            assert own.cost == pytest.approx(left.cost, rel=1e-3)


def test_a_course_without_members_has_no_epochs():
    course, losses = through([rate(1e30), rate(1e29)], data_of(DIGITS))
    assert (course.members, losses) == ([], {})
    assert [left.updates for left in course.departures] == [1, 1]
    assert list(course.epoch(4)) == []


def test_members_that_begin_as_one_network_have_one_start():
    dataset = data_of(DIGITS)
    first, *_, last = (Course([experiment], dataset).starts[0] for experiment in VARIED)
    alike = Course(VARIED[:4], dataset).starts
    assert {(start.loss, start.accuracy) for start in alike} == {(first.loss, first.accuracy)}
    losses = [start.loss for start in Course([VARIED[4], *VARIED[:4]], dataset).starts]
    assert losses == pytest.approx([last.loss, *[first.loss] * 4], rel=1e-6)
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


def test_a_start_that_is_not_finite_is_no_start():
    wild = Normal(std=1e30)
    broken = (Dense(units=50, init=wild), Relu(), Dense(units=10, init=wild))
    course, _ = through([rate(0.03), rate(0.03, network=broken)], data_of(DIGITS))
    assert course.members == [0]
    (left,) = course.departures
    assert (left.experiment, left.epoch, left.updates) == (1, 1, 0)
    assert not np.isfinite(left.cost)


def test_the_limit_is_a_multiple_of_the_original_cost():
    experiments = [rate(0.03, regularization=Regularization(l2=l2)) for l2 in (0.0, 10.0)]
    course = Course(experiments, data_of(DIGITS), abort_ratio=5.0)
    costs = [start.cost for start in course.starts]
    assert costs[1] > 2 * costs[0]
    assert course.limits == pytest.approx([5 * cost for cost in costs])


def test_a_member_that_is_dismissed_changes_nothing_for_the_others():
    dataset, experiments = data_of(DIGITS), [rate(0.03), rate(0.1), rate(0.2)]
    course = Course(experiments, dataset)
    list(course.epoch(1))
    course.dismiss(np.array([False, True, False]))
    list(course.epoch(2))
    assert (course.members, course.departures) == ([0, 2], [])
    full = Course(experiments, dataset)
    for number in (1, 2):
        list(full.epoch(number))
    assert course.costs == pytest.approx(full.costs[[0, 2]], rel=1e-4)


def test_schedules_differ_from_member_to_member():
    experiments = [rate(0.1, schedule=s) for s in (Constant(), Exponential(factor=0.5))]
    course = Course(experiments, data_of(DIGITS))
    assert course.factor_of(0) == 1.0
    list(course.epoch(1))
    assert list(course.factor_of(course.updates)) == [1.0, 0.5]


def test_settings_of_the_loss_differ_from_member_to_member():
    losses = [Softmax(), Softmax(label_smoothing=0.3)]
    experiment = blobs()
    course = Course([changed(experiment, loss=loss) for loss in losses], data_of(experiment))
    assert course.starts[0].floor == 0.0
    assert course.starts[1].floor > 0.3
    assert course.starts[1].constant == pytest.approx(course.starts[0].constant)


def test_momentum_goes_on_for_those_that_stay():
    """Who stays keeps its velocity: without, the next steps would be far smaller."""
    optimizers = [Momentum(learning_rate=0.01, momentum=0.99), Momentum(learning_rate=1e30)]
    experiments = [changed(DIGITS, optimizer=each) for each in optimizers]
    dataset = data_of(DIGITS)
    course, losses = through(experiments, dataset, epochs=1)
    _, alone = through(experiments[:1], dataset, epochs=1)
    assert course.members == [0]
    assert losses[0] == pytest.approx(alone[0], rel=1e-4)
