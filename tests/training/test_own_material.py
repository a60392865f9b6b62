"""Members with data of their own, as in cross-validation: each trains as it does alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.config.experiment import Training
from trainer_cli.datasets import Feed, folds
from trainer_cli.datasets.augment import Noise
from trainer_cli.datasets.preprocess import Standardize
from trainer_cli.nn.initializers import Lsuv
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Dropout, Flatten, MaxPool, Relu
from trainer_cli.nn.losses import Softmax
from trainer_cli.nn.regularization import Regularization
from trainer_cli.nn.streams import stream
from trainer_cli.optim.optimizers import Momentum
from trainer_cli.training.course import Course
from trainer_cli.training.loop import train
from trainer_cli.training.material import OwnMaterial
from trainer_cli.training.stack import assemble

PRECISE = Training(epochs=2, batch_size=50, precision="float64")
VARIED = {
    "dense on images": changed(DIGITS, training=PRECISE),
    "rows": changed(blobs(), training=PRECISE),
    "normalized inputs": changed(
        DIGITS, training=PRECISE, network=(BatchNorm(), Dense(units=20), Relu(), Dense(units=10))
    ),
    "rectified inputs": changed(
        DIGITS, training=PRECISE, network=(Relu(), Flatten(), Dense(units=20), Dense(units=10))
    ),
    "convolution": changed(
        DIGITS,
        training=PRECISE,
        network=(Conv(filters=3), BatchNorm(), Relu(), MaxPool(), Dense(units=10)),
    ),
    "noise": changed(
        DIGITS,
        training=PRECISE,
        data=replace(DIGITS.data, augment=(Noise(std=0.5),), preprocess=(Standardize(),)),
        network=(Dropout(rate=0.1), Dense(units=20), Relu(), Dropout(rate=0.3), Dense(units=10)),
    ),
    "weights of classes": changed(
        blobs(), training=PRECISE, loss=Softmax(class_weights=(0.1, 1.0, 10.0))
    ),
    "weights fitted to data": changed(
        DIGITS,
        training=PRECISE,
        network=(Dense(units=20, init=Lsuv()), Relu(), Dense(units=10, init=Lsuv())),
        regularization=Regularization(l2=1e-2),
    ),
}


def divided(experiment, count):
    return folds(data_of(experiment), experiment.data, count, stream(0, "folds"))


@pytest.mark.parametrize("experiment", VARIED.values(), ids=VARIED)
def test_every_fold_trains_as_it_does_alone(experiment):
    count = 4 if experiment.network[-1].units == 10 else 5  # so that all folds have one size
    made = divided(experiment, count)
    assert len({len(fold.train) for fold in made}) == 1
    together = train([experiment] * count, made)
    for m, fold in enumerate(made):
        alone = train(experiment, fold)
        history, own = together.histories[m], alone.alone
        assert history.setting == own.setting
        assert history.start.cost == pytest.approx(own.start.cost, rel=1e-9)
        assert history.losses == pytest.approx(own.losses, rel=1e-7)
        assert history.penalties == pytest.approx(own.penalties, rel=1e-7)
        for epoch, its in zip(history.epochs, own.epochs, strict=True):
            assert epoch.train_accuracy == its.train_accuracy
            assert epoch.validation_accuracy == its.validation_accuracy
            assert epoch.train_loss == pytest.approx(its.train_loss, rel=1e-7)
            assert epoch.validation_loss == pytest.approx(its.validation_loss, rel=1e-7)
        assert together.final.flats[m] == pytest.approx(alone.final.flats[0], rel=1e-5, abs=1e-9)


def test_in_single_precision_too():
    made = divided(DIGITS, 4)
    together = train([DIGITS] * 4, made)
    for m, fold in enumerate(made):
        last, own = together.histories[m].epochs[-1], train(DIGITS, fold).alone.epochs[-1]
        assert last.validation_loss == pytest.approx(own.validation_loss, rel=1e-3)


def material_of(experiment, made, batch=50):
    n = min(len(fold.train) for fold in made)
    stack = assemble([experiment] * len(made), made, capacity=64, shared_input=False)
    return OwnMaterial(made, stack, batch), stack, n


def test_of_a_larger_split_other_examples_are_left_out_in_every_epoch():
    made = divided(DIGITS, 3)
    made = [
        replace(fold, train=fold.train.select(np.arange(100 + m))) for m, fold in enumerate(made)
    ]
    material, _, n = material_of(DIGITS, made)
    assert n == 100
    left_out = []
    for epoch in (1, 2):
        material.begin([0, 0, 0], epoch)
        material.fill(0, 50)
        order = material._order
        assert order.shape == (100, 3)
        for m in range(3):
            assert len(np.unique(order[:, m])) == 100
            assert order[:, m].max() < 100 + m
        left_out.append(np.setdiff1d(np.arange(102), order[:, 2]).tolist())
    assert left_out[0] != left_out[1]
    assert [len(each) for each in left_out] == [2, 2]


@pytest.mark.parametrize("loss", [Softmax(), Softmax(class_weights=(0.1, 1.0, 10.0))])
def test_every_member_is_validated_on_all_that_it_has_and_no_more(loss):
    """The splits have other sizes, and more examples than fit into one batch."""
    experiment = changed(blobs(), loss=loss)
    made = divided(experiment, 3)
    sizes = (64, 71, 30)
    made = [
        replace(fold, validation=fold.train.select(np.arange(size)))
        for fold, size in zip(made, sizes, strict=True)
    ]
    material, stack, _ = material_of(experiment, made, batch=20)
    figures = material.validate(stack)
    for m, fold in enumerate(made):
        alone = assemble([experiment], fold, capacity=64)
        own = alone.evaluate(Feed(fold.validation, 64), np.arange(sizes[m]))
        assert figures.loss[m] == pytest.approx(own.loss[0], rel=1e-5)
        assert figures.accuracy[m] == own.accuracy[0]


def test_a_fold_that_explodes_leaves_and_the_others_do_not_notice():
    experiment = changed(DIGITS, data=replace(DIGITS.data, augment=(Noise(std=0.1),)))
    made = divided(experiment, 4)
    rates = (0.03, 1e9, 0.05, 1e8)
    experiments = [changed(experiment, optimizer=Momentum(learning_rate=rate)) for rate in rates]
    together = train(experiments, made)
    assert [history.stopped for history in together.histories] == [
        "finished",
        "diverged",
        "finished",
        "diverged",
    ]
    assert list(together.final.flats) == [0, 2]
    rest = train([experiments[0], experiments[2]], [made[0], made[2]])
    for m, own in zip((0, 2), rest.histories, strict=True):
        epoch = together.histories[m].epochs[-1]
        assert epoch.validation_loss == pytest.approx(own.epochs[-1].validation_loss, rel=1e-3)


def test_members_of_one_start_are_measured_each_on_its_own_examples():
    made = divided(DIGITS, 3)
    course = Course([DIGITS] * 3, made)
    assert len({start.loss for start in course.starts}) == 3


def test_a_course_goes_on_where_its_state_was_taken():
    experiment = VARIED["noise"]
    made = divided(experiment, 3)

    def begun():
        course = Course([experiment] * 3, made)
        updates = course.epoch(1)
        for _ in range(5):
            next(updates)
        return course, updates

    (course, updates), (other, _) = begun(), begun()
    arrays, state = other.state()
    resumed = Course([experiment] * 3, made)
    resumed.restore(arrays, state)
    for _ in updates:
        pass
    for _ in resumed.epoch(1):
        pass
    ours, theirs = (each.stack.network.parameters.stored for each in (course, resumed))
    assert ours.tobytes() == theirs.tobytes()
