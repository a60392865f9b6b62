"""check-reg: the penalty is an identity, and every way to break it is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.nn.examples import HIDDEN
from trainer_cli.checks.regularization import check_reg
from trainer_cli.checks.selftest.planted_regularization import faulty_regularization
from trainer_cli.nn.initializers import He, Normal, Xavier, Zeros
from trainer_cli.nn.layers import (
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Maxout,
    MaxPool,
    Prelu,
    Relu,
    Sigmoid,
    Tanh,
)
from trainer_cli.nn.regularization import Regularization


def judge(experiment):
    loss, gradient = check_reg(experiment, data_of(experiment))
    assert (loss.rule, gradient.rule) == ("regularization-loss", "regularization-gradient")
    return loss, gradient


def network(init):
    return (Dense(units=50, init=init), Relu(), Dense(units=10, init=init))


def test_the_lectures_rise():
    """½ · 1e3 · Σw² with 64·50 + 50·10 weights of variance 1e-8 is about 0.0185."""
    loss, gradient = judge(changed(DIGITS, network=network(Normal(std=1e-4))))
    assert loss.status == gradient.status == "pass"
    assert loss.expected == pytest.approx(0.5e3 * 3700 * 1e-8, rel=0.1)
    assert loss.measured == pytest.approx(loss.expected, rel=1e-9)
    assert loss.evidence["loss_off"] == pytest.approx(2.3026, abs=1e-4)
    assert loss.message == (
        f"with l2 = 1000 the loss goes from 2.3026 to {2.302585 + loss.measured:.4f}, "
        f"by {loss.measured:.6g}, which is ½·l2·Σw²"
    )
    assert gradient.message.startswith(
        "the gradient of every weight rises by l2·w, that of no bias does (largest relative error "
    )


@pytest.mark.parametrize("init", [He(), Xavier(), Normal(std=1e-4), Normal(std=1.0)])
@pytest.mark.parametrize("activation", [Relu(), Tanh(), Sigmoid()])
def test_sound_networks_raise_no_alarm(init, activation):
    layers = (Dense(units=30, init=init), activation, Dense(units=3, init=init))
    for seed in range(3):
        findings = judge(replace(blobs(), network=layers, seed=seed))
        assert [f.status for f in findings] == ["pass", "pass"]


def test_the_experiments_own_strength_counts_if_larger():
    loss, _ = judge(changed(DIGITS, regularization=Regularization(l2=5e4)))
    assert loss.evidence["l2"] == 5e4
    loss, _ = judge(changed(DIGITS, regularization=Regularization(l2=1e-3)))
    assert loss.evidence["l2"] == 1e3


# What each fault needs to show, and the findings that name it: loss, gradient.
L2, L1, NET = {}, {"l1": 1e-3}, {"l1": 1e-3, "l2": 1e-2}
FAULTS = [
    ("l2 not halved", L2, ["fail", "pass"]),
    ("l2 not halved", NET, ["fail", "pass"]),
    ("l1 halved", L1, ["fail", "pass"]),
    ("l1 halved", NET, ["fail", "pass"]),
    ("sum of signed weights", L1, ["fail", "pass"]),
    ("one layer", L2, ["fail", "fail"]),
    ("one layer", L1, ["fail", "fail"]),
    ("l2 lost beside l1", NET, ["fail", "fail"]),
    ("no gradient", L2, ["pass", "fail"]),
    ("no gradient", L1, ["pass", "fail"]),
    ("gradient twice", L2, ["pass", "fail"]),
    ("gradient twice", NET, ["pass", "fail"]),
    ("slope of l1 is w", L1, ["pass", "fail"]),
    ("slope of l1 is 1", L1, ["pass", "fail"]),
    ("slope of l1 is missing", NET, ["pass", "fail"]),
    ("biases too", L2, ["pass", "fail"]),  # biases start at zero: only the gradient shows it
    ("biases too", L1, ["pass", "fail"]),
]


@pytest.mark.parametrize(("fault", "strengths", "statuses"), FAULTS)
def test_faults_are_found(fault, strengths, statuses):
    settings = faulty_regularization(fault=fault, **strengths)
    assert statuses_of(changed(DIGITS, regularization=settings)) == statuses
    sound = faulty_regularization(fault="", **strengths)
    assert statuses_of(changed(DIGITS, regularization=sound)) == ["pass", "pass"]


def statuses_of(experiment):
    return [finding.status for finding in check_reg(experiment, data_of(experiment))]


@pytest.mark.parametrize("section", [{}, {"l2": 0.1}, {"l1": 0.1}, {"l1": 0.1, "l2": 0.1}])
@pytest.mark.parametrize("own", [{"l2": 0.03}, {"l1": 2e-6}, {"l1": 0.2, "l2": 0.5}])
@pytest.mark.parametrize("layer", [0, 2])
def test_own_settings_that_are_ignored_are_found(section, own, layer):
    for fault, statuses in (("own settings ignored", ["fail", "fail"]), ("", ["pass", "pass"])):
        settings = faulty_regularization(fault=fault, **section)
        experiment = changed(DIGITS, regularization=settings, network=with_own(layer, own))
        assert statuses_of(experiment) == statuses


@pytest.mark.parametrize("kind", ["l1", "l2"])
@pytest.mark.parametrize("section", [0.1, 5e3])
def test_a_layer_that_is_penalized_although_exempt_is_found(kind, section):
    for fault, statuses in (("own 0 taken for none", ["fail", "fail"]), ("", ["pass", "pass"])):
        settings = faulty_regularization(fault=fault, **{kind: section})
        experiment = changed(DIGITS, regularization=settings, network=with_own(0, {kind: 0.0}))
        assert statuses_of(experiment) == statuses


def with_own(layer, own):
    """Return the network of the digits, one of its layers with settings of its own."""
    return tuple(
        replace(each, **own) if i == layer else each for i, each in enumerate(DIGITS.network)
    )


def test_the_messages_of_faults():
    loss, _ = judge(changed(DIGITS, regularization=faulty_regularization(fault="l2 not halved")))
    assert loss.message.endswith(f"by {loss.measured:.6g}, but ½·l2·Σw² is {loss.expected:.6g}")
    assert loss.hint == (
        "look for a wrong factor, a layer left out, or a penalty on more than the weights"
    )
    _, gradient = judge(changed(DIGITS, regularization=faulty_regularization(fault="biases too")))
    assert gradient.message == (
        "the gradient of network[0].biases rises, but it must not (relative error 1.0e+00)"
    )
    assert gradient.hint == (
        "look at the penalty's gradient: it is l2·w for weights, 0 for all other parameters"
    )


def test_what_cannot_be_judged_is_skipped():
    findings = judge(changed(DIGITS, network=network(Zeros())))
    assert [f.status for f in findings] == ["skip", "skip"]
    assert [f.message for f in findings] == [
        f"whether the penalty is added to the {what} cannot be judged: "
        f"the penalty, 0, drowns in the loss, {loss}"
        for what, loss in (("loss", "2.3026"), ("gradient", "2.3069"))
    ]
    findings = judge(changed(DIGITS, network=network(Normal(std=1e200))))
    assert findings[0].message == (
        "whether the penalty is added to the loss cannot be judged: the initial loss is not finite"
    )
    assert findings[0].hint == "give the weights a sound init and check again (nntrain check-loss)"


def test_a_penalty_that_overflows_is_skipped():
    for finding in judge(changed(DIGITS, regularization=Regularization(l2=1e308))):
        assert finding.status == "skip"
        assert finding.message.endswith(
            " cannot be judged: with l2 = 1e+308 the penalty is not finite"
        )
        assert finding.hint == "lower the strengths of the penalty"


def test_a_penalty_lost_in_a_huge_gradient_raises_no_alarm():
    layers = (Dense(units=50, init=Normal(std=1e30)), Relu(), Dense(units=10))
    findings = judge(changed(DIGITS, network=layers))
    assert all(f.status != "fail" for f in findings), [f.message for f in findings]


@pytest.mark.parametrize(
    ("fault", "layer", "name", "statuses"),
    [
        ("gamma too", BatchNorm(), "gamma", ["fail", "fail"]),  # gamma starts at 1
        ("beta too", BatchNorm(), "beta", ["pass", "fail"]),
        ("slopes too", Prelu(), "slopes", ["fail", "fail"]),
    ],
)
def test_a_penalty_on_what_is_no_weight_is_found(fault, layer, name, statuses):
    layers = (Dense(units=20), layer, Dense(units=10))
    settings = faulty_regularization(fault=fault)
    findings = judge(changed(DIGITS, network=layers, regularization=settings))
    assert [f.status for f in findings] == statuses
    assert findings[1].message == (
        f"the gradient of network[1].{name} rises, but it must not (relative error 1.0e+00)"
    )


def test_a_slope_at_zero_is_found():
    layers = (Dense(units=20), Relu(), Dense(units=10, init=Zeros()))
    settings = faulty_regularization(fault="slope of l1 at 0 is 1", l1=1.0)
    assert statuses_of(changed(DIGITS, network=layers, regularization=settings)) == ["pass", "fail"]


def test_the_message_of_an_elastic_net():
    section = Regularization(l1=1e-4, l2=5e3)
    loss, gradient = judge(changed(DIGITS, regularization=section, network=network(He())))
    assert loss.message == (
        f"with l1 = 1000 and l2 = 5000 the loss goes from {loss.evidence['loss_off']:.4f} to "
        f"{loss.evidence['loss_on']:.6g}, by {loss.measured:.6g}, which is l1·Σ|w| + ½·l2·Σw²"
    )
    assert gradient.message.startswith(
        "the gradient of every weight rises by l1·sign(w) + l2·w, that of no bias does (largest"
    )
    assert (gradient.evidence["l1"], gradient.evidence["l2"]) == (1e3, 5e3)


def test_the_message_of_layers_that_differ():
    section = Regularization(l2=1e-4)
    layers = (Dense(units=9, l2=1e-3), BatchNorm(), Relu(), Dense(units=10), Dense(units=10, l2=0))
    loss, gradient = judge(changed(DIGITS, regularization=section, network=layers))
    assert loss.message.startswith(
        "with l2 = 1000 (100 in network[3], 0 in network[4]) the loss goes from "
    )
    assert loss.evidence["strengths"] == {
        "l2": {
            "network[0].weights": 1000,
            "network[3].weights": pytest.approx(100),
            "network[4].weights": 0,
        }
    }
    assert gradient.message.startswith(
        "the gradient of every weight rises by l2·w, that of no other parameter does (largest"
    )
    layers = tuple(Dense(units=10, l2=10.0**-i) for i in range(5))
    loss, _ = judge(changed(DIGITS, network=layers))
    assert loss.message.startswith("with l2 = 1000 (less in 4 layers) the loss goes from ")


def test_the_messages_of_faults_of_an_elastic_net():
    settings = faulty_regularization(fault="l1 halved", l1=1e-3, l2=1e-3)
    loss, _ = judge(changed(DIGITS, regularization=settings))
    assert loss.message.startswith("with l1 = 1000 the loss goes from ")
    assert loss.message.endswith(f", but l1·Σ|w| is {loss.expected:.6g}")
    settings = faulty_regularization(fault="slope of l1 is missing", l1=1e-3, l2=1e-3)
    _, gradient = judge(changed(DIGITS, regularization=settings))
    assert gradient.message == (
        f"the gradient of {gradient.evidence['parameter']} does not rise by l1·sign(w) "
        "(relative error 1.0e+00)"
    )
    assert gradient.hint == (
        "look at the penalty's gradient: it is l1·sign(w) for weights, 0 for all other parameters"
    )


def test_a_network_whose_layers_are_all_exempt_is_not_judged():
    layers = (Dense(units=20, l2=0), Relu(), Dense(units=10, l2=0))
    findings = judge(changed(DIGITS, network=layers))
    assert [(f.status, f.message, f.hint) for f in findings] == [
        (
            "skip",
            f"whether the penalty is added to the {what} cannot be judged: "
            "every layer has a strength of 0 of its own",
            "remove l2 from the layers that shall be penalized",
        )
        for what in ("loss", "gradient")
    ]


SECTIONS = [
    Regularization(),
    Regularization(l1=1e-3),
    Regularization(l1=1e-7, l2=10.0),
    Regularization(max_norm=2.0),
]


@pytest.mark.parametrize("section", SECTIONS, ids=str)
@pytest.mark.parametrize("layer", HIDDEN, ids=str)
def test_sound_networks_with_any_layer_raise_no_alarm(layer, section):
    layers = (Dense(units=12, l2=0.1), layer, Dense(units=3, l1=0.3))
    experiment = replace(blobs(), network=layers, regularization=section)
    findings = check_reg(experiment, data_of(experiment))
    assert {f.status for f in findings} == {"pass"}, [f.message for f in findings]
    assert len(findings) == (3 if section.max_norm else 2)


@pytest.mark.parametrize("section", SECTIONS, ids=str)
def test_sound_networks_for_images_raise_no_alarm(section):
    layers = (
        Conv(filters=3, kernel=3, l1=0.1),
        BatchNorm(),
        Relu(),
        MaxPool(),
        Conv(filters=4, kernel=2, max_norm=0.5),
        Dropout(rate=0.5),
        Maxout(units=6, pieces=3, l2=0),
        Dense(units=10),
    )
    experiment = changed(DIGITS, network=layers, regularization=section)
    findings = check_reg(experiment, data_of(experiment))
    assert [f.status for f in findings] == ["pass"] * 3, [f.message for f in findings]
