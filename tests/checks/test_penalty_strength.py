"""The penalty beside the loss of the data: what outweighs it is named, usual strengths are not."""

from __future__ import annotations

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.checks.penalty_strength import check_strength
from trainer_cli.config.rules import PenaltyOutweighsLoss
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.regularization import Regularization


def judge(experiment):
    (finding,) = check_strength(experiment, data_of(changed(experiment, checks=frozenset())))
    assert finding.rule == "penalty-outweighs-loss"
    return finding


def penalized(**strengths):
    return changed(DIGITS, regularization=Regularization(**strengths))


def test_without_a_penalty_there_is_nothing_to_judge():
    assert check_strength(DIGITS, data_of(DIGITS)) == []
    assert check_strength(penalized(max_norm=1e-3), data_of(DIGITS)) == []
    own = changed(DIGITS, network=(Dense(units=50, l2=0.0), Relu(), Dense(units=10, l2=0.0)))
    off = changed(own, regularization=Regularization(l2=1e4))
    assert check_strength(off, data_of(DIGITS)) == []


def test_a_penalty_that_outweighs_the_loss():
    """50 and 10 units of Σw² about 2, as He draws them: half of 120 times l2."""
    finding = judge(penalized(l2=1e4))
    assert finding.status == "fail"
    assert finding.measured == pytest.approx(0.5 * 120 * 1e4 / 2.3026, rel=0.15)
    penalty = finding.measured * 2.302585
    times = f"{float(f'{finding.measured:.2g}'):,.0f}"
    assert finding.message == (
        f"at the start the penalty of regularization.l2=10000 is {penalty:.3g}, {times} times the "
        "loss of equal scores, 2.303: training will make the weights small, and learn little else"
    )
    assert finding.hint == (
        f"divide it by {times} or more, so that it is less than the loss; 1e-4 to 1e-2 is usual "
        "for l2"
    )


def test_a_penalty_of_one_layer():
    network = (Dense(units=50), Relu(), Dense(units=10, l1=10.0))
    both = changed(DIGITS, network=network, regularization=Regularization(l2=1e-4))
    finding = judge(both)
    assert finding.status == "fail"
    assert finding.message.startswith(
        "at the start the penalty of regularization.l2=0.0001 and network[2].l1=10 is "
    )


def test_a_penalty_in_between_warns():
    assert judge(penalized(l2=1.0)).status == "warn"
    assert judge(penalized(l1=0.1)).status == "warn"


@pytest.mark.parametrize("strengths", [{"l2": 1e-4}, {"l2": 0.1}, {"l1": 1e-3}], ids=repr)
def test_usual_strengths_pass(strengths):
    finding = judge(penalized(**strengths))
    assert finding.status == "pass"
    assert " times the loss of equal scores, 2.303" in finding.message
    assert finding.hint is None


def test_large_weights_do_not_hide_a_penalty_and_wide_layers_are_no_fault():
    large = Normal(std=10.0)
    network = (Dense(units=50, init=large), Relu(), Dense(units=10, init=large))
    strong = changed(DIGITS, network=network, regularization=Regularization(l2=1e-3))
    assert judge(strong).status == "warn"
    wide = (Dense(units=1000), Relu(), Dense(units=3))
    assert judge(changed(blobs(), network=wide, regularization=Regularization(l2=5e-3))).status == (
        "pass"
    )


def test_the_thresholds_are_the_experiments():
    rule = PenaltyOutweighsLoss(unusual=1e6, wrong=1e7)
    assert judge(changed(penalized(l2=1e4), checks=frozenset({rule}))).status == "pass"
