"""How a network is put together: every fault is named, and honest designs are left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from tests.training.faults import HEALTHY
from trainer_cli.checks.architecture import check_architecture
from trainer_cli.config.rules import Bottleneck, DropoutRate
from trainer_cli.datasets.preprocess import Pca
from trainer_cli.nn.initializers import Constant, He, Zeros
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Elu,
    Flatten,
    Gelu,
    LeakyRelu,
    Maxout,
    MaxPool,
    Prelu,
    Relu,
    Sigmoid,
    Softplus,
    Tanh,
)
from trainer_cli.nn.losses import Svm

RULES = [
    "output-units",
    "output-activation",
    "missing-nonlinearity",
    "dropout-placement",
    "dropout-rate",
    "constant-initialization",
    "bottleneck",
]
HIDDEN, OUTPUT = Dense(units=50), Dense(units=10)


def judge(*network, **changes):
    experiment = changed(DIGITS, network=network)
    found = check_architecture(changed(experiment, **changes), data_of(experiment))
    assert [finding.rule for finding in found] == RULES
    return {finding.rule: finding for finding in found}


def wrong(found):
    return [rule for rule, finding in found.items() if finding.status in ("warn", "fail")]


def only(found, rule, status):
    assert wrong(found) == [rule]
    assert found[rule].status == status
    return found[rule].message, found[rule].hint


def test_the_messages_of_a_sound_network():
    found = judge(HIDDEN, Relu(), Dropout(rate=0.5), OUTPUT)
    assert [finding.status for finding in found.values()] == ["pass"] * 7
    assert [finding.message for finding in found.values()] == [
        "the network gives 10 scores for 10 classes",
        "no nonlinearity stands behind the layer that gives the scores",
        "layers with weights do not follow each other without a nonlinearity",
        "network[2] (dropout): neither before batch_norm nor last",
        "network[2] (dropout) silences 50% of the values: of 50 about 25 are left",
        "the weights of all hidden layers start different from each other",
        "network[0] (dense), the narrowest layer, gives 50 values to tell 10 classes apart",
    ]


def test_a_linear_network_has_little_to_judge():
    found = judge(OUTPUT)
    skipped = {rule: f.message for rule, f in found.items() if f.status == "skip"}
    assert not wrong(found)
    assert skipped == {
        "missing-nonlinearity": "not judged: fewer than two layers with weights",
        "dropout-placement": "not judged: the network has no dropout",
        "dropout-rate": "not judged: the network has no dropout",
        "constant-initialization": "not judged: no hidden layer",
        "bottleneck": "not judged: no hidden layer",
    }


@pytest.mark.parametrize(
    ("layer", "what"),
    [
        (Dense(units=7), "7 scores"),
        (Conv(filters=10, kernel=3), "the shape (8, 8, 10)"),
    ],
)
def test_another_number_of_scores_than_classes(layer, what):
    message, hint = only(judge(layer), "output-units", "fail")
    assert message == f"the network gives {what} for 10 classes"
    assert hint == "end it with {type: dense, units: 10}"


def test_data_of_a_single_class():
    experiment = changed(DIGITS, network=(Dense(units=1),))
    dataset = replace(data_of(DIGITS), classes=1)
    found = {finding.rule: finding for finding in check_architecture(experiment, dataset)}
    message, hint = only(found, "output-units", "fail")
    assert message == "the data have a single class: there is nothing to tell apart"
    assert hint == "look at the labels: is it the right column, are all classes in the file?"


@pytest.mark.parametrize(
    ("layer", "what", "floor"),
    [
        (Sigmoid(), "network[3] (sigmoid) holds the scores between 0 and 1", "1.4612"),
        (Tanh(), "network[3] (tanh) holds the scores between -1 and 1", "0.7966"),
    ],
)
def test_bounded_scores_keep_the_loss_up(layer, what, floor):
    message, hint = only(judge(HIDDEN, Relu(), OUTPUT, layer), "output-activation", "fail")
    assert message == f"{what}: the softmax loss of 10 classes cannot fall below {floor}"
    assert hint == "remove network[3]: scores are any numbers, and the loss does the rest"


def test_bounded_scores_under_another_loss():
    found = judge(HIDDEN, Relu(), OUTPUT, Tanh(), loss=Svm())
    message, _ = only(found, "output-activation", "warn")
    assert message == "network[3] (tanh) holds the scores between -1 and 1"


@pytest.mark.parametrize(
    "layer", [LeakyRelu(), Elu(), Gelu(), Softplus(), Prelu()], ids=lambda each: each.type
)
def test_bent_scores(layer):
    found = judge(HIDDEN, Relu(), OUTPUT, layer)
    message, hint = only(found, "output-activation", "warn")
    assert message == (
        f"network[3] ({layer.type}) bends the scores: it stands behind network[2], which gives them"
    )
    assert hint == "remove network[3]: scores are any numbers, and the loss does the rest"


def test_scores_that_are_cut_off():
    message, hint = only(judge(HIDDEN, Relu(), OUTPUT, Relu()), "output-activation", "fail")
    assert message == (
        "network[3] (relu) cuts off the scores below 0: it stands behind network[2], which gives "
        "them, and where it is 0 no gradient comes back"
    )
    assert hint == "remove network[3]: scores are any numbers, and the loss does the rest"


def test_bounded_scores_that_are_stretched_again_are_only_bent():
    found = judge(HIDDEN, Relu(), OUTPUT, Sigmoid(), BatchNorm())
    assert only(found, "output-activation", "warn")[0].startswith("network[3] (sigmoid) bends")


def test_two_linear_layers_in_a_row():
    found = judge(HIDDEN, BatchNorm(), Dropout(rate=0.5), OUTPUT)
    message, hint = only(found, "missing-nonlinearity", "warn")
    assert message == (
        "nothing nonlinear stands between network[0] (dense) and network[3] (dense): together they "
        "are one linear layer"
    )
    assert hint == "put relu behind network[0]"


def test_every_place_without_a_nonlinearity_is_named():
    network = (Conv(filters=4, kernel=3), AvgPool(), Flatten(), HIDDEN, OUTPUT)
    message, hint = only(judge(*network), "missing-nonlinearity", "warn")
    assert message == (
        "nothing nonlinear stands between network[0] (conv) and network[3] (dense), network[3] "
        "(dense) and network[4] (dense): together they are one linear layer"
    )
    assert hint == "put relu behind network[0] and network[3]"


def test_dropout_right_before_batch_normalization():
    found = judge(HIDDEN, Dropout(rate=0.5), BatchNorm(), Relu(), OUTPUT)
    message, hint = only(found, "dropout-placement", "warn")
    assert message == (
        "network[1] (dropout) stands before network[2] (batch_norm), which learns the variance "
        "that dropout makes in training and not in evaluation"
    )
    assert hint == "move it behind network[2] and its nonlinearity"


def test_dropout_behind_the_output_layer():
    found = judge(HIDDEN, Relu(), OUTPUT, Dropout(rate=0.5))
    message, hint = only(found, "dropout-placement", "fail")
    assert message == (
        "network[3] (dropout) silences scores: it stands behind network[2] (dense), which gives "
        "them"
    )
    assert hint == "move it before network[2], or remove it"


def test_dropout_that_leaves_too_little():
    found = judge(HIDDEN, Relu(), Dropout(rate=0.99), OUTPUT)
    message, hint = only(found, "dropout-rate", "warn")
    assert message == (
        "network[2] (dropout) silences 99% of the values: of 50 about 0.5 are left, which can "
        "hardly tell 10 classes apart"
    )
    assert hint == (
        "lower network[2].rate, the share that is silenced, not the one that is kept: 0.5 is "
        "usual, and 0.2 on inputs; or give the layer before it more units"
    )


def test_dropout_of_what_should_be_kept():
    found = judge(Dropout(rate=0.9), HIDDEN, Relu(), OUTPUT)
    message, hint = only(found, "dropout-rate", "warn")
    assert message == "network[0] (dropout) silences 90% of the values: of 64 about 6.4 are left"
    assert hint == (
        "lower network[0].rate, the share that is silenced, not the one that is kept: 0.5 is "
        "usual, and 0.2 on inputs"
    )


def test_usual_dropout_is_let_be():
    found = judge(Dropout(rate=0.2), HIDDEN, Relu(), Dropout(rate=0.5), OUTPUT)
    assert not wrong(found)
    assert found["dropout-rate"].message == (
        "network[3] (dropout) silences 50% of the values: of 50 about 25 are left"
    )
    strict = judge(
        HIDDEN,
        Relu(),
        Dropout(rate=0.5),
        OUTPUT,
        checks=frozenset({DropoutRate(largest=0.4)}),
    )
    assert wrong(strict) == ["dropout-rate"]


@pytest.mark.parametrize("init", [Zeros(), Constant(value=0.1)], ids=["zeros", "constant 0.1"])
def test_units_that_stay_equal(init, request):
    network = (Dense(units=50, init=init), Tanh(), Dense(units=10, init=init))
    message, hint = only(judge(*network), "constant-initialization", "fail")
    name = request.node.callspec.id
    assert message == (
        f"all units start equal in network[0] (dense) with init {name}: they get the same "
        "gradient, and stay equal for ever"
    )
    assert hint == "start from random weights: leave init out, or use he or xavier"


def test_nothing_gets_through_relu_at_zero():
    network = (Dense(units=50, init=Zeros()), Relu(), OUTPUT)
    assert only(judge(*network), "constant-initialization", "fail")


def test_units_that_only_what_follows_sets_apart():
    network = (Dense(units=50, init=Constant(value=0.01)), Relu(), OUTPUT)
    message, _ = only(judge(*network), "constant-initialization", "warn")
    assert message == (
        "all units start equal in network[0] (dense) with init constant 0.01: only what follows "
        "sets them apart, and slowly"
    )


def test_a_single_unit_for_many_classes():
    message, hint = only(judge(Dense(units=1), Relu(), OUTPUT), "bottleneck", "fail")
    assert message == (
        "network[0] (dense) gives a single value, which can hardly tell 10 classes apart"
    )
    assert hint == "give it more units: about as many as there are classes, or more"


def test_three_units_for_a_hundred_classes():
    experiment = changed(DIGITS, network=(Dense(units=3), Relu(), Dense(units=100)))
    dataset = replace(data_of(DIGITS), classes=100)
    found = {finding.rule: finding for finding in check_architecture(experiment, dataset)}
    message, _ = only(found, "bottleneck", "warn")
    assert message == (
        "network[0] (dense), the narrowest layer, gives 3 values, which can hardly tell 100 "
        "classes apart"
    )


def test_an_image_pooled_to_a_single_value():
    message, hint = only(judge(MaxPool(size=8), HIDDEN, Relu(), OUTPUT), "bottleneck", "warn")
    assert message == (
        "network[0] (max_pool) gives a single value, which can hardly tell 10 classes apart"
    )
    assert hint == "lower network[0].size, or put weights before it that give more channels"


def test_a_single_principal_direction():
    experiment = changed(
        DIGITS,
        data=replace(DIGITS.data, preprocess=(Pca(dimensions=1),)),
        network=(HIDDEN, Relu(), OUTPUT),
    )
    found = {f.rule: f for f in check_architecture(experiment, data_of(experiment))}
    message, hint = only(found, "bottleneck", "warn")
    assert message == (
        "data.preprocess gives a single value, which can hardly tell 10 classes apart"
    )
    assert hint == "keep more of it: raise pca's dimensions in data.preprocess"


def test_data_of_a_single_feature_are_what_they_are():
    experiment = changed(
        blobs(features=1, classes=10), network=(Dense(units=50), Relu(), Dense(units=10))
    )
    found = {f.rule: f for f in check_architecture(experiment, data_of(experiment))}
    assert not wrong(found)


def test_the_threshold_is_the_experiments():
    two = (Dense(units=2), Relu(), OUTPUT)
    assert not wrong(judge(*two))
    assert wrong(judge(*two, checks=frozenset({Bottleneck(values=2.0)}))) == ["bottleneck"]


HONEST = {
    "zeros at the output": (HIDDEN, Relu(), Dense(units=10, init=Zeros())),
    "constant biases": (Dense(units=50, bias_init=Constant(value=0.01)), Relu(), OUTPUT),
    "one unit that starts at zero": (
        Dense(units=8),
        Relu(),
        Dense(units=2, init=He()),
        Tanh(),
        OUTPUT,
    ),
    "maxout": (Maxout(units=20), Maxout(units=20), OUTPUT),
    "max_pool between": (Conv(filters=4, kernel=3), MaxPool(), Flatten(), OUTPUT),
    "low rank": (Dense(units=5), Dense(units=50), Relu(), OUTPUT),
    "dropout in blocks": (
        HIDDEN,
        BatchNorm(),
        Relu(),
        Dropout(rate=0.3),
        HIDDEN,
        BatchNorm(),
        Relu(),
        Dropout(rate=0.3),
        OUTPUT,
    ),
    "dropout switched off": (HIDDEN, Dropout(rate=0.0), BatchNorm(), Relu(), OUTPUT),
    "scores averaged over the image": (
        Conv(filters=10, kernel=3),
        Relu(),
        AvgPool(size=8),
        Flatten(),
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_designs_are_left_alone(name):
    assert not wrong(judge(*HONEST[name]))


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_experiments_are_left_alone(name):
    experiment = HEALTHY[name]
    found = {f.rule: f for f in check_architecture(experiment, data_of(experiment))}
    assert not wrong(found)
