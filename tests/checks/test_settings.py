"""The settings of the training: what does not fit is named, what does is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of, unevenly
from tests.training.faults import HEALTHY
from trainer_cli.checks.settings import check_settings
from trainer_cli.config.experiment import EarlyStopping, Training
from trainer_cli.config.rules import ScheduleEndsEarly, TooFewUpdates
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Relu
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.optim.optimizers import Adam, Momentum, Nesterov, Sgd
from trainer_cli.optim.schedules import Constant, Cosine, Exponential, Linear, Step

RULES = [
    "schedule-ends-early",
    "batch-larger-than-data",
    "too-few-updates",
    "patience-longer-than-run",
    "momentum-too-high",
    "batch-norm-values",
    "running-averages",
    "svm-margin",
    "label-smoothing",
    "class-weights",
]


def judge(experiment):
    found = check_settings(experiment, data_of(replace(experiment, checks=frozenset())))
    assert [finding.rule for finding in found] == RULES
    return {finding.rule: finding for finding in found}


def training(**settings):
    return changed(DIGITS, training=Training(**{"epochs": 10, "batch_size": 32} | settings))


def wrong(found):
    return [rule for rule, finding in found.items() if finding.status in ("warn", "fail")]


def test_the_messages_of_sound_settings():
    found = judge(training(early_stopping=EarlyStopping(patience=3)))
    assert [finding.status for finding in found.values()] == ["pass"] * 5 + ["skip"] * 5
    assert [finding.message for finding in found.values()] == [
        "the schedule (constant) leaves at least 0.001 of the highest learning rate to 100% of the "
        "updates",
        "batches of 32 from 1,258 training examples",
        "400 updates in 10 epochs",
        "early stopping waits for 3 epochs of 10 without an improvement",
        "optimizer.momentum=0.9 keeps a velocity for about 10 updates",
        "not judged: the network has no batch_norm",
        "not judged: the network has no batch_norm",
        "not judged: loss softmax has no margin",
        "not judged: loss.label_smoothing is not set",
        "not judged: loss.class_weights are not set",
    ]


def test_without_early_stopping_there_is_no_patience_to_judge():
    finding = judge(DIGITS)["patience-longer-than-run"]
    assert finding.status == "skip"
    assert finding.message == "not judged: training.early_stopping is not set"


def test_a_schedule_that_is_over_before_the_middle():
    found = judge(changed(training(), schedule=Exponential(factor=0.1)))
    finding = found["schedule-ends-early"]
    assert wrong(found) == ["schedule-ends-early"]
    assert finding.status == "warn"
    assert finding.message == (
        "the schedule (exponential) leaves less than 0.001 of the highest learning rate to 60% of "
        "the updates: after epoch 4 of 10 it is as good as over"
    )
    assert finding.hint == (
        "let the schedule lower the rate more slowly or later, or lower training.epochs"
    )


@pytest.mark.parametrize(
    "schedule",
    [
        Constant(),
        Constant(warmup=5.0),
        Cosine(),
        Cosine(period=2.0),
        Exponential(factor=0.5),
        Exponential(factor=0.9),
        Linear(),
        Step(factor=0.1, every=3),
    ],
    ids=repr,
)
def test_usual_schedules_last(schedule):
    assert not wrong(judge(changed(training(), schedule=schedule)))


def test_a_batch_that_cannot_be_filled():
    found = judge(training(batch_size=5000, epochs=50))
    finding = found["batch-larger-than-data"]
    assert wrong(found) == ["batch-larger-than-data"]
    assert finding.status == "warn"
    assert finding.message == (
        "training.batch_size is 5,000, but there are only 1,258 training examples: every batch is "
        "all of them"
    )
    assert finding.hint == "lower training.batch_size to 1,258 or less, or look at data.split"


def test_the_usual_batch_size_may_be_larger_than_tiny_data():
    experiment = changed(blobs(examples=60), training=Training(epochs=30))
    found = judge(experiment)
    assert not wrong(found)
    assert found["batch-larger-than-data"].message == (
        "the usual batch size of 100 takes all of the 42 training examples at once"
    )


def test_all_examples_may_be_asked_for_by_their_number():
    found = judge(training(batch_size=1797, epochs=50))
    assert not wrong(found)
    assert found["batch-larger-than-data"].message == (
        "a batch size of 1,797 takes all of the 1,258 training examples at once"
    )


def test_a_velocity_that_outlasts_the_training():
    found = judge(changed(training(), optimizer=Momentum(momentum=0.9999)))
    finding = found["momentum-too-high"]
    assert wrong(found) == ["momentum-too-high"]
    assert finding.status == "warn"
    assert finding.message == (
        "optimizer.momentum=0.9999 keeps a velocity for about 10,000 updates, and training has "
        "400: nothing slows the weights down at a minimum"
    )
    assert finding.hint == "lower optimizer.momentum: 0.9 is usual, and 0.99 the most"


def test_a_long_training_may_have_a_long_velocity():
    long = changed(training(epochs=100), optimizer=Nesterov(momentum=0.999))
    assert not wrong(judge(long))
    short = changed(training(epochs=1, batch_size=20), optimizer=Adam(beta1=0.99))
    assert not wrong(judge(short))
    averaging = changed(training(), optimizer=Adam(beta1=0.999))
    assert wrong(judge(averaging)) == ["momentum-too-high"]
    assert judge(changed(training(), optimizer=Sgd()))["momentum-too-high"].message == (
        "not judged: sgd has no momentum"
    )


@pytest.mark.parametrize(("smoothing", "status"), [(0.1, "pass"), (0.6, "warn"), (0.99, "fail")])
def test_label_smoothing(smoothing, status):
    finding = judge(changed(training(), loss=Softmax(label_smoothing=smoothing)))["label-smoothing"]
    assert finding.status == status
    if status == "fail":
        assert finding.message == (
            "loss.label_smoothing=0.99 leaves the right class a target of 0.109, and gives every "
            "other 0.099"
        )
        assert finding.hint == "lower loss.label_smoothing: 0.1 is usual"


@pytest.mark.parametrize("loss", [Svm, SquaredSvm])
@pytest.mark.parametrize(
    ("margin", "what"),
    [(1e-6, "hardly any lead is asked for"), (1e6, "no usual weights give such a lead")],
)
def test_a_margin_beside_which_scores_are_large_or_small(loss, margin, what):
    found = judge(changed(training(), loss=loss(margin=margin)))
    assert wrong(found) == ["svm-margin"]
    assert found["svm-margin"].message == (
        f"loss.margin is {margin:g}, and the scores of an untrained network are about 1: {what}"
    )
    assert found["svm-margin"].hint == "leave loss.margin at 1"


@pytest.mark.parametrize("margin", [0.1, 1.0, 10.0])
def test_usual_margins(margin):
    assert judge(changed(training(), loss=Svm(margin=margin)))["svm-margin"].status == "pass"


def normalized(momentum=0.9, **settings):
    network = (Dense(units=50), BatchNorm(momentum=momentum), Relu(), Dense(units=10))
    return changed(training(**settings), network=network)


def test_batches_that_are_too_small_to_normalize_by():
    found = judge(normalized(batch_size=2))
    assert wrong(found) == ["batch-norm-values"]
    assert found["batch-norm-values"].message == (
        "network[1] (batch_norm) goes by 2 values of each feature in a batch: of so few, next to "
        "nothing is left but which is the larger"
    )
    assert found["batch-norm-values"].hint == (
        "raise training.batch_size: 16 or more is usual with batch_norm, or take it out"
    )


def test_an_image_has_values_enough_in_a_small_batch():
    network = (Conv(filters=4, kernel=3), BatchNorm(), Relu(), Dense(units=10))
    found = judge(changed(training(batch_size=1), network=network))
    assert not wrong(found)
    assert found["batch-norm-values"].measured == 64


def test_running_averages_that_lag_behind():
    found = judge(normalized(momentum=0.9999))
    assert wrong(found) == ["running-averages"]
    assert found["running-averages"].message == (
        "after 400 updates the running averages of network[1] (batch_norm), with momentum 0.9999, "
        "hold 96% of what they began at: evaluation goes by them, and sees other values than "
        "training"
    )
    assert found["running-averages"].hint == "lower network[1].momentum: 0.9 is usual"


@pytest.mark.parametrize(("momentum", "epochs"), [(0.99, 10), (0.999, 100), (0.9, 1)])
def test_running_averages_that_settle(momentum, epochs):
    assert not wrong(judge(normalized(momentum=momentum, epochs=epochs)))


def weighted(*weights):
    return changed(training(), loss=Svm(class_weights=weights))


def test_a_class_that_is_weighted_to_nothing():
    found = judge(weighted(1e-6, *[1.0] * 9))
    finding = found["class-weights"]
    assert wrong(found) == ["class-weights"]
    assert finding.status == "warn"
    assert finding.message == (
        "class 0 counts for 1.1e-07 of the loss, and for 0.099 of the training examples: it will "
        "not be learned"
    )
    assert finding.hint == "bring loss.class_weights closer together: they go from 1e-06 to 1"


def test_classes_that_one_weight_leaves_nothing_to():
    assert wrong(judge(weighted(1e6, *[1.0] * 9))) == ["class-weights"]
    assert not wrong(judge(weighted(50.0, 0.1, *[1.0] * 8)))


def test_a_class_that_is_rare_whatever_its_weight_is_not_laid_on_the_weights():
    experiment = changed(training(batch_size=10), loss=Softmax(class_weights=(2.0, *[1.0] * 9)))
    rare = unevenly(data_of(DIGITS), 1, *[400] * 9)
    counts = {f.rule: f for f in check_settings(experiment, rare)}
    assert counts["class-weights"].status == "pass"


def test_a_training_of_a_few_updates():
    found = judge(training(batch_size=1000, epochs=1))
    finding = found["too-few-updates"]
    assert wrong(found) == ["too-few-updates"]
    assert finding.status == "warn"
    assert finding.message == "2 updates in 1 epoch: a network is hardly changed by fewer than 20"
    assert finding.hint == "raise training.epochs, or lower training.batch_size"


def test_updates_are_counted_as_training_counts_them():
    network = (Dense(units=10), BatchNorm(), Relu(), Dense(units=10))
    experiment = changed(training(batch_size=1257, epochs=1), network=network)
    # The second batch would be a single example, which batch normalization can do nothing with.
    assert judge(experiment)["too-few-updates"].measured == 1


def test_a_patience_that_never_runs_out():
    found = judge(training(early_stopping=EarlyStopping(patience=10)))
    finding = found["patience-longer-than-run"]
    assert wrong(found) == ["patience-longer-than-run"]
    assert finding.status == "warn"
    assert finding.message == (
        "early stopping waits for 10 epochs without an improvement, and training has only 10: it "
        "never stops early"
    )
    assert finding.hint == "lower training.early_stopping.patience, or raise training.epochs"


def test_thresholds_are_those_of_the_experiment():
    strict = frozenset({TooFewUpdates(fewest=500), ScheduleEndsEarly(idle=0.1)})
    decaying = changed(training(), schedule=Exponential(factor=0.2), checks=strict)
    assert wrong(judge(decaying)) == ["schedule-ends-early", "too-few-updates"]


# By intention it asks for more examples than there are.
@pytest.mark.parametrize("name", sorted(HEALTHY.keys() - {"full batch"}))
def test_healthy_runs_are_left_alone(name):
    assert not wrong(judge(HEALTHY[name]))


def test_a_decay_that_leaves_nothing():
    for share, status in ((0.9, "fail"), (0.2, "warn")):
        strong = Sgd(learning_rate=0.05, weight_decay=share / 0.05)
        finding = check_settings(changed(training(), optimizer=strong), data_of(DIGITS))[5]
        assert (finding.rule, finding.status) == ("weight-decay-too-strong", status)
        assert finding.message == (
            f"optimizer.weight_decay={share / 0.05:g} at the learning rate 0.05 takes {share:g} of "
            f"the weights off in every update: what is learned is soon gone"
        )
        assert finding.hint == "lower optimizer.weight_decay below 2: 1e-4 to 1e-2 is usual"


def test_a_usual_decay_passes():
    for usual in (Adam(learning_rate=1e-3, weight_decay=0.1), Sgd(weight_decay=0.01)):
        finding = check_settings(changed(training(), optimizer=usual), data_of(DIGITS))[5]
        assert (finding.rule, finding.status) == ("weight-decay-too-strong", "pass")
