"""check-grad: every fault planted in a backward is found and placed; sound networks pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.nn.examples import HIDDEN
from tests.planted_layers import (
    accumulated,
    by_the_output,
    cut_off,
    one,
    small_batch_only,
    transposed_weights,
    unscaled,
    wrong_corner,
)
from trainer_cli.checks.gradient import check_grad
from trainer_cli.checks.selftest.planted import (
    gradient,
    handed_down,
    planted,
    stale,
    transposed,
    unmasked,
    without_means,
    without_variance,
)
from trainer_cli.checks.selftest.planted_regularization import faulty_regularization
from trainer_cli.datasets import Data
from trainer_cli.datasets.augment import Flip, RandomCrop
from trainer_cli.datasets.preprocess import Scale
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn.initializers import Normal, Zeros
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    MaxPool,
    Relu,
    Tanh,
)
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.nn.regularization import Regularization
from trainer_cli.training.findings import verdict

RULES = [
    "gradient-at-start",
    "penalty-gradient-at-start",
    "gradient-trained",
    "penalty-gradient-trained",
]


def judge(experiment, sides=2):
    findings = check_grad(experiment, data_of(experiment), sides)
    assert [f.rule for f in findings] == RULES
    return findings


def dense_at(fault):
    middle = planted(Dense(units=12), fault=fault)
    return (Dense(units=12), Relu(), middle, Tanh(), Dense(units=10))


def conv_at(fault):
    middle = planted(Conv(filters=4), fault=fault)
    return (Conv(filters=4), Relu(), middle, Relu(), MaxPool(), Dense(units=10))


def activation(sound, fault):
    return (Dense(units=12), Tanh(), planted(sound, fault=fault), Dense(units=10))


def image_layer(sound, fault):
    return (Conv(filters=4), Tanh(), planted(sound, fault=fault), Dense(units=10))


# Faulty networks; where the fault must be said to lie, and in what.
OWN, DOWN = "the one of its {} is not", "the one that it hands down is not"
FAULTS = {
    "weights twice": (dense_at(gradient(lambda g: 2 * g, "weights")), 2, OWN.format("weights")),
    "sign": (dense_at(gradient(lambda g: -g, "weights")), 2, OWN.format("weights")),
    "2 % too large": (dense_at(gradient(lambda g: 1.02 * g)), 2, OWN.format("weights and biases")),
    "no biases": (dense_at(gradient(np.zeros_like, "biases")), 2, OWN.format("biases")),
    "sum for mean": (dense_at(gradient(lambda g: 20 * g, "biases")), 2, OWN.format("biases")),
    "one unit": (dense_at(gradient(one((..., 3), 2.0), "weights")), 2, OWN.format("weights")),
    "one weight": (
        dense_at(gradient(one((5, 0, 7), 1.5), "weights")),
        2,
        OWN.format("weights"),
    ),
    "stored transposed": (dense_at(transposed_weights), 2, OWN.format("weights")),
    "accumulated": (dense_at(accumulated), 2, OWN.format("weights and biases")),
    "small batch": (dense_at(small_batch_only), 2, OWN.format("weights and biases")),
    "down twice": (dense_at(handed_down(lambda g: 2 * g)), 2, DOWN),
    "down transposed": (dense_at(transposed), 2, DOWN),
    "one unit below": (dense_at(handed_down(one((..., 4), 0.0))), 2, DOWN),
    "one example": (dense_at(handed_down(one((3,), 0.0))), 2, DOWN),
    "relu passes all": (activation(Relu(), unmasked), 2, DOWN),
    "tanh 1 - y": (activation(Tanh(), by_the_output), 2, DOWN),
    "dropout passes all": (activation(Dropout(rate=0.4), unmasked), 2, DOWN),
    "dropout of before": (activation(Dropout(rate=0.4), stale), 2, DOWN),
    "NaN": (dense_at(gradient(lambda g: g + np.nan, "weights")), 2, OWN.format("weights")),
    "one NaN": (
        dense_at(gradient(one((5, 0, 7), np.nan), "weights")),
        2,
        OWN.format("weights"),
    ),
    "one infinite": (dense_at(gradient(one((0, 3), np.inf), "biases")), 2, OWN.format("biases")),
    "NaN below": (dense_at(handed_down(lambda g: g + np.nan)), 2, DOWN),
    "batch norm, mean": (activation(BatchNorm(), without_means), 2, DOWN),
    "batch norm, variance": (activation(BatchNorm(), without_variance), 2, DOWN),
    "batch norm of channels": (image_layer(BatchNorm(), without_variance), 2, DOWN),
    "gamma": (
        activation(BatchNorm(), gradient(lambda g: 0.5 * g, "gamma")),
        2,
        OWN.format("gamma"),
    ),
    "conv weights": (conv_at(gradient(lambda g: g[::-1], "weights")), 2, OWN.format("weights")),
    "conv tap": (
        conv_at(gradient(one((0, 0, 2, 0, 1), 1.2), "weights")),
        2,
        OWN.format("weights"),
    ),
    "conv border": (conv_at(handed_down(one((slice(None), 0), 0.5))), 2, DOWN),
    "conv corner": (conv_at(handed_down(one((slice(None), 0, 0), 0.5))), 2, DOWN),
    "pool, wrong corner": (image_layer(MaxPool(), wrong_corner), 2, DOWN),
    "pool, no share": (image_layer(AvgPool(), handed_down(lambda g: 4 * g)), 2, DOWN),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_placed(name):
    network, layer, what = FAULTS[name]
    for seed in range(1 if any(isinstance(each, Conv) for each in network) else 2):
        findings = judge(changed(DIGITS, network=network, seed=seed))
        failed = [f for f in findings if f.status == "fail"]
        assert failed, seed
        for finding in failed:
            assert finding.hint.startswith(f"the fault lies in network[{layer}] ("), finding.hint
            assert what in finding.hint
            assert finding.measured > 1e-2
        assert [f.status for f in findings[1::2]] == ["pass", "pass"]


@pytest.mark.parametrize(
    ("loss", "fault"),
    [
        (Softmax(), handed_down(lambda g: 20 * g)),
        (Softmax(label_smoothing=0.1), handed_down(one((..., 4), 1.1))),
        (Svm(), handed_down(lambda g: 0.5 * g)),
        (SquaredSvm(), handed_down(lambda g: 0.5 * g)),
        (Softmax(), unscaled),
    ],
)
def test_a_fault_of_the_loss_is_placed(loss, fault):
    finding = judge(changed(DIGITS, loss=planted(loss, fault=fault)))[0]
    assert finding.status == "fail"
    assert finding.hint == (
        f"the fault lies in the loss ({loss.type}): the gradient of the scores is wrong already"
    )


@pytest.mark.parametrize(
    "regularization",
    [
        faulty_regularization("no gradient", l2=1e-6),
        faulty_regularization("gradient twice", l2=1e-2),
        faulty_regularization("no gradient", l1=1e-4),
        faulty_regularization("gradient twice"),
    ],
)
def test_a_fault_of_the_penalty_is_found(regularization):
    findings = judge(changed(DIGITS, regularization=regularization))
    assert [f.status for f in findings] == ["pass", "fail", "pass", "fail"]
    assert findings[1].hint == (
        "look at the penalty's gradient: a factor, a layer left out, or more than the weights"
    )


def test_one_wrong_weight_among_many_is_found_by_direction():
    wrong = gradient(one((40, 0, 33), 1.5), "weights")
    network = (planted(Dense(units=300), fault=wrong), Tanh(), Dense(units=10))
    for seed in range(3):
        finding = judge(changed(DIGITS, network=network, seed=seed))[2]
        assert finding.status == "fail"
        assert finding.evidence["parameters"][0]["at"] == [40, 33]


def test_the_messages_of_a_fault():
    network = dense_at(gradient(lambda g: 2 * g, "weights"))
    finding = judge(changed(DIGITS, network=network))[0]
    worst = finding.evidence["parameters"][1]
    assert worst["parameter"] == "network[2].weights"
    assert finding.message == (
        f"at the start the gradient of network[2].weights is wrong: at {tuple(worst['at'])} "
        f"backward gives {worst['backward']:.6g}, differences give {worst['differences']:.6g} "
        f"(relative error 5.0e-01); it is everywhere 2 times what it must be"
    )
    assert finding.hint == (
        "the fault lies in network[2] (dense): the gradient that it gets is right, "
        "the one of its weights is not"
    )
    assert worst["backward"] == pytest.approx(2 * worst["differences"], rel=1e-5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda g: 20 * g, "it is everywhere 20 times what it must be, the number of examples"),
        (lambda g: g / 20, "it is everywhere 1/20 of what it must be, the number of examples"),
        (lambda g: -g, "it is everywhere -1 times what it must be"),
        (np.zeros_like, "it is zero everywhere"),
    ],
)
def test_a_factor_is_told(change, told):
    finding = judge(changed(DIGITS, network=dense_at(gradient(change))))[0]
    assert finding.message.endswith(f"; {told}")


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (cut_off, "no gradient"),
        (handed_down(lambda g: g[:, :, :-1]), "a gradient of the shape (20, 1, 11)"),
    ],
)
def test_what_hands_down_nothing_is_named(fault, what):
    experiment = changed(DIGITS, network=dense_at(fault))
    (finding,) = check_grad(experiment, data_of(experiment))
    assert (finding.rule, finding.status) == ("gradient-at-start", "fail")
    assert finding.message == (
        f"at the start network[2] (dense) hands down {what} of its input, which has the shape "
        f"(20, 1, 12)"
    )
    assert finding.hint == (
        "backward returns the gradient of what forward was given, in the same shape"
    )


def test_what_accumulates_is_told():
    finding = judge(changed(DIGITS, network=dense_at(accumulated)))[0]
    assert finding.hint.endswith(
        "; it differs from call to call: something is left over from the batch before"
    )


def test_a_small_error_is_a_warning():
    network = dense_at(gradient(lambda g: 1.001 * g, "weights"))
    finding = judge(changed(DIGITS, network=network))[0]
    assert finding.status == "warn"
    assert "the gradient of network[2].weights may be wrong: at (" in finding.message
    assert finding.measured == pytest.approx(1e-3, rel=0.02)


def test_the_message_of_a_pass():
    finding, penalty, *_ = judge(changed(DIGITS, network=(Dense(units=10),)))
    assert finding.status == "pass"
    assert finding.hint is None
    seen = sum(row["checked"] for row in finding.evidence["parameters"])
    left = sum(row["zero"] for row in finding.evidence["parameters"])
    rest = f"; left out: {left} zero or lost in rounding" if left else ""
    assert finding.message == (
        f"at the start the gradient agrees with differences of 2 sides at {seen} coordinates "
        f"(largest relative error {finding.measured:.1e}){rest}"
    )
    assert finding.threshold == 1e-6
    assert penalty.message.endswith("; the experiment has none, so this is of l2 = 0.001")


def test_where_the_loss_overflows_nothing_is_judged():
    huge = Normal(std=1e200)
    layers = (Dense(units=50, init=huge), Relu(), Dense(units=10, init=huge))
    finding = judge(changed(DIGITS, network=layers))[0]
    assert finding.status == "skip"
    assert finding.message == ("at the start the gradient cannot be judged: the loss is not finite")
    assert finding.hint == "give the weights a sound init and check again (nntrain check-loss)"


def test_weights_that_are_all_zero_have_nothing_to_see():
    zero = Dense(units=10, init=Zeros())
    findings = judge(changed(DIGITS, network=(Dense(units=20, init=Zeros()), Relu(), zero)))
    for finding, when in ((findings[0], "at the start"), (findings[2], "after 10 updates")):
        assert finding.status == "skip"  # although the biases of the output layer have a gradient
        assert finding.message.startswith(
            f"{when} the gradient cannot be judged: no weight shows a slope; left out: "
        )
        assert finding.message.endswith(" zero or lost in rounding")
        assert finding.hint == "give the weights a sound init and check again (nntrain check-loss)"


def test_what_has_no_slope_is_named():
    below = Dense(units=20, init=Zeros())
    finding = judge(changed(DIGITS, network=(below, Tanh(), Dense(units=10))))[0]
    assert finding.status == "pass"
    assert finding.message.endswith("; nothing to see in network[2].weights, input")


def test_where_every_layer_is_exempt_a_penalty_on_all_is_checked():
    exempt = (Dense(units=12, l2=0.0), Relu(), Dense(units=10, l1=0.0, l2=0.0))
    penalty = judge(changed(DIGITS, network=exempt))[1]
    assert penalty.status == "pass"
    assert penalty.message.endswith("; the experiment has none, so this is of l2 = 0.001")


@pytest.mark.parametrize("sides", [1, 2, 4, 6, 8])
def test_deep_networks_full_of_kinks_raise_no_alarm(sides):
    """Four layers of 120 units see 20 examples: 9,600 kinks."""
    layers = (*[Dense(units=120), Relu()] * 4, Dense(units=10))
    findings = judge(changed(DIGITS, network=layers), sides)
    assert [f.status for f in findings] == ["pass"] * 4


@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda layer: layer.type)
def test_sound_layers_raise_no_alarm(hidden):
    layers = (Dense(units=20), hidden, Dense(units=3))
    for seed in range(2):
        findings = judge(replace(blobs(), network=layers, seed=seed))
        assert {f.status for f in findings} == {"pass"}


@pytest.mark.parametrize("loss", [Softmax(), Svm(), SquaredSvm()], ids=lambda loss: loss.type)
@pytest.mark.parametrize("by", [1 / 16, 1.0, 16.0])
@pytest.mark.parametrize("init", [Normal(std=1e-4), None, Normal(std=1.0)])
def test_no_scale_of_data_and_weights_raises_an_alarm(loss, by, init):
    """Inputs of up to 256, 16 and 1."""
    layers = (Dense(units=30, init=init), Relu(), Dense(units=10, init=init))
    data = Data(source=Digits(), preprocess=(Scale(by=by),))
    findings = judge(changed(DIGITS, data=data, network=layers, loss=loss))
    assert verdict(findings) == "pass", [f.message for f in findings]


@pytest.mark.parametrize("l1", [0.0, 1e-3])
@pytest.mark.parametrize("l2", [0.0, 1e3])
def test_sound_penalties_raise_no_alarm(l1, l2):
    layers = (Dense(units=20, init=Zeros()), Tanh(), Dense(units=10))
    for sides in (1, 2, 6):
        experiment = changed(DIGITS, network=layers, regularization=Regularization(l1=l1, l2=l2))
        assert {f.status for f in judge(experiment, sides)[1::2]} <= {"pass", "skip"}


def test_dropout_and_augmentation_are_the_same_on_both_sides():
    data = replace(DIGITS.data, augment=(Flip(), RandomCrop()))
    layers = (Dense(units=20), Relu(), Dropout(rate=0.5), Dense(units=10))
    assert verdict(judge(changed(DIGITS, data=data, network=layers))) == "pass"


def test_the_check_gives_the_same_twice():
    first, second = judge(DIGITS), judge(DIGITS)
    assert [f.message for f in first] == [f.message for f in second]
