"""check-loss: names a broken loss and a bad start, and stays quiet on sound networks."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import log, sqrt
from statistics import median

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.planted import Scaled
from trainer_cli.checks.initial_loss import check_loss
from trainer_cli.checks.selftest.planted import planted
from trainer_cli.datasets import Data
from trainer_cli.datasets.preprocess import Scale, Standardize
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn.initializers import Constant, He, Normal, Xavier, Zeros
from trainer_cli.nn.layers import (
    BatchNorm,
    Dense,
    Dropout,
    Elu,
    Maxout,
    Prelu,
    Relu,
    Sigmoid,
    Softplus,
    Tanh,
)
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.nn.regularization import Regularization


def with_loss_fault(experiment, fault):
    """Return the experiment with a loss that passes its values through `fault`."""
    loss = planted(experiment.loss, made=lambda loss, losses, labels: fault(losses))
    return changed(experiment, loss=loss)


def judge(experiment):
    at_zero, configured = check_loss(experiment, data_of(experiment))
    assert (at_zero.rule, configured.rule) == ("loss-at-zero-scores", "initial-loss")
    return at_zero, configured


def two_layers(init, units=50, classes=10):
    return (Dense(units=units, init=init), Relu(), Dense(units=classes, init=init))


def test_small_weights_start_at_ln_c():
    at_zero, configured = judge(changed(DIGITS, network=two_layers(Normal(std=1e-4))))
    assert at_zero.status == configured.status == "pass"
    assert at_zero.measured == pytest.approx(log(10), rel=1e-6)
    assert configured.measured == pytest.approx(log(10), rel=1e-3)
    assert at_zero.message == (
        "with network[2], the output layer, at zero the loss is 2.3026, "
        "as it must be: ln 10 = 2.3026"
    )
    assert configured.message == "the initial loss is 2.3026, near ln 10 = 2.3026"
    assert at_zero.hint is configured.hint is None


def test_regularization_plays_no_part():
    strong = changed(DIGITS, regularization=Regularization(l2=1e4))
    assert [f.measured for f in judge(strong)] == [f.measured for f in judge(DIGITS)]


def test_sound_networks_of_many_kinds_raise_no_alarm():
    kinds = [(Relu(), He()), (Relu(), Xavier()), (Tanh(), Xavier()), (Sigmoid(), He())]
    cases = list(product((2, 10, 100), (0, 1, 4), kinds, range(3)))
    assert len(cases) > 100
    for classes, depth, (activation, init), seed in cases:
        experiment = blobs(classes, examples=max(200, 10 * classes))
        hidden = (Dense(units=20, init=init), activation) * depth
        network = (*hidden, Dense(units=classes, init=init))
        findings = judge(replace(experiment, network=network, seed=seed))
        assert [f.status for f in findings] == ["pass", "pass"], (classes, depth, activation, seed)


@pytest.mark.parametrize("classes", [2, 100])
def test_imbalanced_classes_raise_no_alarm(classes):
    experiment = blobs(classes, examples=2000)
    dataset = data_of(experiment)
    rare = dataset.train.labels % classes != 0
    rare[np.flatnonzero(rare)[::10]] = False  # one example in ten of all classes but the first
    skewed = replace(dataset, train=dataset.train.select(np.flatnonzero(~rare)))
    for seed in range(10):
        findings = check_loss(replace(experiment, seed=seed), skewed)
        assert [f.status for f in findings] == ["pass", "pass"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("sum instead of mean", lambda losses: losses * len(losses)),
        ("divided by the classes", lambda losses: losses / 10),
        ("base 2", lambda losses: losses / log(2)),
        ("nan", lambda losses: losses * np.nan),
    ],
)
def test_a_broken_loss_is_found(name, fault):
    at_zero, _ = judge(with_loss_fault(DIGITS, fault))
    assert at_zero.status == "fail", name
    assert at_zero.hint == (
        "the loss itself is wrong: look at how it is summed, averaged and normalized"
    )


@pytest.mark.parametrize("loss", [Svm(), SquaredSvm(), Svm(margin=0.1), SquaredSvm(margin=7)])
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("the right class counts too", lambda losses: losses * 10 / 9),
        ("halved", lambda losses: losses / 2),
        ("divided by the classes", lambda losses: losses / 10),
        ("sum instead of mean", lambda losses: losses * len(losses)),
    ],
)
def test_a_broken_svm_is_found(loss, name, fault):
    at_zero, _ = judge(with_loss_fault(changed(DIGITS, loss=loss), fault))
    assert at_zero.status == "fail", name


@pytest.mark.parametrize(
    ("loss", "chance"),
    [(Svm(), "(10 - 1)·1 = 9"), (SquaredSvm(margin=0.5), "(10 - 1)·0.5² = 2.25")],
)
def test_svm_losses_start_at_their_own_value(loss, chance):
    small = changed(DIGITS, network=two_layers(Normal(std=1e-4)), loss=loss)
    at_zero, configured = judge(small)
    assert at_zero.status == configured.status == "pass"
    value = loss.at_zero_scores(10)
    assert at_zero.message == (
        f"with network[2], the output layer, at zero the loss is {value:.4f}, "
        f"as it must be: {chance}"
    )
    assert configured.message == f"the initial loss is {configured.measured:.4f}, near {chance}"
    _, large = judge(changed(small, network=two_layers(Normal(std=0.8))))
    assert large.status == "fail"
    assert large.message == (
        f"the initial loss is {large.measured:.4f}, {large.measured - value:.2g} above {chance}: "
        "the scores are too far apart "
        f"(scores' standard deviation {large.evidence['score_std']:.2g})"
    )


def test_sound_networks_raise_no_alarm_whatever_the_loss():
    weights = tuple(1.0 + c for c in range(10))
    losses = [
        Softmax(class_weights=weights, label_smoothing=0.2),
        Svm(),
        Svm(margin=100, class_weights=weights),
        SquaredSvm(),
        SquaredSvm(margin=0.01),
    ]
    for loss, depth, seed in product(losses, (0, 1, 4), range(4)):
        network = (*(Dense(units=30), Relu()) * depth, Dense(units=10))
        findings = judge(changed(DIGITS, network=network, loss=loss, seed=seed))
        assert [f.status for f in findings] == ["pass", "pass"], (loss, depth, seed)


@pytest.mark.parametrize("loss", [Softmax(), Svm(), SquaredSvm()], ids=lambda loss: loss.type)
def test_weights_ten_times_too_large_are_found(loss):
    for depth, seed in product((0, 1, 3), range(4)):
        large = Normal(std=10 / sqrt(30 if depth else 64))
        hidden = (Dense(units=30), Relu()) * depth
        experiment = changed(DIGITS, network=(*hidden, Dense(units=10, init=large)), seed=seed)
        standard = Data(source=Digits(), preprocess=(Standardize(),))
        _, configured = judge(changed(experiment, data=standard, loss=loss))
        assert configured.status in ("warn", "fail"), (depth, seed)


def test_a_network_is_judged_as_training_sees_it_but_for_the_noise():
    plain = (Dense(units=50), BatchNorm(), Relu(), Dense(units=10))
    noisy = (Dense(units=50), BatchNorm(), Relu(), Dropout(rate=0.0), Dense(units=10))
    very_noisy = (*noisy[:3], Dropout(rate=0.9), noisy[4])
    found, none, much = (
        [f.measured for f in judge(changed(DIGITS, network=n))] for n in (plain, noisy, very_noisy)
    )
    assert none == much
    assert found[0] == none[0]
    smooth = changed(DIGITS, network=noisy, loss=Softmax(label_smoothing=0.9))
    assert [f.measured for f in judge(smooth)] == none
    # Running averages would let the unnormalized scale of the inputs through.
    raw = changed(DIGITS, network=plain, data=Data(source=Digits(), preprocess=(Scale(by=1e-3),)))
    assert [f.status for f in judge(raw)] == ["pass", "pass"]


def test_layers_before_batch_normalization_are_not_blamed():
    huge = Normal(std=50)
    network = (Dense(units=50, init=huge), Relu(), BatchNorm(), Dense(units=10, init=huge))
    raw = Data(source=Digits(), preprocess=(Scale(by=0.01),))
    _, configured = judge(changed(DIGITS, network=network, data=raw))
    assert configured.status == "fail"
    assert list(configured.evidence["gains"]) == ["network[3].weights"]
    assert configured.hint.startswith("network[3].weights multiply their input by up to ")
    network = (Dense(units=50, init=Normal(std=1e38)), BatchNorm(), Dense(units=10))
    _, configured = judge(changed(DIGITS, network=network, data=raw))
    assert configured.message == "the initial loss is nan: the scores overflow"
    assert configured.hint.startswith("network[0].weights multiply their input by up to ")


@pytest.mark.parametrize(
    "behind",
    [
        (Sigmoid(),),
        (BatchNorm(),),
        (Softplus(), BatchNorm(), Prelu()),
        (Dropout(rate=0.5), Tanh()),
    ],
    ids=lambda layers: "-".join(layer.type for layer in layers),
)
@pytest.mark.parametrize("loss", [Softmax(), Svm(), SquaredSvm()], ids=lambda loss: loss.type)
def test_what_follows_the_output_layer_does_not_set_equal_scores_apart(loss, behind):
    network = (Dense(units=20), Relu(), Dense(units=10), *behind)
    at_zero, _ = judge(changed(DIGITS, network=network, loss=loss))
    assert at_zero.status == "pass"
    assert at_zero.message.startswith("with network[2], the output layer, at zero the loss is ")


def test_layers_of_other_kinds_have_gains_and_can_be_the_output_layer():
    maxout = (Maxout(units=30, pieces=3), Maxout(units=10))
    at_zero, configured = judge(changed(DIGITS, network=maxout))
    assert at_zero.status == configured.status == "pass"
    assert at_zero.message.startswith("with network[1], the output layer, at zero ")
    assert list(configured.evidence["gains"]) == ["network[0].weights", "network[1].weights"]
    assert all(0.5 < gain < 2 for gain in configured.evidence["gains"].values())


def test_a_network_without_weights_is_not_judged_at_zero():
    experiment = replace(blobs(3, features=3), network=(Prelu(),))
    at_zero, configured = judge(experiment)
    assert (at_zero.status, configured.status) == ("skip", "pass")
    assert at_zero.message == "not judged: no layer has weights"
    assert at_zero.hint == "give the network a layer that learns"
    _, large = judge(replace(experiment, network=(Prelu(), Scaled(by=100.0))))
    assert large.hint == "no weights make the scores large: look at the loss itself"


def test_scores_that_stay_unequal_are_not_judged():
    experiment = changed(DIGITS, network=(Dense(units=10), Scaled(by=1.0, shift=1.0)))
    at_zero, _ = judge(experiment)
    assert at_zero.status == "skip"
    assert at_zero.message == (
        "not judged: with network[0], the output layer, at zero the scores are not equal"
    )
    assert at_zero.hint == "look at what follows network[0]"


def test_one_layer_that_is_a_little_too_large():
    raw = Data(source=Digits(), preprocess=(Scale(by=3.0),))
    network = (Dense(units=10, init=Normal(std=0.3)),)
    _, configured = judge(changed(DIGITS, network=network, data=raw))
    gain = configured.evidence["gains"]["network[0].weights"]
    assert configured.hint == (
        f"network[0].weights multiply their input by {gain:.2g}: "
        "choose a smaller init or smaller inputs"
    )


def test_the_message_of_a_broken_loss():
    at_zero, _ = judge(with_loss_fault(DIGITS, lambda losses: 2 * losses))
    assert at_zero.message == (
        "with network[2], the output layer, at zero the loss is 4.6052, but must be: ln 10 = 2.3026"
    )


def test_unscaled_inputs_are_named():
    raw = changed(DIGITS, data=Data(source=Digits(), preprocess=(Scale(by=0.5),)))
    _, configured = judge(raw)
    assert configured.status == "fail"
    assert configured.hint == (
        "the inputs are unscaled, with a root mean square of 15.5: "
        "add standardize or scale to data.preprocess"
    )


def test_large_weights_are_named():
    network = (Dense(units=50), Relu(), Dense(units=10, init=Normal(std=2.0)))
    _, configured = judge(changed(DIGITS, network=network))
    assert configured.status in ("warn", "fail")
    assert configured.message.startswith("the initial loss is ")
    assert configured.hint.startswith("network[2].weights multiply their input by up to 13.8 ")
    assert configured.hint.endswith(
        "(root mean square times √fan_in; he gives 1.4): choose a smaller init"
    )


def test_large_weights_that_are_all_alike_are_named():
    alike = Constant(value=5.0)
    network = (Dense(units=50, init=alike), Relu(), Dense(units=10, init=Normal(std=0.5)))
    _, configured = judge(changed(DIGITS, network=network))
    assert configured.status == "fail"
    assert configured.hint == (
        "network[0].weights, network[2].weights multiply their input by up to 40 "
        "(root mean square times √fan_in; he gives 1.4): choose a smaller init"
    )


@pytest.mark.parametrize(
    "loss",
    [
        Svm(margin=1e6),
        SquaredSvm(margin=1e6),
        Svm(margin=1e-6),
        SquaredSvm(margin=1e-6),
        Softmax(class_weights=(1e6, *[1e-6] * 9)),
    ],
    ids=str,
)
def test_no_setting_that_is_allowed_looks_like_a_broken_loss(loss):
    at_zero, _ = judge(changed(DIGITS, loss=loss))
    assert at_zero.status == "pass", at_zero.message


def test_large_biases_are_named():
    layer = Dense(units=50, bias_init=Constant(value=30.0))
    network = (layer, Relu(), Dense(units=10, bias_init=Constant(value=30.0)))
    _, configured = judge(changed(DIGITS, network=network))
    assert configured.status == "fail"
    assert configured.hint == (
        "network[0].biases start at up to 30, beside which the signal is lost: "
        "choose a smaller bias_init"
    )


def test_scores_that_overflow_fail():
    network = (Dense(units=50, init=Normal(std=1e38)), Relu(), Dense(units=10, init=Normal(std=9)))
    at_zero, configured = judge(changed(DIGITS, network=network))
    assert configured.status == "fail"
    assert configured.message == "the initial loss is nan: the scores overflow"
    assert configured.hint.startswith("network[0].weights, network[2].weights multiply their input")
    assert at_zero.status == "skip"
    assert at_zero.message == (
        "not judged: the activations overflow before the output layer is reached"
    )
    assert at_zero.hint == "see initial-loss"


def test_many_linear_layers_in_a_row_are_named():
    network = (*[Dense(units=30, init=He())] * 25, Dense(units=10, init=He()))
    _, configured = judge(changed(DIGITS, network=network))
    assert configured.status in ("warn", "fail")
    assert configured.hint.startswith("26 layers multiply the signal by about 1.")
    assert configured.hint.endswith(
        " together: choose xavier where no relu follows, or put activations between them"
    )


def test_a_loss_below_chance_for_every_class_is_a_fault():
    def clipped(losses):
        return np.minimum(losses, log(10))  # equal scores still give ln 10

    loud = changed(DIGITS, network=two_layers(Normal(std=0.4)))
    at_zero, configured = judge(with_loss_fault(loud, clipped))
    assert at_zero.status == "pass"
    assert configured.status == "fail"
    assert configured.message.endswith(
        f"with each class in turn as the right one it is {configured.evidence['draws'][0]:.4f}, "
        "below ln 10 = 2.3026: no untrained network can know that much"
    )
    assert configured.hint == "look for a loss that is scaled or clipped"


def test_a_loss_below_chance_by_luck_is_none():
    """Two classes far apart are told apart by chance in about half of all draws."""
    experiment = blobs(2, noise=0.05)
    network = (Dense(units=2),)
    findings = [judge(replace(experiment, network=network, seed=s))[1] for s in range(40)]
    assert all(f.status == "pass" for f in findings)
    lucky = next(f for f in findings if f.measured < 0.5)
    assert lucky.message == (
        f"the initial loss is {lucky.measured:.4f}, {log(2) - lucky.measured:.2g} below "
        "ln 2 = 0.6931, by the luck of the draw: with each class in turn as the right one it is "
        f"{lucky.evidence['draws'][0]:.4f}"
    )


def test_a_loss_above_chance_by_luck_is_none():
    """A margin of 10 and two classes far apart: mistaken for each other, or told apart."""
    experiment = blobs(2, noise=0.05)
    network, loss = (Dense(units=2),), Svm(margin=10)
    findings = [
        judge(replace(experiment, network=network, seed=s, loss=loss))[1] for s in range(40)
    ]
    assert all(f.status == "pass" for f in findings)
    unlucky = next(f for f in findings if f.measured > 10.5)
    assert unlucky.message == (
        f"the initial loss is {unlucky.measured:.4f}, {unlucky.measured - 10:.2g} above "
        "(2 - 1)·10 = 10, by the luck of the draw: with each class in turn as the right one it is "
        f"{unlucky.evidence['draws'][0]:.4f}"
    )


def test_a_network_that_starts_far_apart_by_luck():
    lucky = []
    experiment = blobs(2, noise=0.05)
    for seed in range(300):
        sized = replace(experiment, network=(Dense(units=2, init=Normal(std=1.0)),), seed=seed)
        finding = judge(replace(sized, loss=SquaredSvm()))[1]
        if "median" in finding.message:
            lucky.append(finding)
    assert lucky
    found = lucky[0]
    assert found.status == "pass"
    assert found.message.endswith(
        f"with each class in turn as the right one it is {found.evidence['draws'][0]:.4f}, and "
        f"the median of 9 initializations is {median(found.evidence['draws']):.4f}"
    )


def test_all_zero_weights_start_at_ln_c_exactly():
    _, configured = judge(changed(DIGITS, network=two_layers(Zeros())))
    assert configured.measured == pytest.approx(log(10), rel=1e-6)
    assert configured.status == "pass"


def test_a_layer_between_the_weights_that_makes_the_scores_large():
    network = (Dense(units=50), Elu(alpha=1e5), Dense(units=10))
    _, configured = judge(changed(DIGITS, network=network))
    assert configured.status == "fail"
    gain = np.prod(list(configured.evidence["gains"].values()))
    assert configured.hint == (
        f"the weights multiply the signal by {gain:.3g} in all, which does not make such scores: "
        "look at the settings of the layers between them (nntrain check-activations)"
    )
