"""check-loss: names a broken loss and a bad start, and stays quiet on sound networks."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import log

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.planted import with_loss_fault
from trainer_cli.checks.initial_loss import check_loss
from trainer_cli.datasets import Data
from trainer_cli.datasets.preprocess import Scale
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn.initializers import He, Normal, Xavier, Zeros
from trainer_cli.nn.layers import Dense, Relu, Sigmoid, Tanh
from trainer_cli.nn.regularization import Regularization


def judge(experiment):
    at_zero, configured = check_loss(experiment, data_of(experiment))
    assert (at_zero.rule, configured.rule) == ("loss-at-zero-scores", "initial-loss")
    return at_zero, configured


def two_layers(init, units=50, classes=10):
    return (Dense(units=units, init=init), Relu(), Dense(units=classes, init=init))


def test_small_weights_start_at_ln_c():
    at_zero, configured = judge(changed(DIGITS, network=two_layers(Normal(std=1e-4))))
    assert at_zero.status == configured.status == "pass"
    assert at_zero.measured == pytest.approx(log(10), rel=1e-6)
    assert configured.measured == pytest.approx(log(10), rel=1e-3)
    assert at_zero.message == (
        "with network[2], the output layer, at zero the loss is 2.3026, "
        "as it must be: ln 10 = 2.3026"
    )
    assert configured.message == "the initial loss is 2.3026, near ln 10 = 2.3026"
    assert at_zero.hint is configured.hint is None


def test_regularization_plays_no_part():
    strong = changed(DIGITS, regularization=Regularization(l2=1e4))
    assert [f.measured for f in judge(strong)] == [f.measured for f in judge(DIGITS)]


def test_sound_networks_of_many_kinds_raise_no_alarm():
    kinds = [(Relu(), He()), (Relu(), Xavier()), (Tanh(), Xavier()), (Sigmoid(), He())]
    cases = list(product((2, 10, 100), (0, 1, 4), kinds, range(3)))
    assert len(cases) > 100
    for classes, depth, (activation, init), seed in cases:
        experiment = blobs(classes, examples=max(200, 10 * classes))
        hidden = (Dense(units=20, init=init), activation) * depth
        network = (*hidden, Dense(units=classes, init=init))
        findings = judge(replace(experiment, network=network, seed=seed))
        assert [f.status for f in findings] == ["pass", "pass"], (classes, depth, activation, seed)


@pytest.mark.parametrize("classes", [2, 100])
def test_imbalanced_classes_raise_no_alarm(classes):
    experiment = blobs(classes, examples=2000)
    dataset = data_of(experiment)
    rare = dataset.train.labels % classes != 0
    rare[np.flatnonzero(rare)[::10]] = False  # one example in ten of all classes but the first
    skewed = replace(dataset, train=dataset.train.select(np.flatnonzero(~rare)))
    for seed in range(10):
        findings = check_loss(replace(experiment, seed=seed), skewed)
        assert [f.status for f in findings] == ["pass", "pass"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("sum instead of mean", lambda losses: losses * len(losses)),
        ("divided by the classes", lambda losses: losses / 10),
        ("base 2", lambda losses: losses / log(2)),
        ("nan", lambda losses: losses * np.nan),
    ],
)
def test_a_broken_loss_is_found(name, fault):
    at_zero, _ = judge(with_loss_fault(DIGITS, fault))
    assert at_zero.status == "fail", name
    assert at_zero.hint == (
        "the loss itself is wrong: look at how it is summed, averaged and normalized"
    )


def test_the_message_of_a_broken_loss():
    at_zero, _ = judge(with_loss_fault(DIGITS, lambda losses: 2 * losses))
    assert at_zero.message == (
        "with network[2], the output layer, at zero the loss is 4.6052, but must be: ln 10 = 2.3026"
    )


def test_unscaled_inputs_are_named():
    raw = changed(DIGITS, data=Data(source=Digits(), preprocess=(Scale(by=0.5),)))
    _, configured = judge(raw)
    assert configured.status == "fail"
    assert configured.hint == (
        "the inputs are unscaled, with a root mean square of 15.5: "
        "add standardize or scale to data.preprocess"
    )


def test_large_weights_are_named():
    network = (Dense(units=50), Relu(), Dense(units=10, init=Normal(std=2.0)))
    _, configured = judge(changed(DIGITS, network=network))
    assert configured.status in ("warn", "fail")
    assert configured.message.startswith("the initial loss is ")
    assert configured.hint.startswith("network[2].weights multiply their input by up to 13.8 ")
    assert configured.hint.endswith(
        "(standard deviation times √fan_in; he gives 1.4): choose a smaller init"
    )


def test_scores_that_overflow_fail():
    network = two_layers(Normal(std=1e30))
    at_zero, configured = judge(changed(DIGITS, network=network))
    assert configured.status == "fail"
    assert configured.message == "the initial loss is nan: the scores overflow"
    assert configured.hint.startswith("network[0].weights, network[2].weights multiply their input")
    assert at_zero.status == "skip"
    assert at_zero.message == (
        "not judged: the activations overflow before the output layer is reached"
    )
    assert at_zero.hint == "see initial-loss"


def test_many_linear_layers_in_a_row_are_named():
    network = (*[Dense(units=30)] * 25, Dense(units=10))
    _, configured = judge(changed(DIGITS, network=network))
    assert configured.status in ("warn", "fail")
    assert configured.hint.startswith("26 layers multiply the signal by about 1.")
    assert configured.hint.endswith(
        " together: choose xavier where no relu follows, or put activations between them"
    )


def test_a_loss_below_chance_in_every_draw_is_a_fault():
    def clipped(losses):
        return np.minimum(losses, log(10))  # equal scores still give ln 10

    at_zero, configured = judge(with_loss_fault(DIGITS, clipped))
    assert at_zero.status == "pass"
    assert configured.status == "fail"
    assert configured.message.endswith(": no untrained network can know that much")
    assert configured.hint == (
        "look for a loss that is scaled or clipped, and for weights that are not random"
    )


def test_a_loss_below_chance_by_luck_is_none():
    """Two classes far apart are told apart by chance in about half of all draws."""
    experiment = blobs(2, noise=0.05)
    network = (Dense(units=2),)
    findings = [judge(replace(experiment, network=network, seed=s))[1] for s in range(40)]
    assert any("by the luck of the draw" in f.message for f in findings)
    assert all(f.status == "pass" for f in findings)


def test_all_zero_weights_start_at_ln_c_exactly():
    _, configured = judge(changed(DIGITS, network=two_layers(Zeros())))
    assert configured.measured == pytest.approx(log(10), rel=1e-6)
    assert configured.status == "pass"
