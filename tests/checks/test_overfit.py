"""overfit: learns 20 examples by heart, or says which half of it failed, why, and what to try."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.checks.memorize import choose, contradictions
from trainer_cli.checks.overfit import overfit
from trainer_cli.config.experiment import Overfit
from trainer_cli.datasets.dataset import Examples
from trainer_cli.nn.initializers import Zeros
from trainer_cli.nn.layers import Dense, Relu, Sigmoid, Tanh
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
        f"the cost on 20 training examples left 3 times the original {run.costs[0]:.4g} "
        f"behind after {run.diverged_at} update at learning rate 1e+04"
    )
    assert finding.hint == (
        "the rate is too high: try overfit.learning_rate=1e+03, or leave it out and a rate is found"
    )


def test_too_low_a_rate():
    finding, run = judge(DIGITS, learning_rate=1e-6)
    assert finding.status == "fail"
    assert finding.message == (
        f"20 training examples not learned by heart: accuracy is {run.accuracy:.2f}, not 1.00 and "
        f"the cost is not below 0.01; the cost went from {run.costs[0]:.4g} to {run.cost:.4g} "
        "in 200 updates at learning rate 1e-06"
    )
    assert finding.hint == (
        "the cost hardly moves: try overfit.learning_rate=1e-05, "
        "or leave it out and a rate is found"
    )


def test_almost_there():
    finding, run = judge(DIGITS, learning_rate=0.1)
    assert run.accuracy == 1.0
    assert finding.status == "fail"
    assert "not learned by heart: the cost is not below 0.01;" in finding.message
    assert finding.hint == (
        "the cost is still falling: try overfit.updates=400 or a higher overfit.learning_rate"
    )


def test_units_that_start_equal():
    network = (Dense(units=50, init=Zeros()), Relu(), Dense(units=10, init=Zeros()))
    finding, _ = judge(changed(DIGITS, network=network))
    assert finding.status == "fail"


def test_contradictory_labels_are_named():
    dataset = data_of(DIGITS)
    labels = dataset.train.labels.copy()
    rows = dataset.train.rows.copy()
    rows[7] = rows[3]
    labels[7] = (labels[3] + 1) % 10
    faulty = Examples(dataset.train.stored, rows, labels, dataset.train.pipeline)
    assert contradictions(replace(dataset, train=faulty), np.arange(20)) == (3, 7)
    finding, _ = judge(DIGITS, replace(dataset, train=faulty))
    assert finding.status == "fail"
    assert finding.hint == (
        "training examples 3 and 7 are equal but have different labels: no network can learn both"
    )


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
