"""check-reg: the penalty is an identity, and every way to break it is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.planted import FaultyRegularization
from trainer_cli.checks.regularization import check_reg
from trainer_cli.nn.initializers import He, Normal, Xavier, Zeros
from trainer_cli.nn.layers import Dense, Relu, Sigmoid, Tanh
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


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("no half", ["fail", "pass"]),
        ("one layer", ["fail", "pass"]),
        ("no gradient", ["pass", "fail"]),
        ("gradient twice", ["pass", "fail"]),
        ("biases too", ["pass", "fail"]),  # biases start at zero: only the gradient shows it
    ],
)
def test_faults_are_found(fault, statuses):
    findings = judge(changed(DIGITS, regularization=FaultyRegularization(fault=fault)))
    assert [f.status for f in findings] == statuses


def test_the_messages_of_faults():
    loss, _ = judge(changed(DIGITS, regularization=FaultyRegularization(fault="no half")))
    assert loss.message.endswith(f"by {loss.measured:.6g}, but ½·l2·Σw² is {loss.expected:.6g}")
    assert loss.hint == (
        "look for a wrong factor, a layer left out, or a penalty on more than the weights"
    )
    _, gradient = judge(changed(DIGITS, regularization=FaultyRegularization(fault="biases too")))
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


def test_a_penalty_lost_in_a_huge_gradient_raises_no_alarm():
    layers = (Dense(units=50, init=Normal(std=1e30)), Relu(), Dense(units=10))
    findings = judge(changed(DIGITS, network=layers))
    assert all(f.status != "fail" for f in findings), [f.message for f in findings]
