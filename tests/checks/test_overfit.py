"""overfit: learns 20 examples by heart, or says which half of it failed, why, and what to try."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.checks import memorize as memorization
from trainer_cli.checks.memorize import agreeing, choose, contradictions, memorize
from trainer_cli.checks.overfit import overfit
from trainer_cli.config.experiment import Overfit
from trainer_cli.datasets import Data
from trainer_cli.datasets.augment import Noise
from trainer_cli.datasets.dataset import Examples
from trainer_cli.datasets.preprocess import Scale
from trainer_cli.datasets.sources import Synthetic
from trainer_cli.nn.initializers import Constant, Normal, Zeros
from trainer_cli.nn.layers import BatchNorm, Dense, Dropout, Relu, Sigmoid, Tanh
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.nn.regularization import Regularization


def judge(experiment, dataset=None, **settings):
    settings = Overfit(**settings)
    return overfit(replace(experiment, overfit=settings), dataset or data_of(experiment))


def test_the_built_in_digits_are_learned():
    finding, run = judge(DIGITS, learning_rate=0.5)
    assert finding.status == "pass"
    assert (finding.rule, finding.hint, run.accuracy) == ("overfit", None, 1.0)
    assert len(run.costs) == 201
    assert finding.measured == run.costs[-1] < 0.01
    assert finding.message == (
        "20 training examples learned by heart: accuracy 1.00; the cost went from "
        f"{run.costs[0]:.4g} to {run.cost:.4g} in 200 updates at learning rate 0.5"
    )


def test_a_rate_is_found_when_none_is_given():
    finding, run = judge(DIGITS)
    assert finding.status == "pass"
    assert run.rate_found
    assert finding.message.endswith(
        f"at learning rate {run.learning_rate:.3g} (found by trying 1e-06 to 100)"
    )
    alone, _ = judge(DIGITS, learning_rate=run.learning_rate)
    assert alone.status == "pass"
    assert alone.measured == pytest.approx(run.cost, rel=1e-3)


@pytest.mark.parametrize("activation", [Relu(), Tanh(), Sigmoid()])
@pytest.mark.parametrize("hidden", [1, 2])
def test_sound_networks_of_many_kinds_pass(activation, hidden):
    for seed in range(3):
        layers = (Dense(units=40), activation) * hidden
        experiment = replace(DIGITS, network=(*layers, Dense(units=10)), seed=seed)
        finding, _ = judge(experiment, data_of(DIGITS))
        assert finding.status == "pass", finding.message


def test_regularization_is_off():
    strong = changed(DIGITS, regularization=Regularization(l2=1e3))
    assert judge(strong, learning_rate=0.5)[0].measured == pytest.approx(
        judge(DIGITS, learning_rate=0.5)[0].measured
    )


def test_too_high_a_rate():
    finding, run = judge(DIGITS, learning_rate=1e4)
    assert finding.status == "fail"
    assert finding.message == (
        f"the cost on 20 training examples exceeded 3 times the original {run.costs[0]:.4g} "
        f"after {run.diverged_at} update at learning rate 1e+04"
    )
    found, best = judge(DIGITS)
    assert found.status == "pass"
    assert finding.hint == (
        f"the rate is to blame: overfit.learning_rate={best.learning_rate:.3g} succeeds, "
        f"with a cost of {best.cost:.2g}"
    )


def test_too_low_a_rate():
    finding, run = judge(DIGITS, learning_rate=1e-6)
    assert finding.status == "fail"
    assert finding.message == (
        f"20 training examples not learned by heart: accuracy is {run.accuracy:.2f}, not 1.00, "
        f"and the cost is not below 0.01; the cost went from {run.costs[0]:.4g} to {run.cost:.4g} "
        "in 200 updates at learning rate 1e-06"
    )
    _, best = judge(DIGITS)
    assert finding.hint == (
        f"the rate is to blame: overfit.learning_rate={best.learning_rate:.3g} succeeds, "
        f"with a cost of {best.cost:.2g}"
    )


def test_almost_there():
    finding, run = judge(DIGITS, learning_rate=0.1)
    assert run.accuracy == 1.0
    assert finding.status == "fail"
    assert "not learned by heart: the cost is not below 0.01;" in finding.message
    assert finding.hint.startswith("the rate is to blame: overfit.learning_rate=")


def test_too_few_updates():
    finding, run = judge(DIGITS, updates=2)
    assert run.updates == 2
    assert finding.hint == ("no rate does it yet, but the cost still falls: try overfit.updates=32")


def test_a_cost_that_still_falls_gets_more_updates():
    finding, run = judge(DIGITS, updates=8)
    assert finding.status == "pass"
    assert (run.updates, run.rate_found) == (32, True)
    assert finding.message.startswith("20 training examples learned by heart: accuracy 1.00; ")
    assert " in 32 updates at learning rate " in finding.message


def test_a_network_of_few_numbers_gets_fewer_examples():
    """Two units on three classes that overlap: 2·2 + 2 + 2·3 + 3 = 15 numbers."""
    tiny = changed(blobs(noise=3.0), network=(Dense(units=2), Tanh(), Dense(units=3)))
    finding, run = judge(tiny)
    assert finding.status == "pass"
    assert len(run.chosen) == 3
    assert finding.message.startswith("3 training examples learned by heart: accuracy 1.00; ")


def test_class_weights_that_pass_over_a_class_are_named():
    weights = (1e-6, *[1.0] * 9)
    finding, _ = judge(changed(DIGITS, loss=Softmax(class_weights=weights)))
    assert finding.status == "fail"
    assert finding.hint == (
        "the cost is low and the accuracy is not: loss.class_weights, from 1e-06 to 1, pass over "
        "some classes; bring them closer together"
    )


def test_unscaled_inputs_are_named():
    raw = Data(source=Synthetic(classes=4, features=10, noise=0.5), preprocess=(Scale(by=1e-8),))
    experiment = changed(DIGITS, data=raw, network=(Dense(units=8), Relu(), Dense(units=4)))
    finding, _ = judge(experiment)
    assert finding.status == "fail"
    assert finding.hint.startswith(
        "no rate does it, and the inputs are unscaled, with a root mean square of "
    )
    assert finding.hint.endswith(": add standardize or scale to data.preprocess")


def test_scores_that_are_bounded():
    network = (Dense(units=50), Relu(), Dense(units=10), Sigmoid())
    finding, _ = judge(changed(DIGITS, network=network))
    assert finding.status == "fail"
    assert finding.hint == "network[3] (sigmoid) bounds the scores: remove it"


def test_a_network_that_is_too_small():
    finding, _ = judge(changed(DIGITS, network=(Dense(units=1), Relu(), Dense(units=10))))
    assert finding.hint == (
        "no rate does it: network[0] (dense) leaves 1 value of an example; give it more units: "
        "about as many as there are classes, or more"
    )


NOTHING_LEARNED = {
    "start equal": (Dense(units=50, init=Zeros()), Relu(), Dense(units=10, init=Zeros())),
    "dead": (Dense(units=50, bias_init=Constant(value=-1000)), Relu(), Dense(units=10)),
}


@pytest.mark.parametrize("network", NOTHING_LEARNED.values(), ids=NOTHING_LEARNED)
def test_more_units_are_no_help_where_only_class_frequencies_are_learned(network):
    finding, run = judge(changed(DIGITS, network=network))
    assert run.cost == pytest.approx(run.constant, rel=1e-4)
    assert finding.hint == (
        "at no rate does the cost fall below 2.25, which the class frequencies alone give: look "
        "for weights that start equal or too small, dead or saturated units (nntrain "
        "check-activations), inputs all zero"
    )
    finding, _ = judge(changed(DIGITS, network=network), balanced=True)
    assert finding.hint == (
        "the cost hardly moves at any rate: look for weights that start equal or too small, dead "
        "or saturated units (nntrain check-activations), inputs all zero"
    )


def test_examples_of_one_class_are_not_judged():
    dataset = data_of(DIGITS)
    of_one_class = dataset.train.select(np.flatnonzero(dataset.train.labels == 3))
    finding, _ = judge(DIGITS, replace(dataset, train=of_one_class))
    assert finding.status == "skip"
    assert finding.message == (
        "not judged: all of the 20 training examples have the same label, which any network learns"
    )
    only = "the training split needs examples of two classes or more"
    assert finding.hint == only
    sorted_by_class = dataset.train.select(np.argsort(dataset.train.labels, kind="stable"))
    finding, _ = judge(DIGITS, replace(dataset, train=sorted_by_class))
    assert finding.hint == "the data are sorted by class: set overfit.balanced=true"
    finding, _ = judge(DIGITS, replace(dataset, train=of_one_class), balanced=True)
    assert finding.hint == only


def test_a_single_example_is_not_judged():
    finding, _ = judge(DIGITS, examples=1)
    assert finding.status == "skip"
    assert finding.message == (
        "not judged: one training example has one label, which any network learns"
    )
    assert finding.hint == "set overfit.examples to 2 or more"


def test_a_network_that_is_broken_from_the_start():
    wild = Normal(std=1e30)
    network = (Dense(units=50, init=wild), Relu(), Dense(units=10, init=wild))
    finding, _ = judge(changed(DIGITS, network=network), learning_rate=0.5)
    assert finding.message == (
        "the cost on 20 training examples is not finite before the first update"
    )
    assert finding.hint == (
        "look at the scale of the inputs and of the initial weights (nntrain check-loss)"
    )


def test_units_that_start_equal():
    network = (Dense(units=50, init=Zeros()), Relu(), Dense(units=10, init=Zeros()))
    finding, _ = judge(changed(DIGITS, network=network))
    assert finding.status == "fail"


def with_twins(dataset, *pairs):
    """Let the second of each pair be equal to the first, and of another class."""
    labels, rows = dataset.train.labels.copy(), dataset.train.rows.copy()
    for one, other in pairs:
        rows[other] = rows[one]
        labels[other] = (labels[one] + 1) % 10
    return replace(
        dataset, train=Examples(dataset.train.stored, rows, labels, dataset.train.pipeline)
    )


def test_examples_that_contradict_others_are_left_out():
    faulty = with_twins(data_of(DIGITS), (3, 7), (3, 9))
    assert contradictions(faulty, np.arange(20)) == (3, 7)
    assert agreeing(faulty, 20, balanced=False).tolist() == [
        *(0, 1, 2, 3, 4, 5, 6, 8),
        *range(10, 22),
    ]
    finding, run = judge(DIGITS, faulty)
    assert finding.status == "pass"
    assert contradictions(faulty, run.chosen) is None


def test_contradictory_labels_are_named_where_there_are_no_others():
    dataset = data_of(DIGITS)
    few = replace(dataset, train=dataset.train.select(np.arange(20)))
    finding, _ = judge(DIGITS, with_twins(few, (3, 7)))
    assert finding.status == "fail"
    assert finding.hint == (
        "examples 3 and 7 of the training split are equal but have different labels: "
        "no network can learn both"
    )


def test_zeros_of_either_sign_are_equal():
    dataset = data_of(blobs(features=1, examples=40))
    stored = np.array([[0.0], [-0.0], [1.0]], np.float32)
    train = Examples(stored, np.arange(3), np.array([0, 1, 1]), dataset.train.pipeline)
    assert contradictions(replace(dataset, train=train), np.arange(3)) == (0, 1)


SPIRALS = changed(
    blobs(),
    data=Data(source=Synthetic(kind="spirals", examples=600, noise=0.1)),
    network=(Dense(units=100), Relu(), Dense(units=3)),
)


def test_adam_learns_what_gradient_descent_is_slow_at():
    finding, run = judge(SPIRALS)
    assert (finding.status, run.method, run.updates) == ("pass", "adam", 2000)
    assert finding.message == (
        "20 training examples learned by heart: accuracy 1.00; the cost went from "
        f"{run.costs[0]:.4g} to {run.cost:.4g} in 2,000 updates of adam at learning rate "
        f"{run.learning_rate:.3g}"
    )


def test_a_costly_network_goes_on_at_the_best_rates(monkeypatch):
    whole = memorize(DIGITS, data_of(DIGITS))
    monkeypatch.setattr(memorization, "AFFORDABLE", 0)
    short = memorize(DIGITS, data_of(DIGITS))
    assert short.succeeded
    assert short.updates == whole.updates == 200
    given_up = memorize(replace(DIGITS, overfit=Overfit(updates=4)), data_of(DIGITS))
    assert given_up.updates == 4


def test_the_first_examples_or_balanced_ones():
    labels = np.array([0, 0, 0, 1, 0, 2, 1, 2])
    assert choose(labels, 3, balanced=False).tolist() == [0, 1, 2]
    assert choose(labels, 3, balanced=True).tolist() == [0, 3, 5]
    assert choose(labels, 5, balanced=True).tolist() == [0, 1, 3, 5, 6]
    assert choose(labels, 99, balanced=True).tolist() == list(range(8))
    assert choose(labels, 99, balanced=False).tolist() == list(range(8))


def test_fewer_examples_than_asked_for():
    finding, run = judge(blobs(examples=20))
    assert len(run.chosen) == len(data_of(blobs(examples=20)).train)
    assert finding.message.startswith(f"{len(run.chosen)} training examples ")


@pytest.mark.parametrize(
    "loss",
    [Svm(), SquaredSvm(), Svm(margin=100), SquaredSvm(margin=100), SquaredSvm(margin=0.01)],
    ids=lambda loss: f"{loss.type}-{loss.margin:g}",
)
def test_digits_are_learned_by_svm_losses(loss):
    finding, run = judge(changed(DIGITS, loss=loss))
    assert finding.status == "pass", finding.message
    assert finding.threshold == run.limit == 0.01 * loss.unit()


def test_the_limit_of_the_cost_grows_with_the_margin():
    finding, _ = judge(changed(DIGITS, loss=Svm(margin=100)), learning_rate=1e-6)
    assert ", and the cost is not below 1; the cost went from " in finding.message


def test_batch_normalization_is_judged_as_in_training():
    network = (Dense(units=50), BatchNorm(momentum=0.999), Relu(), Dense(units=10))
    finding, run = judge(changed(DIGITS, network=network))
    assert finding.status == "pass"
    assert finding.message == (
        "20 training examples learned by heart: accuracy 1.00; the cost went from "
        f"{run.costs[0]:.4g} to {run.cost:.4g} in 200 updates at learning rate "
        f"{run.learning_rate:.3g} (found by trying 1e-06 to 100); "
        "batch normalization went by these examples, as in training"
    )


def test_what_makes_training_noisy_or_weights_small_is_off():
    data = replace(DIGITS.data, augment=(Noise(std=3.0),))
    heavy = (
        Dense(units=50, l1=1.0, max_norm=1e-3),
        Relu(),
        Dropout(rate=0.9),
        Dense(units=10, l2=1e3),
    )
    light = (Dense(units=50), Relu(), Dropout(rate=0.0), Dense(units=10))
    expected = judge(changed(DIGITS, network=light), learning_rate=0.5)[1]
    noisy = changed(DIGITS, network=heavy, data=data, loss=Softmax(label_smoothing=0.5))
    assert judge(noisy, learning_rate=0.5)[1].costs == expected.costs


def test_class_weights_play_their_part_and_raise_no_alarm():
    weighted = changed(DIGITS, loss=Softmax(class_weights=tuple(1.0 + c for c in range(10))))
    finding, run = judge(weighted)
    assert finding.status == "pass"
    assert run.costs[0] != judge(DIGITS)[1].costs[0]
