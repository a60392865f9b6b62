"""The settings of the training: what does not fit is named, what does is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.training.faults import HEALTHY
from trainer_cli.checks.settings import check_settings
from trainer_cli.config.experiment import EarlyStopping, Training
from trainer_cli.config.rules import ScheduleEndsEarly, TooFewUpdates
from trainer_cli.nn.layers import BatchNorm, Dense, Relu
from trainer_cli.optim.schedules import Constant, Cosine, Exponential, Linear, Step

RULES = [
    "schedule-ends-early",
    "batch-larger-than-data",
    "too-few-updates",
    "patience-longer-than-run",
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
    assert [finding.status for finding in found.values()] == ["pass"] * 4
    assert [finding.message for finding in found.values()] == [
        "the schedule (constant) leaves at least 0.001 of the highest learning rate to 100% of the "
        "updates",
        "batches of 32 from 1,258 training examples",
        "400 updates in 10 epochs",
        "early stopping waits for 3 epochs of 10 without an improvement",
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
