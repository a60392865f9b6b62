"""check_updates: what moves parameters wrongly is named with its usual cause; the rest passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.optim.examples import OPTIMIZERS
from tests.parts import members_of
from tests.planted import Scaled
from tests.training.faults import HEALTHY
from trainer_cli.checks.selftest import optimizers
from trainer_cli.checks.selftest.optimizers import with_fault
from trainer_cli.checks.update_formula import FORMULAS
from trainer_cli.checks.updates import NAMES, check_updates
from trainer_cli.config.parts import name_of
from trainer_cli.config.rules import MemberIndependence, UpdateFormula
from trainer_cli.nn.initializers import Lsuv, Normal
from trainer_cli.nn.layers import BatchNorm, Conv, Dense, Dropout, Flatten, Maxout, Prelu, Relu
from trainer_cli.nn.losses import SquaredSvm
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import (
    Adagrad,
    Adam,
    Adamw,
    Momentum,
    Nesterov,
    Optimizer,
    Rmsprop,
    Sgd,
)

DIRECTION, FROZEN, FORMULA, MEMBERS = NAMES
BEFORE = (
    "the first update is right: look at what {} keeps of the gradients before, and whether each "
    "gradient begins at zero"
)
DECAY = "look at the decay: w ← w - α·λ·w, apart from the gradient, and never of biases"
FACTOR = "every value is moved {} times as far as it should be: "
APART = "look for state, rates or buffers that are not kept apart by member"
# The fault, the optimizer it is in, and what is said of it.
FAULTS = {
    "ascent": (
        optimizers.ascent,
        Sgd(),
        DIRECTION,
        "the first update raises the cost of its own batch: the cosine of its angle with the "
        "gradient is 1",
        "look at the sign in sgd: w ← w - α·g",
    ),
    "first layer": (
        optimizers.first_layer_left_out,
        Adam(),
        FROZEN,
        "network[0].weights, network[0].biases: there is a gradient, but no update moves it",
        "look at which parameters adam is given",
    ),
    "clipped to zero": (
        optimizers.clipped_to_zero,
        Rmsprop(),
        FROZEN,
        "no update moves any parameter, though all of them have a gradient",
        "look at what rmsprop multiplies the gradient by, and at clip_norm",
    ),
    "twice": (
        optimizers.twice,
        Nesterov(),
        FORMULA,
        "update 1 moves {} by {}, but the formula of nesterov gives {}",
        FACTOR.format(2) + "is each update done twice?",
    ),
    "schedule ignored": (
        optimizers.schedule_ignored,
        Sgd(),
        FORMULA,
        "update 1 moves {} by {}, but the formula of sgd gives {}",
        FACTOR.format(4) + "it goes at the rate itself, whatever share of it the schedule has left",
    ),
    "schedule twice": (
        optimizers.schedule_twice,
        Adam(),
        FORMULA,
        "update 1 moves {} by {}, but the formula of adam gives {}",
        FACTOR.format(0.25) + "the schedule's share of the rate is multiplied in twice",
    ),
    "uncorrected": (
        optimizers.uncorrected,
        Adam(),
        FORMULA,
        "update 1 moves {} by {}, but the formula of adam gives {}",
        FACTOR.format(3.162)
        + "look for a factor in adam, such as the correction of its first updates",
    ),
    "forgotten": (
        optimizers.forgotten,
        Adagrad(),
        FORMULA,
        "update 2 moves {} by {}, but the formula of adagrad gives {}",
        BEFORE.format("adagrad"),
    ),
    "accumulated": (
        optimizers.accumulated,
        Momentum(),
        FORMULA,
        "update 2 moves {} by {}, but the formula of momentum gives {}",
        BEFORE.format("momentum"),
    ),
    "decay of biases": (
        optimizers.decay_of_biases,
        Sgd(weight_decay=0.1),
        FORMULA,
        "update 1 moves {} by {}, but the formula of sgd gives {}",
        DECAY,
    ),
    "clipped by value": (
        optimizers.clipped_by_value,
        Sgd(clip_norm=1.0),
        FORMULA,
        "update 1 moves {} by {}, but the formula of sgd gives {}",
        "look at the clipping: it scales a whole gradient down, and no value more than another",
    ),
    "not a number": (
        optimizers.not_a_number,
        Rmsprop(),
        FORMULA,
        "update 1 moves {} by nan, but the formula of rmsprop gives {}",
        "look at the root and the division in rmsprop: what do they get where a value is 0?",
    ),
    "some values": (
        lambda rule, rate: rule.sound.update(rate, [*_doubled(rule)]),
        Sgd(),
        FORMULA,
        "update 1 moves {} by {}, but the formula of sgd gives {}",
        "look at what sgd does to the gradient of a single value",
    ),
    "shared velocity": (
        optimizers.shared_state,
        Momentum(),
        MEMBERS,
        "two networks trained side by side are not moved as each of them alone: the change of "
        "member 2 in update {} at {} is {}, alone {}",
        APART,
    ),
    "shared rate": (
        optimizers.rate_of_the_first,
        Adagrad(),
        MEMBERS,
        "two networks trained side by side are not moved as each of them alone: the change of "
        "member 2 in update {} at {} is {}, alone {}",
        APART,
    ),
}


def _doubled(rule):
    rule.parameters.gradients[::2] *= 2
    yield rule.parameters.whole


def judge(experiment, plant=None):
    dataset = data_of(replace(experiment, checks=frozenset(), optimizer=Sgd()))
    if plant is not None:
        experiment, dataset = plant(experiment, dataset)
    found = check_updates(experiment, dataset)
    assert [finding.rule for finding in found] == list(NAMES)
    return {finding.rule: finding for finding in found}


def statuses(found):
    return [finding.status for finding in found.values()]


def matches(message, pattern):
    """Whether the message is the pattern, with a word in place of each pair of braces."""
    head, *rest = pattern.split("{}")
    assert message.startswith(head), message
    message = message[len(head) :]
    for part in rest:
        at = message.index(part) if part else len(message)
        message = message[at + len(part) :]
    return not message


def test_the_messages_of_a_sound_experiment():
    found = judge(DIGITS)
    assert [finding.message for finding in found.values()] == [
        "the first update goes down the gradient of its batch",
        "all of the 4 parameters with a gradient are moved",
        "3 updates are what the formula of momentum makes of their gradients",
        "two networks trained side by side are moved as each of them alone",
    ]
    assert statuses(found) == ["pass"] * 4


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_named(name):
    fault, optimizer, rule, message, hint = FAULTS[name]
    found = judge(changed(DIGITS, optimizer=optimizer), with_fault(fault))
    assert [each.rule for each in found.values() if each.status == "fail"] == [rule]
    assert matches(found[rule].message, message), found[rule].message
    assert found[rule].hint == hint


def test_what_is_explained_is_not_judged():
    found = judge(DIGITS, with_fault(optimizers.ascent))
    assert statuses(found) == ["fail", "skip", "skip", "pass"]
    assert found[FROZEN].message == found[FORMULA].message == "not judged: see update-direction"


def test_every_optimizer_has_its_formula():
    kinds = members_of(Optimizer)
    assert len(kinds) >= 7
    assert set(FORMULAS) == {name_of(kind) for kind in kinds}


@pytest.mark.parametrize("kind", members_of(Optimizer), ids=name_of)
@pytest.mark.parametrize(
    "changes",
    [{}, {"weight_decay": 0.3}, {"clip_norm": 0.01}, {"clip_norm": 10.0, "weight_decay": 10.0}],
    ids=str,
)
def test_every_optimizer_passes(kind, changes):
    for optimizer in OPTIMIZERS[kind]:
        found = judge(changed(blobs(), optimizer=replace(optimizer, **changes)))
        assert statuses(found) == ["pass"] * 4, found


NETWORKS = {
    "linear": (Dense(units=10),),
    "own penalty": (Dense(units=20, l2=0.1, max_norm=0.5), Relu(), Dense(units=10, l1=1e-3)),
    "batch norm": (Dense(units=20), BatchNorm(), Relu(), Dense(units=10)),
    "dropout": (Dense(units=20), Relu(), Dropout(rate=0.5), Dense(units=10)),
    "maxout": (Maxout(units=10), Dense(units=10)),
    "prelu": (Dense(units=20), Prelu(), Dense(units=10)),
    "convolution": (Conv(filters=4, kernel=3), Relu(), Flatten(), Dense(units=10)),
    "lsuv": (Dense(units=20, init=Lsuv()), Relu(), Dense(units=10)),
    "tiny weights": (Dense(units=20, init=Normal(std=1e-6)), Relu(), Dense(units=10)),
    "large weights": (Dense(units=20, init=Normal(std=1e3)), Relu(), Dense(units=10)),
    "deep": (*(layer for _ in range(8) for layer in (Dense(units=20), Relu())), Dense(units=10)),
}


@pytest.mark.parametrize("optimizer", [Momentum(), Adam(), Adagrad()], ids=lambda o: o.type)
@pytest.mark.parametrize("name", NETWORKS)
def test_sound_networks_pass(name, optimizer):
    experiment = changed(
        DIGITS,
        network=NETWORKS[name],
        optimizer=optimizer,
        regularization=Regularization(l1=1e-4, l2=0.1, max_norm=0.3),
    )
    assert statuses(judge(experiment)) == ["pass"] * 4
    assert statuses(judge(changed(experiment, loss=SquaredSvm()))) == ["pass"] * 4


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_experiments_pass(name):
    found = check_updates(HEALTHY[name], data_of(HEALTHY[name]))
    assert [each.status for each in found] == ["pass"] * 4


def test_few_examples():
    dataset = data_of(DIGITS)
    for count in (1, 2, 7):
        few = replace(dataset, train=dataset.train.select(np.arange(count)))
        assert [f.status for f in check_updates(DIGITS, few)] == ["pass"] * 4


def test_a_gradient_that_is_not_finite():
    huge = Normal(std=1e200)
    found = judge(changed(DIGITS, network=(Dense(units=9, init=huge), Dense(units=10, init=huge))))
    assert {f.message for f in found.values()} == {"not judged: the gradient is not finite"}
    assert statuses(found) == ["skip"] * 4


def test_a_gradient_that_is_zero():
    blind = changed(DIGITS, network=(Dense(units=10), Scaled(by=0.0)))
    found = judge(blind)
    assert {f.message for f in found.values()} == {"not judged: the gradient is zero"}


@pytest.mark.parametrize("seed", [6, 7, 9, 12])
def test_rounding_that_is_by_chance_0_in_one_of_two_stacks_is_no_difference(seed):
    normalized = (Dense(units=100), BatchNorm(), Relu(), Dense(units=10))
    experiment = changed(DIGITS, network=normalized, optimizer=Adam(), seed=seed)
    assert statuses(judge(experiment)) == ["pass"] * 4


def test_an_update_that_is_not_finite():
    def broken(rule, rate):
        rule.parameters.values[:] = np.nan

    found = judge(DIGITS, with_fault(broken))
    assert statuses(found) == ["skip", "pass", "fail", "pass"]
    assert found[DIRECTION].message == "not judged: the first update is not finite"
    assert found[FORMULA].hint == (
        "look at the root and the division in momentum: what do they get where a value is 0?"
    )


def test_a_network_too_large_for_two(monkeypatch):
    monkeypatch.setattr("trainer_cli.checks.updates.MOST_PARAMETERS", 100)
    found = judge(DIGITS)
    assert statuses(found) == ["pass"] * 3 + ["skip"]
    assert found[MEMBERS].message == "not judged: two networks of this size would take long"


def test_thresholds_are_the_experiments():
    loose = frozenset({UpdateFormula(tolerance=0.9), MemberIndependence(tolerance=0.999)})
    plant = with_fault(lambda rule, rate: rule.sound.update(rate * 1.5))
    assert judge(DIGITS, plant)[FORMULA].status == "fail"
    assert judge(changed(DIGITS, checks=loose), plant)[FORMULA].status == "pass"


def test_nothing_of_the_experiment_is_changed():
    first, second = judge(DIGITS), judge(DIGITS)
    for name in NAMES:
        assert first[name].measured == second[name].measured


def test_adamw_decays_by_default():
    assert statuses(judge(changed(DIGITS, optimizer=Adamw()))) == ["pass"] * 4
