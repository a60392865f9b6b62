"""check-activations: the lecture's numbers, faults named, sound networks left alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from tests.experiments import DIGITS, changed, data_of
from trainer_cli.checks.activations import check_activations
from trainer_cli.config.load import load
from trainer_cli.datasets import Data, Examples
from trainer_cli.datasets.preprocess import Scale, fit
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn.initializers import Constant, He, Lsuv, Normal, Xavier, Zeros
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    Relu,
    Sigmoid,
    Tanh,
)
from trainer_cli.training.layer_statistics import BINS

LECTURE = Path(__file__).parents[2] / "configs" / "activation_statistics.yaml"
RULES = [
    "vanishing-activations",
    "exploding-activations",
    "saturated-units",
    "dead-units",
    "identical-units",
    "vanishing-gradient",
]


@cache
def lecture(init, activation):
    """Return the check of the lecture's network, started and bent in this way."""
    experiment = load(LECTURE).experiment
    network = tuple(
        replace(layer, init=init) if isinstance(layer, Dense) else activation()
        for layer in experiment.network
    )
    return check_activations(replace(experiment, network=network), data_of(experiment))


def deep(hidden, activation, init=None, units=50):
    layers = [layer for _ in range(hidden) for layer in (Dense(units=units, init=init), activation)]
    return (*layers, Dense(units=10, init=init))


def judge(network, **changes):
    experiment = changed(DIGITS, network=network, **changes)
    found = check_activations(experiment, data_of(experiment))
    assert [finding.rule for finding in found.findings] == RULES
    return {finding.rule: finding for finding in found.findings}


def assert_quiet(found):
    loud = [f.message for f in found.values() if f.status not in ("pass", "skip")]
    assert not loud


def stds(found):
    """Return the standard deviations of the ten nonlinear layers."""
    return [layer.std for layer in found.layers[1::2]]


def statuses(found):
    return [finding.status for finding in found.findings]


def test_the_lectures_small_weights():
    found = lecture(Normal(std=0.01), Tanh)
    assert found.input_std == pytest.approx(1, rel=0.01)
    assert stds(found)[:4] == pytest.approx([0.213, 0.048, 0.011, 0.0024], rel=0.05)
    assert 1e-7 < stds(found)[-1] < 1e-6
    assert statuses(found) == ["fail", "pass", "pass", "pass", "pass", "fail"]


def test_the_lectures_large_weights():
    found = lecture(Normal(std=1.0), Tanh)
    assert stds(found) == pytest.approx([0.98] * 10, abs=0.005)
    assert statuses(found) == ["pass", "pass", "fail", "pass", "pass", "pass"]
    assert min(layer.saturated for layer in found.layers[1::2]) > 0.9


def test_the_lectures_xavier():
    found = lecture(Xavier(), Tanh)
    assert stds(found)[:2] == pytest.approx([0.63, 0.49], rel=0.02)
    assert stds(found)[-1] == pytest.approx(0.23, rel=0.05)
    assert statuses(found) == ["pass"] * 6


def test_the_lectures_he_with_relu():
    found = lecture(He(), Relu)
    assert stds(found) == pytest.approx([0.825] * 10, rel=0.15)
    assert statuses(found) == ["pass", "pass", "skip", "pass", "pass", "pass"]


def test_the_file_is_the_lectures_network():
    experiment = load(LECTURE).experiment
    assert experiment.network == deep(10, Tanh(), Normal(std=0.01), units=500)
    assert data_of(experiment).train.shape == (500,)
    assert len(data_of(experiment).train) == 1000


def test_messages_of_a_vanishing_signal():
    activations, *_, gradient = lecture(Normal(std=0.01), Tanh).findings
    assert activations.message == (
        "the activations vanish: their standard deviation falls from 1 at the input to 2.9e-07 at "
        "network[19] (tanh)"
    )
    assert activations.hint == (
        "start with larger weights (he before relu, xavier before tanh and sigmoid: the defaults, "
        "where init is left out), or put batch_norm behind every layer with weights"
    )
    assert gradient.message == (
        "the gradients vanish on their way back: their norm falls from 0.22 at network[19] (tanh) "
        "to 3.1e-07 at network[1] (tanh)"
    )
    assert gradient.hint == (
        "use relu instead of sigmoid or tanh, start with larger weights (he before relu, xavier "
        "before tanh and sigmoid: the defaults, where init is left out), or put batch_norm behind "
        "every layer with weights"
    )


def test_messages_of_saturated_units():
    saturated = lecture(Normal(std=1.0), Tanh).findings[2]
    assert saturated.message == (
        "92% of the values of network[1] (tanh) are saturated, and over 50% in 10 layers: there "
        "the slope is almost 0"
    )
    assert saturated.hint == (
        "start with smaller weights (init: xavier), scale the inputs (standardize), or put "
        "batch_norm before the nonlinearity"
    )


def test_messages_of_a_sound_network():
    found = lecture(Xavier(), Tanh)
    assert [finding.hint for finding in found.findings] == [None] * 6
    assert [finding.message for finding in found.findings] == [
        "the standard deviation of the activations stays up: from 1 at the input to 0.22 at "
        "network[19] (tanh) at the lowest",
        "the standard deviation of the activations stays low: from 1 at the input to 1 at "
        "network[0] (dense) at the highest",
        "at most 3% of the values of a layer are saturated, at network[1] (tanh)",
        "at most 0% of the units of a layer are dead, at network[1] (tanh)",
        "the units of a layer differ from each other",
        "the gradients come through: their norm goes from 0.96 at network[19] (tanh) to 0.39 at "
        "network[1] (tanh)",
    ]


def test_exploding_activations():
    found = judge(deep(5, Relu(), Normal(std=1.0)))["exploding-activations"]
    assert (found.status, found.measured > 3e3) == ("fail", True)
    assert found.message.startswith(
        "the activations explode: their standard deviation rises from 0.27 at the input to "
    )
    assert found.message.endswith(" at network[10] (dense)")
    assert found.hint == (
        "start with smaller weights (he before relu, xavier before tanh and sigmoid: the defaults, "
        "where init is left out), or put batch_norm behind every layer with weights"
    )
    assert judge(deep(3, Relu(), Normal(std=1.0)))["exploding-activations"].status == "warn"


def test_activations_that_overflow():
    found = judge(deep(3, Relu(), Normal(std=1e20)))
    assert found["exploding-activations"].status == "fail"
    assert found["exploding-activations"].message == (
        "the activations overflow at network[2] (dense)"
    )
    assert found["vanishing-gradient"].status == "skip"


def test_dead_units():
    """Unscaled inputs above zero and a large negative bias leave no unit alive."""
    network = (Dense(units=50, init=Zeros()), Relu(), Dense(units=10))
    found = judge(network)["dead-units"]
    assert (found.status, found.measured) == ("fail", 1.0)
    assert found.message == (
        "100% of the units of network[1] (relu) are dead: they give the same for every example"
    )
    assert found.hint == (
        "center the inputs (center, standardize), start biases at 0 or slightly above (bias_init), "
        "weights not at 0, or use leaky_relu"
    )


def test_a_signal_that_ends_in_a_dead_layer_has_not_vanished():
    shut = (Dense(units=50, bias_init=Constant(value=-10.0)), Relu(), Dense(units=10))
    found = judge(shut)
    assert found["dead-units"].status == "fail"
    assert found["vanishing-activations"].status == "skip"
    assert found["vanishing-activations"].message == (
        "not judged: no unit of network[1] (relu) answers to its inputs (dead-units)"
    )


def test_a_signal_that_vanished_before_a_dead_layer_is_named():
    """What comes down by 1e-8 in every layer is a plain 0 in the end."""
    found = judge(deep(8, Relu(), Normal(std=1e-8)))
    assert found["dead-units"].measured == 1
    assert found["vanishing-activations"].status == "fail"


@pytest.mark.parametrize("init", [Constant(value=0.01), Constant(value=-1.0)])
@pytest.mark.parametrize("activation", [Relu(), Tanh(), Sigmoid()], ids=lambda layer: layer.type)
def test_identical_units(init, activation):
    found = judge((Dense(units=30, init=init), activation, Dense(units=10)))["identical-units"]
    assert (found.status, found.measured) == ("fail", 1.0)
    assert found.message == (
        f"100% of the units of network[1] ({activation.type}) give the same as another unit: they "
        f"get the same gradient, and stay equal for ever"
    )
    assert found.hint == (
        "start with random weights (he before relu, xavier before tanh and sigmoid: the defaults, "
        "where init is left out)"
    )


def test_a_layer_at_zero_before_the_scores_is_sound():
    network = (Dense(units=50), Relu(), Dense(units=50), Relu(), Dense(units=10, init=Zeros()))
    found = judge(network)
    assert [finding.status for finding in found.values()] == [
        "pass",
        "pass",
        "skip",
        "pass",
        "pass",
        "skip",
    ]
    assert found["vanishing-gradient"].message == (
        "not judged: no gradient arrives at network[3] (relu), as before a layer at zero"
    )


def test_a_network_without_hidden_layers():
    found = judge((Dense(units=10),))
    assert {rule: finding.message for rule, finding in found.items()} == {
        "vanishing-activations": "not judged: no hidden layer",
        "exploding-activations": "the standard deviation of the activations stays low: from 0.27 "
        "at the input to 0.29 at network[0] (dense) at the highest",
        "saturated-units": "not judged: no layer that saturates (tanh, sigmoid)",
        "dead-units": "not judged: no hidden layer",
        "identical-units": "not judged: no hidden layer",
        "vanishing-gradient": "not judged: fewer than two hidden layers, so no gradient has far "
        "to go",
    }


@pytest.mark.parametrize("hidden", [2, 3, 5])
@pytest.mark.parametrize(("activation", "std"), [(Relu(), 1e-3), (Tanh(), 1e-4), (Sigmoid(), 1e-4)])
def test_small_weights_in_several_layers_are_named(activation, std, hidden):
    found = judge(deep(hidden, activation, Normal(std=std)))
    assert found["vanishing-activations"].status != "pass"
    assert found["vanishing-gradient"].status != "pass"


def test_many_sigmoid_layers_lose_the_gradient():
    found = judge(deep(5, Sigmoid()))
    assert found["vanishing-gradient"].status == "warn"
    assert found["vanishing-activations"].status == "pass"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "network",
    [
        (Dense(units=10),),
        deep(1, Relu(), Normal(std=1e-4)),
        deep(1, Tanh(), Normal(std=1e-4)),
        deep(1, Sigmoid()),
        deep(2, Relu(), Normal(std=0.01)),
        deep(2, Relu()),
        deep(3, Sigmoid()),
        deep(10, Relu(), units=100),
        deep(20, Relu(), units=100),
        deep(20, Tanh(), units=100),
        (Dense(units=50), Relu(), Dropout(rate=0.9), Dense(units=50), Relu(), Dense(units=10)),
        (Dense(units=50), Dense(units=50), Dense(units=10)),
        (Dense(units=2), Relu(), Dense(units=10)),
    ],
    ids=lambda network: f"{len(network)}-{network[-2 % len(network)].type}",
)
@pytest.mark.parametrize("data", [DIGITS.data, Data(source=Digits(), preprocess=(Scale(by=16),))])
def test_sound_networks_raise_no_alarm(network, data, seed):
    found = judge(network, seed=seed, data=data)
    assert_quiet(found)


def judge_on(x, network):
    """Judge a network on inputs of any kind, as the training split of 10 classes."""
    rows = np.arange(len(x))
    pipeline = fit((), x.reshape(len(x), -1), rows, x.shape[1:])
    examples = Examples(x.reshape(len(x), -1), rows, rows % 10, pipeline)
    dataset = replace(data_of(DIGITS), train=examples, shape=pipeline.shape)
    found = check_activations(changed(DIGITS, network=network), dataset)
    return {finding.rule: finding for finding in found.findings}


NORMED = (
    *(layer for _ in range(2) for layer in (Dense(units=50), BatchNorm(), Relu())),
    Dense(units=10),
)


@pytest.mark.parametrize("size", [1e-4, 1.0, 3e4])
@pytest.mark.parametrize(
    "network",
    [
        NORMED,
        (Dense(units=50, init=Normal(std=20)), BatchNorm(), Relu(), Dense(units=10)),
        (Dense(units=50, init=Lsuv()), Relu(), Dense(units=50, init=Lsuv()), Relu(), NORMED[-1]),
    ],
    ids=["batch norm", "large weights before it", "lsuv"],
)
def test_layers_that_set_their_own_scale_are_sound_whatever_the_inputs(network, size):
    x = size * np.random.default_rng(0).standard_normal((300, 40)).astype(np.float32)
    found = judge_on(x, network)
    assert_quiet(found)


@pytest.mark.parametrize("flat", [(), (Flatten(),), (Flatten(), Dropout())], ids=len)
def test_a_large_pool_and_blank_borders_are_sound_written_out_or_not(flat):
    rng = np.random.default_rng(0)
    x = np.zeros((100, 20, 20, 1), np.float32)
    x[:, 6:14, 6:14] = rng.standard_normal((100, 8, 8, 1))
    network = (Conv(filters=8), Relu(), *flat, Dense(units=10))
    assert judge_on(x, network)["dead-units"].measured == 0
    pooled = (
        *(Conv(filters=8), Relu(), MaxPool(), Conv(filters=8), Relu(), AvgPool(size=10)),
        *flat,
        Dense(units=10),
    )
    found = judge_on(x, pooled)
    assert_quiet(found)


def test_inputs_that_are_all_the_same_are_not_judged():
    found = judge_on(np.zeros((50, 8), np.float32), deep(2, Relu()))
    for rule in ("vanishing-activations", "exploding-activations"):
        assert found[rule].status == "skip"
        assert found[rule].message == "not judged: the inputs are all the same"


def test_statistics_are_of_what_the_layers_give():
    experiment = changed(DIGITS, network=deep(1, Tanh()))
    dataset = data_of(experiment)
    found = check_activations(experiment, dataset)
    x = dataset.train.ready(np.dtype(np.float32))[dataset.train.evenly(1000)].astype(np.float64)
    assert found.input_std == pytest.approx(x.std(), rel=1e-5)
    dense, tanh, scores = found.layers
    assert (dense.layer, tanh.kind) == ("network[0]", "tanh")
    assert dense.std == pytest.approx(x.std() * 1.0, rel=0.2)
    assert sum(tanh.histogram.counts) == 1000 * 50
    assert len(tanh.histogram.counts) == BINS
    assert (dense.saturated, scores.saturated) == (None, None)
    # Of N times the mean loss by the scores: p - [y], which sums to 0 over the classes.
    assert scores.gradient_mean == pytest.approx(0, abs=1e-6)
    assert scores.gradient_std == pytest.approx(0.3, rel=0.1)
    assert not isnan(dense.gradient_std)


def test_the_check_changes_nothing():
    dataset = data_of(DIGITS)
    before = [dataset.train.ready(np.dtype(np.float32)).copy(), dataset.train.labels.copy()]
    first, second = (check_activations(DIGITS, dataset) for _ in range(2))
    assert first.layers == second.layers
    np.testing.assert_array_equal(dataset.train.ready(np.dtype(np.float32)), before[0])
    np.testing.assert_array_equal(dataset.train.labels, before[1])
