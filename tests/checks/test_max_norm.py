"""check-reg's third finding: units are kept within max_norm, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, changed, data_of
from tests.optim.examples import OPTIMIZERS
from trainer_cli.checks.regularization import check_reg
from trainer_cli.checks.selftest.planted_regularization import faulty_regularization
from trainer_cli.nn.initializers import Zeros
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.regularization import Regularization

BOUNDED = Regularization(max_norm=4.0)


def judge(experiment):
    """Return the third finding; the first two know nothing of the bound."""
    loss, gradient, norm = check_reg(experiment, data_of(experiment))
    assert loss.status == gradient.status == "pass"
    assert norm.rule == "max-norm"
    return norm


def test_without_a_bound_there_is_no_finding():
    for experiment in (
        DIGITS,
        changed(DIGITS, network=(Dense(units=5, max_norm=0), Dense(units=10))),
        changed(DIGITS, network=(Dense(units=5), Relu(), Dense(units=10, max_norm=0))),
    ):
        assert len(check_reg(experiment, data_of(experiment))) == 2


def test_the_messages():
    found = judge(changed(DIGITS, regularization=BOUNDED))
    assert (found.status, found.hint) == ("pass", None)
    assert found.evidence["scaled"] >= 30  # of 60 units, half start beyond their bound
    assert found.message == (
        "after each of 3 updates every unit has Σw² <= max_norm = 4, and what is within stays as "
        f"it is (units were scaled back {found.evidence['scaled']} times)"
    )
    layers = (Dense(units=5, max_norm=2), Relu(), Dense(units=10))
    found = judge(changed(DIGITS, regularization=BOUNDED, network=layers))
    assert found.message.startswith(
        "after each of 3 updates every unit has Σw² <= the max_norm of its layer, and what"
    )
    assert found.evidence["max_norm"] == {"network[0].weights": 2.0, "network[2].weights": 4.0}


FIRST = "a unit of network[0].weights has Σw² = "
FAULTS = {
    "never projected": FIRST,
    "one array": "a unit of network[2].weights has Σw² = ",
    "whole array": "max_norm changes units of network[0].weights that are within it",
    "outgoing weights": FIRST,
    "norm instead of its square": FIRST,
    "half of the bound": "units of network[0].weights beyond max_norm are not scaled by √(max_norm",
    "without the root": "units of network[0].weights beyond max_norm are not scaled by √(max_norm",
    "cut off": "units of network[0].weights beyond max_norm are not scaled by √(max_norm / Σw²)",
    "stretched": "max_norm changes units of network[0].weights that are within it",
    "biases shrunk": "max_norm changes network[0].biases, but it must not",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(fault):
    settings = faulty_regularization(fault=fault, max_norm=4.0)
    found = judge(changed(DIGITS, regularization=settings))
    assert found.status == "fail"
    assert found.message.startswith(FAULTS[fault])
    assert found.hint == (
        "look at what follows an update: w ← w·√(max_norm / Σw²) for every unit with "
        "Σw² > max_norm, and nothing else"
    )


def test_the_message_of_a_unit_beyond_its_bound():
    settings = faulty_regularization(fault="norm instead of its square", max_norm=3.0)
    found = judge(changed(DIGITS, regularization=settings))
    assert found.message == (
        "a unit of network[0].weights has Σw² = 9 after an update, above max_norm = 3"
    )


@pytest.mark.parametrize(
    ("fault", "own", "message"),
    [
        ("own settings ignored", 1.5, "a unit of network[0].weights has Σw² = "),
        ("own settings ignored", 40.0, "max_norm changes units of network[0].weights that are"),
        ("own settings ignored", 0.0, "max_norm changes network[0].weights, but it must not"),
        ("own 0 taken for none", 0.0, "max_norm changes network[0].weights, but it must not"),
    ],
)
def test_bounds_on_the_wrong_layer_are_found(fault, own, message):
    # A small bound: the weights of the free layer are beyond it from the start.
    layers = (Dense(units=50, max_norm=own), Relu(), Dense(units=10))
    for planted, status in ((fault, "fail"), ("", "pass")):
        settings = faulty_regularization(fault=planted, max_norm=0.2 if own == 0 else 4.0)
        found = judge(changed(DIGITS, regularization=settings, network=layers))
        assert found.status == status, found.message
        if status == "fail":
            assert found.message.startswith(message)


@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=lambda row: row[0].type)
@pytest.mark.parametrize("c", [1e-8, 0.5, 1e4])
def test_sound_bounds_raise_no_alarm(c, optimizers):
    for optimizer in (*optimizers, replace(optimizers[0], weight_decay=0.1, clip_norm=0.5)):
        section = Regularization(l1=1e-3, max_norm=c)
        experiment = changed(DIGITS, regularization=section, optimizer=optimizer)
        assert judge(experiment).status == "pass"


def test_weights_that_start_at_zero_are_judged_too():
    layers = (Dense(units=50), Relu(), Dense(units=10, init=Zeros(), max_norm=3.0))
    assert judge(changed(DIGITS, network=layers)).status == "pass"


def test_what_is_not_finite_is_not_judged():
    section = Regularization(max_norm=1e308)
    found = judge(changed(DIGITS, regularization=section))
    assert found.status == "skip"
    assert found.message == (
        "whether units are kept within max_norm cannot be judged: "
        "after an update the weights are not finite"
    )
    assert found.hint == "lower optimizer.learning_rate, or max_norm, and check again"
