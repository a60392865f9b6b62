"""Faults that others used to hide: what is named instead of the rate, or of too few units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import data_of
from tests.training.faults import net, points, run
from tests.training.judging import history_of, judged, wrong
from trainer_cli.datasets import Data
from trainer_cli.datasets.preprocess import Scale
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn.initializers import Constant, Normal
from trainer_cli.nn.layers import Conv, Dense, Flatten, MaxPool, Relu, Tanh
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Adamw, Sgd
from trainer_cli.training.diagnosis import diagnose, live
from trainer_cli.training.diagnosis.gains import gain_text, present_text
from trainer_cli.training.diagnosis.probe import Trial

EQUAL = Constant(value=0.01)
FROM_ZERO_TO_16 = Data(source=Digits(), preprocess=(Scale(by=0.01),))


def said(findings, rule):
    """Return message and hint of the one rule that found anything."""
    assert wrong(findings) == [rule], [findings[each].message for each in wrong(findings)]
    return findings[rule].message, findings[rule].hint


def test_units_that_stay_equal():
    alike = run(5, network=net(50, init=EQUAL), optimizer=Sgd(learning_rate=0.1))
    assert said(judged(alike), "identical-units") == (
        "100% of the units of network[1] (relu) give the same as another unit after 200 updates, "
        "as at the start: the weights of network[0] began equal, get the same gradient, and stay "
        "equal",
        "leave network[0].init out, or start with other random weights (he before relu, xavier "
        "before tanh and sigmoid: the defaults, where init is left out)",
    )
    assert [each.rule for each in live(alike, history_of(alike))] == ["identical-units"]
    low = judged(alike)["learning-rate-too-low"]
    assert (low.status, low.message[:28]) == ("skip", "explained by identical-units")


def test_channels_that_stay_equal():
    network = (Conv(filters=6, kernel=3, init=EQUAL), Relu(), MaxPool(), Flatten())
    alike = run(4, network=(*network, Dense(units=10, init=EQUAL)))
    message, _ = said(judged(alike), "identical-units")
    assert message.startswith("100% of the units of network[2] (max_pool) give the same as another")


def test_units_that_begin_equal_and_part():
    """Random weights behind them give each unit a gradient of its own."""
    assert wrong(judged(run(8, network=(Dense(units=50, init=EQUAL), *net(50)[1:])))) == []


@pytest.mark.parametrize(
    "network", [net(30, classes=3), net(30, act=Tanh, classes=3), net(classes=3)]
)
def test_examples_that_are_all_the_same(network):
    experiment = points("blobs", 3, epochs=5, network=network)
    dataset = data_of(replace(experiment, seed=0))
    first = dataset.train.select(np.zeros(len(dataset.train), np.intp))
    first.labels = dataset.train.labels
    others = dataset.validation.select(np.zeros(len(dataset.validation), np.intp))
    others.labels = dataset.validation.labels
    constant = replace(dataset, train=first, validation=others)
    message, hint = said(judged(experiment, constant), "dead-units")
    assert message.startswith(
        "all examples are the same to the network: the outputs of network[0] (dense), whose "
        "weights are not 0, do not depend on the example"
    )
    assert hint == (
        "look at the inputs and at what preprocessing makes of them (nntrain check-data): constant "
        "or rounded away, no setting of the network can tell them apart"
    )


def test_decay_that_undoes_what_is_learned():
    decayed = run(25, optimizer=Adamw(learning_rate=0.01, weight_decay=20.0))
    message, hint = said(judged(decayed), "underfitting")
    last = history_of(decayed).epochs[-1]
    assert message == (
        f"training accuracy {last.train_accuracy:.1%}, validation accuracy "
        f"{last.validation_accuracy:.1%}: no gap, and low, where 10 nearest neighbours name 97.4% "
        "of the validation examples rightly; optimizer.weight_decay=20 is too strong"
    )
    assert hint.startswith(
        "weaken optimizer.weight_decay=20: without it, 300 updates from the same start take the "
        "loss to 0.0"
    )
    assert hint.endswith(f", and all of this run to {last.train_loss:.4f}")


def test_only_what_holds_the_network_back_is_named():
    dropped = run(10, network=net(10, rate=0.95), regularization=Regularization(l2=1e-6))
    message, hint = said(judged(dropped), "underfitting")
    assert message.endswith("; network[2].rate=0.95 is too strong")
    assert hint.startswith("weaken network[2].rate=0.95: without it, 300 updates from the same ")


def test_what_holds_the_network_back_together():
    held = run(20, network=net(20, rate=0.9), regularization=Regularization(l2=0.1))
    message, hint = said(judged(held), "underfitting")
    settings = "regularization.l2=0.1 and network[2].rate=0.9"
    assert message.endswith(f" rightly; {settings} are too strong")
    assert hint.startswith(f"weaken {settings}: without them, 300 updates from the same start ")


def test_too_few_units_are_not_blamed_on_a_weak_penalty():
    small = run(25, network=net(2), regularization=Regularization(l2=1e-6))
    _, hint = said(judged(small), "underfitting")
    assert hint == "try more units or layers, or more epochs"


def uneven(experiment, every=13):
    """Return the data with one in so many examples of the classes behind the first."""
    dataset = data_of(replace(experiment, seed=0))

    def part(examples):
        kept = (examples.labels == 0) | (np.arange(len(examples)) % every == 0)
        return examples.select(np.flatnonzero(kept))

    return replace(dataset, train=part(dataset.train), validation=part(dataset.validation))


def overlapping(noise, **changes):
    plain = {"epochs": 12, "units": 10, "examples": 6000, "optimizer": Sgd(learning_rate=0.05)}
    return points("blobs", 2, noise=noise, **plain | changes)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0, 3.0, 4.0])
def test_an_imbalanced_problem_that_is_learned_as_far_as_it_goes(noise, seed):
    """With the most noise, to name the larger class every time is the best there is."""
    experiment = replace(overlapping(noise), seed=seed)
    assert wrong(judged(experiment, uneven(experiment))) == []


def naming_the_largest(**figures):
    experiment = overlapping(1.0)
    dataset = uneven(experiment)
    history = history_of(experiment, dataset)
    known = {"train_accuracy": 0.934, "validation_accuracy": history.setting.majority}
    figures |= {"train_loss": 0.2, **known}
    ended = replace(history, epochs=tuple(replace(each, **figures) for each in history.epochs))
    return {each.rule: each for each in diagnose(experiment, dataset, ended)}


def test_a_network_that_names_the_largest_class_alone():
    assert said(naming_the_largest(validation_loss=0.262), "underfitting") == (
        "next to nothing but the largest class is named: training accuracy 93.4%, where that alone "
        "gives 93.2%, validation accuracy 92.6%, where it gives 92.6%; the validation loss of "
        "0.262 is hardly below what the class frequencies alone give, 0.2641: nothing shows that "
        "more was learned",
        "give the other classes more weight (loss.class_weights), or train longer or at a higher "
        "optimizer.learning_rate",
    )


def test_a_network_that_names_the_largest_class_where_neighbours_name_others():
    message, _ = said(naming_the_largest(validation_loss=0.2), "underfitting")
    assert message.endswith(
        "validation accuracy 92.6%, where it gives 92.6%; 10 nearest neighbours name 98.6% of the "
        "validation examples rightly"
    )


@pytest.mark.parametrize(
    "changes",
    [{"data": FROM_ZERO_TO_16}, {"network": net(50, init=Normal(std=30.0))}],
    ids=["inputs", "weights"],
)
def test_a_loss_that_began_far_too_high(changes):
    far = run(5, optimizer=Sgd(learning_rate=1e-7), **changes)
    message, hint = said(judged(far), "initial-loss")
    start, last = history_of(far).start.loss, history_of(far).epochs[-1].train_loss
    assert message.startswith(
        f"the loss began at {start:.6g}, far above that of equal scores, 2.303, and 200 updates "
        f"only took it to {last:.6g}: the inputs or the initial weights are too large"
    )
    assert hint == (
        "bring the inputs to a usual scale (standardize) or start with smaller weights, and look "
        "at the first loss again (nntrain check-loss)"
    )


def trial(start, end, decrease=None):
    fall = min(start, 2.3) - end if decrease is None else decrease
    return Trial(learning_rate=1e-3, decrease=fall, start=start, end=end)


@pytest.mark.parametrize(
    ("tried", "gain", "present"),
    [
        (trial(2.4, 0.2), "lower the loss by 2.2", "by 2.2"),
        (trial(2.4, 2.4 - 1.234e-5), "lower the loss by 1.2e-05", "by 1.2e-05"),
        (trial(2.4, 2.4), "lower the loss by 0", "by less than 2.4e-06"),
        (trial(2.4, 2.6), "lower the loss by -0.2", "it rises by 0.2"),
        (trial(1774.0, 1205.73), "take the loss to 1206", "to 1206"),
        (trial(2.4, np.nan, -np.inf), None, "it explodes"),
    ],
)
def test_what_a_trial_did_to_the_loss_in_words(tried, gain, present):
    if gain is not None:
        assert gain_text(tried) == f"from the same start, 100 updates at it {gain}"
    assert present_text(tried) == f"at the present rate {present}"
