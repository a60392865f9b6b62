"""The input-independent baseline: a network that ignores its inputs is found, others are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of, unevenly
from tests.training.faults import HEALTHY, relabeled
from trainer_cli.checks.baseline import check_baseline
from trainer_cli.config.rules import InputIndependence
from trainer_cli.datasets import Data
from trainer_cli.datasets.preprocess import Center, Scale
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn.initializers import Constant, Normal, Zeros
from trainer_cli.nn.layers import Dense, Relu, Sigmoid, Tanh

LOST = (
    "look for where the inputs get lost: weights at zero or too small, dead or saturated units "
    "(nntrain check-activations)"
)


def judge(experiment, dataset=None):
    (finding,) = check_baseline(
        experiment, dataset or data_of(replace(experiment, checks=frozenset()))
    )
    assert finding.rule == "input-independence"
    return finding


def test_the_message_of_a_sound_network():
    finding = judge(DIGITS)
    assert finding.status == "pass"
    assert 0 < finding.threshold < finding.expected - finding.measured
    assert finding.message == (
        f"the network looks at its inputs: after 1 update on 50 examples the loss is "
        f"{finding.measured:.4f}, below what class frequencies alone give, 2.303"
    )


def test_a_network_that_ignores_its_inputs():
    zero = Zeros()
    network = (Dense(units=50, init=zero), Relu(), Dense(units=10, init=zero))
    finding = judge(changed(DIGITS, network=network), data_of(DIGITS))
    assert finding.status == "fail"
    assert finding.message == (
        "the network learns no more than without inputs: on 50 examples the loss comes down to "
        "2.3026, with all inputs at zero to 2.3026, and class frequencies alone give 2.303"
    )
    assert finding.hint == LOST


def test_inputs_next_to_zero_are_named():
    tiny = Data(source=Digits(), preprocess=(Scale(by=16e6), Center()))
    finding = judge(changed(DIGITS, data=tiny))
    assert finding.status == "fail"
    assert finding.hint == (
        "the inputs are next to 0, with a root mean square of 2.72e-07: look whether "
        "data.preprocess scales twice, or add standardize to it"
    )


def test_dead_units_let_no_input_through():
    network = (Dense(units=50, bias_init=Constant(value=-100)), Relu(), Dense(units=10))
    finding = judge(changed(DIGITS, network=network))
    assert finding.status == "fail"
    assert finding.hint == LOST


def test_inputs_that_are_all_the_same():
    dataset = data_of(DIGITS)
    blank = dataset.train.select(np.arange(len(dataset.train)))
    blank.stored = np.zeros_like(blank.stored)
    finding = judge(DIGITS, replace(dataset, train=blank))
    assert finding.status == "fail"
    assert finding.hint == (
        "the inputs of all these examples are the same: look at the file and data.preprocess"
    )


def test_a_single_class_leaves_nothing_to_learn():
    dataset = data_of(DIGITS)
    zeros = dataset.train.select(np.flatnonzero(dataset.train.labels == 0))
    finding = judge(DIGITS, replace(dataset, train=zeros))
    assert finding.status == "skip"
    assert finding.message == "not judged: all training examples have the same label"


def test_scores_that_are_never_finite():
    network = (Dense(units=50, init=Normal(std=1e30)), Dense(units=10, init=Normal(std=1e30)))
    finding = judge(changed(DIGITS, network=network))
    assert finding.status == "skip"
    assert finding.message == "not judged: the loss is not finite at any rate"


def test_the_threshold_is_the_experiments():
    almost_all = frozenset({InputIndependence(least=0.999999999)})
    assert judge(changed(DIGITS, checks=almost_all)).status == "fail"


def test_labels_that_follow_from_nothing_can_be_learned_by_heart():
    assert judge(DIGITS, relabeled(DIGITS, 0.9, part="train")).status == "pass"


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_experiments_pass(name):
    assert judge(HEALTHY[name]).status == "pass"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "network",
    [
        (Dense(units=50, init=Normal(std=1e-4)), Relu(), Dense(units=10, init=Normal(std=1e-4))),
        (*(layer for _ in range(6) for layer in (Dense(units=30), Tanh())), Dense(units=10)),
        (*(layer for _ in range(3) for layer in (Dense(units=30), Sigmoid())), Dense(units=10)),
        (Dense(units=2), Relu(), Dense(units=10)),
    ],
    ids=["tiny weights", "deep tanh", "sigmoid", "two units"],
)
def test_networks_that_learn_slowly_pass(network, seed):
    assert judge(changed(DIGITS, network=network, seed=seed), data_of(DIGITS)).status == "pass"


def test_imbalanced_data_pass():
    experiment = blobs(classes=2)
    assert judge(experiment, unevenly(data_of(experiment), 90, 3)).status == "pass"
