"""The rate of a network of one's own is judged with every optimizer, as for a list of layers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.checks.own.planting import EXPERIMENT, SOURCE, checked, planted
from tests.optim.examples import OPTIMIZERS
from tests.parts import members_of
from trainer_cli.checks.own.learning import updates_by
from trainer_cli.config.parts import name_of
from trainer_cli.nn.layers.place import ParameterShape
from trainer_cli.nn.parameters import Parameters
from trainer_cli.optim.optimizers import Optimizer, Sgd

HIGH, LOW, UNSTABLE = "learning-rate-too-high", "learning-rate-too-low", "learning-rate-unstable"
USUAL = {
    "adagrad": (0.01, 0.1),
    "adam": (3e-4, 0.01),
    "adamw": (3e-4, 0.01),
    "momentum": (3e-3, 0.1),
    "nesterov": (3e-3, 0.1),
    "rmsprop": (3e-4, 0.01),
    "sgd": (0.01, 0.3),
}


def judge(folder, optimizer, source=SOURCE, more="", **training):
    text = EXPERIMENT.replace("{type: sgd, learning_rate: 0.05}", f"{{{optimizer}}}")
    for key, value in training.items():
        text = text.replace("{epochs: 10, batch_size: 50}", f"{{{key}: {value}, epochs: 10}}")
    found = checked(folder, source, text + more, chosen=["rate"])["rate"]
    assert [each.rule for each in found[:3]] == [HIGH, LOW, UNSTABLE]
    return {each.rule: each for each in found}


def wrong(found):
    return [(rule, each.status) for rule, each in found.items() if each.status in ("warn", "fail")]


def test_the_messages_of_a_sound_rate(tmp_path):
    found = judge(tmp_path, "type: sgd, learning_rate: 0.05")
    assert [each.message for each in found.values()] == [
        "the cost stayed within 3 times the original 2.376",
        "the loss goes from 2.3164 to 1.3996 in the first 100 updates",
        "the loss does not jump where it would fall at a lower rate",
    ]
    assert {each.status for each in found.values()} == {"pass"}


def test_a_rate_that_explodes(tmp_path):
    found = judge(tmp_path, "type: sgd, learning_rate: 20")
    assert wrong(found) == [(HIGH, "fail")]
    assert found[HIGH].message == (
        "the cost reached 35.44 in epoch 1, after 2 updates, and the limit is 3 times the original "
        "2.376: the learning rate 20 is too high"
    )
    assert found[HIGH].hint == (
        "try optimizer.learning_rate=1: from the same start, 100 updates at it lower the loss by "
        "2.2"
    )
    assert found[LOW].message == f"not judged: see {HIGH}"


def test_a_rate_that_explodes_at_once(tmp_path):
    found = judge(tmp_path, "type: adam, learning_rate: 1e6")
    assert wrong(found) == [(HIGH, "fail")]
    assert found[HIGH].message == (
        "the cost became NaN or infinite in epoch 1, after 1 update, and the limit is 3 times the "
        "original 2.376: the learning rate 1e+06 is too high"
    )


def test_a_gradient_by_which_every_rate_explodes(tmp_path):
    uphill = planted("d /= n\n", "d /= -n * 1e-30\n")
    found = judge(tmp_path, "type: sgd, learning_rate: 1.0", uphill)
    assert wrong(found) == [(HIGH, "fail")]
    assert found[HIGH].hint == (
        "no lower rate down to 1e-09 makes progress either: look at the sign of the gradient, and "
        "at the scale of the inputs and of the initial weights"
    )


def test_a_rate_that_moves_nothing(tmp_path):
    found = judge(tmp_path, "type: adam, learning_rate: 1e-7")
    assert wrong(found) == [(LOW, "warn")]
    assert found[LOW].message == (
        "the loss has barely moved: 2.3164 to 2.31627 in 100 updates; the learning rate 1e-07 is "
        "too low"
    )
    assert found[LOW].hint == (
        "try optimizer.learning_rate=0.01: from the same start, 100 updates at it lower the loss "
        "by 2.3, at the present rate by 0.00013"
    )


def test_a_rate_that_will_not_come_far(tmp_path):
    found = judge(tmp_path, "type: sgd, learning_rate: 1e-3")
    assert wrong(found) == [(LOW, "warn")]
    assert found[LOW].message == (
        "the loss goes from 2.3164 to 2.29606 in 100 updates, and all of the training will take "
        "off about 0.024: the learning rate 0.001 is too low"
    )


def test_a_loss_that_jumps(tmp_path):
    found = judge(tmp_path, "type: sgd, learning_rate: 10", SOURCE.replace("reg=1e-3", "reg=0.0"))
    assert wrong(found) == [(UNSTABLE, "warn")]
    assert found[UNSTABLE].message.startswith("the loss jumps up and down: after 100 updates it is")


def test_a_loss_that_falls_at_no_rate(tmp_path):
    dead = planted("hidden = np.maximum(0, X @ W1 + b1)", "hidden = 0 * (X @ W1 + b1)")
    found = judge(tmp_path, "type: sgd, learning_rate: 0.1", dead)
    assert wrong(found) == [("plateau", "warn")]
    ends = re.findall(r"to (\d\.\d{4}) in", found["plateau"].message)
    assert found["plateau"].message == (
        f"the loss goes from 2.3026 to {ends[0]} in 100 updates and to {ends[1]} in "
        f"260; no rate from 1e-06 to 100 does clearly better"
    )
    assert found["plateau"].hint.startswith("next to no gradient reaches the weights, or there is")


def test_a_schedule_is_followed(tmp_path):
    given = "type: sgd, learning_rate: 0.05"
    soon = "schedule: {type: exponential, factor: 1e-9, per: step}\n"
    slow = judge(tmp_path, given, more=soon)
    assert slow[LOW].status == "skip"
    assert slow[LOW].message.startswith(
        "not judged: the schedule ends too early (schedule-ends-early); at its full rate from the "
        "same start, 100 updates at it lower the loss by "
    )
    rising = judge(
        tmp_path, "type: sgd, learning_rate: 20", more="schedule: {type: constant, warmup: 9}\n"
    )
    assert rising[HIGH].status == "pass"


def test_clipping_is_done(tmp_path):
    assert wrong(judge(tmp_path, "type: sgd, learning_rate: 20, clip_norm: 0.01")) == []
    found = judge(tmp_path, "type: sgd, learning_rate: 0.05, clip_norm: 1e-6")
    assert wrong(found) == [("plateau", "warn")]
    assert found["plateau"].message == (
        "the loss goes from 2.3164 to 2.3164 in 100 updates: optimizer.clip_norm=1e-06 leaves next "
        "to nothing of the gradients"
    )


@pytest.mark.parametrize("kind", members_of(Optimizer), ids=name_of)
@pytest.mark.parametrize("batch", [1, 50, 5000])
def test_usual_rates_pass(kind, batch, tmp_path):
    for rate in USUAL[name_of(kind)]:
        if batch == 5000 and rate == min(USUAL[name_of(kind)]):
            continue  # ten updates
        if batch == 1 and rate == max(USUAL[name_of(kind)]):
            continue
        found = judge(tmp_path, f"type: {name_of(kind)}, learning_rate: {rate}", batch_size=batch)
        assert wrong(found) == [], rate


def test_a_rate_far_beyond_all_usual_ones(tmp_path):
    found = judge(tmp_path, "type: sgd, learning_rate: 1e30")
    assert found[HIGH].hint.startswith("try optimizer.learning_rate=1: from the same start, 100 up")


@pytest.mark.parametrize("kind", members_of(Optimizer), ids=name_of)
def test_rates_out_of_all_bounds_are_named(kind, tmp_path):
    name = name_of(kind)
    # Steps of AdaGrad shrink as they have been large.
    assert [r for r, _ in wrong(judge(tmp_path, f"type: {name}, learning_rate: 1e7"))] == [HIGH]
    assert [r for r, _ in wrong(judge(tmp_path, f"type: {name}, learning_rate: 1e-9"))] == [LOW]


class Quadratic:
    """A network whose cost is ½ Σ p²: the gradient of a parameter is itself."""

    noise = 0

    def __init__(self):
        rng = np.random.default_rng(0)
        self.parameters = {
            "b": rng.standard_normal(3),
            "W": rng.standard_normal((4, 3)),
            "s": np.array(2.0),
            "K": rng.standard_normal((2, 2, 3, 4)),
        }


@pytest.mark.parametrize("kind", members_of(Optimizer), ids=name_of)
def test_arrays_are_moved_by_the_optimizer_itself(kind):
    """As one flat array of its own would be: shapes and their order play no part."""
    for optimizer in OPTIMIZERS[kind]:
        network, update = Quadratic(), updates_by(optimizer, lambda k: 1 / (1 + k))
        flat = np.concatenate([each.reshape(-1) for each in network.parameters.values()])
        shape = ParameterShape(name="all", shape=flat.shape, role="other")
        parameters = Parameters([(0, shape)], 1, np.dtype(np.float64))
        parameters.values[:] = flat
        rule = type(optimizer).bind([optimizer], parameters)
        for k in range(5):
            update(network, {n: each.copy() for n, each in network.parameters.items()})
            parameters.gradients[:] = parameters.values
            rule.update(optimizer.learning_rate / (1 + k))
        moved = np.concatenate([each.reshape(-1) for each in network.parameters.values()])
        np.testing.assert_allclose(moved, parameters.values, rtol=1e-12)


def test_decay_falls_on_weights_alone_and_nothing_without_a_gradient_moves():
    network, before = Quadratic(), Quadratic().parameters
    update = updates_by(Sgd(learning_rate=0.1, weight_decay=1.0))
    update(network, {"b": np.zeros(3), "W": np.zeros((4, 3)), "s": None, "K": np.zeros((1, 1))})
    after = network.parameters
    np.testing.assert_array_equal(after["b"], before["b"])
    np.testing.assert_allclose(after["W"], 0.9 * before["W"])
    assert after["s"] == before["s"]
    np.testing.assert_array_equal(after["K"], before["K"])


FIXED = """
from math import prod

from torch import nn


def build(input_shape, classes):
    network = nn.Sequential(
        nn.Flatten(),
        nn.Linear(prod(input_shape), 32),
        nn.ReLU(),
        nn.Linear(32, 32),
        nn.ReLU(),
        nn.Linear(32, classes),
    )
    for layer in (1, 3):
        network[layer].requires_grad_(False)
    return network
"""


def test_parameters_that_are_not_to_learn_are_no_mistake(tmp_path):
    pytest.importorskip("torch")
    found = judge(tmp_path, "type: adam, learning_rate: 0.01", FIXED)
    assert wrong(found) == []
    assert found["frozen-parameters"].message == (
        "2 parameters to learn; 1.weight, 1.bias, 3.weight and 1 more to stay as built: "
        "requires_grad is off"
    )
