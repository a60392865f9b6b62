"""What scores and gradients tell from outside: too weak, too narrow, out of scale."""

from __future__ import annotations

import numpy as np
import pytest

from tests.checks.own.planting import checked, wrong
from trainer_cli.checks.own.generators import generators
from trainer_cli.checks.selftest.catalogue import BY_NAME
from trainer_cli.checks.selftest.trial import source_of

DEEP = source_of(BY_NAME["own network with relu and dropout"])
MASK = "(np.random.rand(*x.shape) >= DROPPED) / (1 - DROPPED)"


def test_weights_next_to_nothing(tmp_path):
    (first, *_) = wrong(checked(tmp_path, source_of(BY_NAME["own weights of std 1e-8"])))
    assert first == (
        "vanishing-activations",
        "fail",
        "the signal vanishes: its standard deviation falls from # at the input to # at the scores",
        "start with larger weights: draw them with std √(2 / fan_in)",
    )


def test_one_hidden_unit(tmp_path):
    source = source_of(BY_NAME["one hidden unit"])
    (finding,) = wrong(checked(tmp_path, source, chosen=["network"]))
    assert finding == (
        "bottleneck",
        "warn",
        "the scores of # examples vary in one direction, for # classes: all that they know has "
        "gone through that many units",
        "give the narrowest layer more units, and let them start different",
    )


@pytest.mark.parametrize(
    ("mask", "factor"),
    [
        (MASK, 1.0),
        ("(np.random.default_rng().random(x.shape) >= DROPPED) / (1 - DROPPED)", 1.0),
        ("(GENERATOR.random(x.shape) >= DROPPED)", 0.25),  # through two layers
        ("(np.random.rand(*x.shape) >= DROPPED) / (1 - DROPPED) ** 2", 4.0),
    ],
)
def test_the_scale_of_dropout_is_measured(mask, factor, tmp_path):
    assert DEEP.count(MASK) == 1
    found = checked(tmp_path, DEEP.replace(MASK, mask), chosen=["independence"])["independence"]
    (scale,) = [each for each in found if each.rule == "dropout-scale"]
    assert scale.measured == pytest.approx(factor, rel=0.05)
    assert scale.status == ("pass" if factor == 1 else "fail")


def test_a_scale_that_is_right_says_so(tmp_path):
    found = checked(tmp_path, DEEP, chosen=["independence"])["independence"]
    assert [each.status for each in found] == ["pass", "skip", "pass"]
    assert found[-1].message.startswith("in training the scores are 1.0")
    assert found[-1].message.endswith(
        "times those of evaluation, in the mean over 6 draws of its noise"
    )


def test_running_averages_that_move(tmp_path):
    source = source_of(BY_NAME["own network with batch norm and dropout"])
    found = checked(tmp_path, source, chosen=["independence"])["independence"]
    assert [each.status for each in found] == ["pass", "pass", "pass"]
    assert found[1].message == "evaluation goes by averages of what training has seen"


def test_a_loss_that_draws_what_cannot_be_repeated(tmp_path):
    fresh = DEEP.replace(MASK, "(np.random.default_rng().random(x.shape) >= DROPPED) / 0.5")
    found = checked(tmp_path, fresh, chosen=["reg", "grad"])
    assert [(each.status, each.message) for each in found["reg"]] == [
        ("skip", "not judged: the loss differs from call to call")
    ]
    assert found["reg"][0].hint == (
        "draw from np.random or from a generator that the network keeps: those are seeded"
    )
    assert found["grad"][0].message == (
        "not judged: the cost differs from call to call on the same examples"
    )


def test_generators_are_found_wherever_they_are_kept():
    class Layer:
        def __init__(self):
            self.rng = np.random.default_rng(0)

    class Network:
        def __init__(self):
            self.layers = [Layer(), {"rng": np.random.default_rng(1)}]
            self.again = self.layers

    network = Network()
    assert list(generators(network, None)) == [
        network.layers[0].rng,
        network.layers[1]["rng"],
    ]
