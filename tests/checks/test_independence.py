"""The examples of a batch keep to themselves: what mixes them is named, sound networks are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.training.faults import HEALTHY
from trainer_cli.checks.independence import check_independence
from trainer_cli.checks.selftest.planted import handed_down, planted
from trainer_cli.config.rules import BatchIndependence
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Flatten, Relu, Tanh
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm

HINT = "look there for a sum, mean or softmax over the wrong axis, or a wrong reshape"
HIDDEN, OUTPUT = Dense(units=50), Dense(units=10)


def centered(values):
    """Subtract the mean over the batch, as a wrong axis does."""
    return values - values.mean(axis=0)


def mixing(sound, change):
    """Return a layer or loss whose outputs are changed."""
    return planted(sound, made=lambda _, outputs, __: change(outputs))


def judge(experiment, dataset=None):
    (finding,) = check_independence(experiment, dataset or data_of(DIGITS))
    assert finding.rule == "batch-independence"
    return finding


def network(*layers, **changes):
    return changed(DIGITS, network=layers, **changes)


def test_the_message_of_a_sound_network():
    finding = judge(DIGITS)
    assert finding.status == "pass"
    assert finding.measured < 1e-12
    assert finding.message == (
        "other inputs for 4 of 8 examples of a batch change nothing for the rest: neither their "
        "scores nor their losses, nor their gradients"
    )


def test_the_message_of_a_network_with_batch_normalization():
    finding = judge(network(HIDDEN, BatchNorm(), Relu(), OUTPUT))
    assert finding.status == "pass"
    assert finding.message == (
        "other inputs for 4 of 8 examples of a batch change nothing for the rest: neither their "
        "scores nor their losses, in evaluation; in training batch normalization mixes them by "
        "intention"
    )


def test_a_layer_that_mixes_the_batch():
    finding = judge(network(HIDDEN, mixing(Relu(), centered), OUTPUT))
    assert finding.status == "fail"
    assert finding.message == (
        "the outputs of network[1] (relu) of an example depend on the other examples of the batch: "
        f"with other inputs for 4 of 8 examples, those of the rest change by "
        f"{finding.measured:.2g} of their size"
    )
    assert finding.hint == HINT


def test_batch_normalization_that_goes_by_the_batch_in_evaluation():
    def by_the_batch(values):
        return centered(values) / (values.std(axis=0) + 1e-5)

    finding = judge(network(HIDDEN, mixing(BatchNorm(), by_the_batch), Relu(), OUTPUT))
    assert finding.status == "fail"
    assert finding.message.startswith("the outputs of network[1] (batch_norm) of an example depend")


def test_a_reshape_that_takes_values_from_other_examples():
    def turned(values):
        flat = values.reshape(len(values), -1)
        return flat.T.reshape(values.shape).copy()

    finding = judge(network(HIDDEN, mixing(Tanh(), turned), OUTPUT))
    assert finding.status == "fail"
    assert finding.message.startswith("the outputs of network[1] (tanh) of an example depend")


def test_a_loss_that_mixes_the_batch():
    loss = mixing(Softmax(), lambda losses: losses + losses.mean())
    experiment = changed(DIGITS, loss=loss)
    finding = judge(experiment)
    assert finding.status == "fail"
    assert finding.message.startswith("the loss of an example depends on the other examples")


def test_a_gradient_that_mixes_the_batch():
    layer = planted(Relu(), fault=handed_down(centered))
    finding = judge(network(HIDDEN, layer, OUTPUT))
    assert finding.status == "fail"
    assert finding.message.startswith("the gradients of an example that come through network[1]")


def test_a_single_example_has_no_others():
    one = replace(data_of(DIGITS), train=data_of(DIGITS).train.select(np.arange(1)))
    finding = judge(DIGITS, one)
    assert finding.status == "skip"
    assert finding.message == "not judged: there is a single training example"


def test_scores_that_are_not_finite():
    huge = Normal(std=1e200)
    finding = judge(network(Dense(units=50, init=huge), Dense(units=10, init=huge)))
    assert finding.status == "skip"
    assert finding.message == "not judged: the activations are not finite"


def test_the_threshold_is_the_experiments():
    layer = mixing(Relu(), lambda values: values + 1e-6 * values.mean(axis=0))
    loose = frozenset({BatchIndependence(tolerance=1e-3)})
    assert judge(network(HIDDEN, layer, OUTPUT)).status == "fail"
    assert judge(network(HIDDEN, layer, OUTPUT, checks=loose)).status == "pass"


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_experiments_pass(name):
    experiment = HEALTHY[name]
    assert judge(experiment, data_of(experiment)).status == "pass"


@pytest.mark.parametrize("loss", [Softmax(class_weights=(1, 2, 3)), Svm(), SquaredSvm()], ids=repr)
def test_losses_pass(loss):
    experiment = changed(blobs(), loss=loss)
    assert judge(experiment, data_of(blobs())).status == "pass"


def test_convolutions_pass():
    layers = (Conv(filters=4, kernel=3), Relu(), Flatten(), OUTPUT)
    assert judge(network(*layers)).status == "pass"
