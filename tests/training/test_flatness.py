"""What counts as learning: more than class frequencies give, and as much as smoothing leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of, unevenly
from tests.training.judging import history_of, judged, rates, wrong
from trainer_cli.config.experiment import Training
from trainer_cli.nn.initializers import Constant, Zeros
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Adam, Momentum, Sgd
from trainer_cli.optim.schedules import Constant as ConstantRate
from trainer_cli.optim.schedules import Exponential
from trainer_cli.training.diagnosis import diagnose

BLOBS = blobs(examples=2000, features=10, noise=0.5)
UNEVEN = unevenly(data_of(BLOBS), 450, 30, 30)
START_EQUAL = (Dense(units=20, init=Zeros()), Relu(), Dense(units=3, init=Zeros()))
DEAD = (Dense(units=20, bias_init=Constant(value=-1000)), Relu(), Dense(units=3))
CLASS_WEIGHTS = (0.5, 10.0, 10.0)


@pytest.mark.parametrize(
    "loss",
    [
        Softmax(),
        Softmax(class_weights=CLASS_WEIGHTS),
        Softmax(label_smoothing=0.3),
        Svm(),
        Svm(class_weights=CLASS_WEIGHTS),
        SquaredSvm(),
    ],
)
@pytest.mark.parametrize("network", [START_EQUAL, DEAD], ids=["start equal", "dead"])
def test_biases_that_learn_the_class_frequencies_are_no_learning(network, loss):
    found = judged(changed(BLOBS, network=network, loss=loss), UNEVEN)
    assert wrong(found) == ["dead-units"]
    assert found["plateau"].message.endswith(": the learning rate is not the cause")


def test_class_frequencies_are_named():
    experiment = changed(BLOBS, network=START_EQUAL, training=Training(epochs=20, batch_size=20))
    flat = judged(experiment, UNEVEN)["plateau"]
    end = history_of(experiment, UNEVEN).epochs[-1].train_loss
    assert flat.message == (
        "explained by dead-units: the loss has only come down to what the class frequencies alone "
        f"give, 0.4438: 1.09861 to {end:.6g} in 520 updates, and no rate from 5e-11 to 50 does "
        "clearly better in 100 updates: the learning rate is not the cause"
    )


@pytest.mark.parametrize("counts", [(450, 25, 25), (450, 4, 4), (400, 100, 0)], ids=str)
@pytest.mark.parametrize(
    "loss",
    [Softmax(), Softmax(class_weights=CLASS_WEIGHTS), Softmax(label_smoothing=0.2), Svm()],
)
def test_a_network_that_learns_uneven_classes_passes(loss, counts):
    experiment = changed(BLOBS, loss=loss)
    findings = judged(experiment, unevenly(data_of(BLOBS), *counts))
    assert wrong(findings) == []


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_examples_of_one_class_are_not_judged(smoothing):
    experiment = changed(BLOBS, loss=Softmax(label_smoothing=smoothing))
    _, low = rates(judged(experiment, unevenly(data_of(BLOBS), 100, 0, 0)))
    assert low.status == "skip"
    assert low.message == (
        "not judged: all training examples that were measured have the same label"
    )


@pytest.mark.parametrize("smoothing", [0.1, 0.5, 0.9])
def test_what_smoothing_leaves_to_learn_is_enough(smoothing):
    findings = judged(changed(DIGITS, loss=Softmax(label_smoothing=smoothing)))
    assert wrong(findings) == []
    assert findings["learning-rate-too-low"].measured > 0.2


def test_a_run_on_its_way_down_to_class_frequencies():
    experiment = changed(BLOBS, network=START_EQUAL, optimizer=Sgd(learning_rate=0.004))
    flat = judged(experiment, UNEVEN)["plateau"]
    assert flat.message.startswith(
        "explained by dead-units: the loss has not even come down to what the class frequencies "
        "alone give, 0.4438: 1.09861"
    )


def test_a_schedule_that_leaves_too_little_of_the_rate():
    experiment = changed(
        DIGITS,
        optimizer=Momentum(learning_rate=0.01),
        schedule=Exponential(factor=1e-3, per="step"),
        training=Training(epochs=100, batch_size=200),
    )
    _, low = rates(judged(experiment))
    end = history_of(experiment).epochs[-1].train_loss
    assert (low.rule, low.status) == ("learning-rate-too-low", "warn")
    gain = next(p["loss_fall"] for p in low.evidence["probe"] if p["learning_rate"] == 0.01)
    assert low.message.endswith(
        f" to {end:.6g} in 700 updates; the schedule leaves 0.00228 of the learning rate 0.01 on "
        f"average, and at the full rate 100 updates lower the loss by {gain:.2g}"
    )
    assert low.hint == "let the schedule lower the rate later or more slowly"


def test_a_warm_up_that_leaves_too_little_of_the_rate():
    dataset = data_of(DIGITS)
    experiment = changed(
        DIGITS,
        schedule=ConstantRate(warmup=100_000),
        training=Training(epochs=10, batch_size=100),
    )
    _, low = rates(judged(experiment))
    assert (low.rule, low.status) == ("learning-rate-too-low", "warn")
    assert "; the schedule leaves 5.04e-05 of the learning rate 0.03 on average, " in low.message
    assert low.hint == "shorten schedule.warmup, which is 100000 epochs"
    healthy = replace(experiment, schedule=ConstantRate(warmup=5))
    assert wrong(judged(healthy, dataset)) == []


def test_the_rate_that_was_used_is_named_where_a_run_explodes_in_its_warm_up():
    experiment = changed(
        DIGITS,
        optimizer=Momentum(learning_rate=3e6),
        schedule=ConstantRate(warmup=10),
        training=Training(epochs=20, batch_size=100),
    )
    high, _ = rates(judged(experiment))
    assert high.status == "fail"
    assert high.message.endswith(
        " in epoch 1, after 1 update, and the limit is 3 times the original 2.439: the learning "
        "rate 2.31e+04 (0.00769 of optimizer.learning_rate, 3e+06) is too high"
    )
    assert high.evidence["schedule_factor"] == pytest.approx(1 / 130)


def test_a_penalty_that_undoes_what_was_learned():
    experiment = changed(
        DIGITS,
        optimizer=Adam(learning_rate=0.001),
        regularization=Regularization(l2=0.3),
        training=Training(epochs=80, batch_size=100),
    )
    flat = judged(experiment)["plateau"]
    assert flat.status == "warn"
    assert flat.message.endswith(" in 1,040 updates: regularization.l2=0.3 is too strong")
    assert flat.hint.startswith(
        "lower regularization.l2=0.3: without it, 100 updates at the learning rate 0.001 lower the "
        "loss by 1."
    )


def test_what_was_learned_and_lost_again():
    experiment = changed(
        DIGITS, optimizer=Sgd(learning_rate=0.3), regularization=Regularization(l2=0.02)
    )
    sound = history_of(experiment)
    end = replace(sound.epochs[-1], train_loss=sound.start.loss)
    history = replace(sound, epochs=(*sound.epochs[:-1], end))
    found = diagnose(experiment, data_of(DIGITS), history)
    (flat,) = (finding for finding in found if finding.rule == "plateau")
    assert ", although 100 updates at the learning rate 0.3 lower the loss by " in flat.message
    assert flat.message.endswith(": what was learned was lost again")
    assert flat.hint == (
        "lower regularization.l2=0.02: so many updates of it may pull the weights back"
    )


def test_what_was_lost_again_without_anything_that_pulls():
    experiment, dataset = changed(DIGITS, optimizer=Sgd(learning_rate=0.3)), data_of(DIGITS)
    sound = history_of(experiment)
    end = replace(sound.epochs[-1], train_loss=sound.start.loss)
    found = diagnose(experiment, dataset, replace(sound, epochs=(*sound.epochs[:-1], end)))
    (flat,) = (finding for finding in found if finding.rule == "plateau")
    gain = next(p["loss_fall"] for p in flat.evidence["probe"] if p["learning_rate"] == 0.3)
    assert flat.message == (
        "the loss has barely moved: 2.43878 to 2.43878 in 120 updates, although 100 updates at the "
        f"learning rate 0.3 lower the loss by {gain:.2g}: what was learned was lost again"
    )
    assert flat.hint == "try a lower optimizer.learning_rate, or a schedule that lowers it"


@pytest.mark.parametrize("after", [0, 3, 150])
@pytest.mark.parametrize(
    ("rate", "high"), [(1e-7, "pass"), (1e6, "fail")], ids=["flat", "exploded"]
)
def test_trials_that_were_cut_short_say_nothing(rate, high, after):
    experiment = changed(DIGITS, optimizer=Adam(learning_rate=rate))
    dataset = data_of(DIGITS)
    history, asked = history_of(experiment), 0

    def stop():
        nonlocal asked
        asked += 1
        return asked > after

    findings = diagnose(experiment, dataset, history, stop)
    if after < 100:
        first, low = rates({finding.rule: finding for finding in findings})
        assert [first.status, low.status] == [high, "skip"]
        why = "the cost exploded" if high == "fail" else "training was interrupted"
        assert low.message == f"not judged: {why}"
        assert first.hint in (None, "try optimizer.learning_rate=1e+05")
    else:
        assert "100 updates at it lower the loss by 2." in "".join(f.hint or "" for f in findings)
