"""The training loop: reshuffled batches, the best network kept, a stop that comes at once."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isfinite

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.config.experiment import Training
from trainer_cli.datasets import Feed
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import BatchNorm, Dense, Relu
from trainer_cli.nn.losses import Softmax, Svm
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Momentum, Sgd
from trainer_cli.optim.schedules import Exponential
from trainer_cli.training.loop import train
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.stack import assemble


def flat(outcome):
    return outcome.final.flats[0]


def test_every_example_is_seen_once_an_epoch_in_a_new_order(monkeypatch):
    experiment = changed(DIGITS, training=Training(epochs=3, batch_size=32))
    dataset = data_of(experiment)
    seen = []
    fill = Feed.fill

    def note(self, indices):
        if self.examples is dataset.train and not np.array_equal(indices, np.sort(indices)):
            seen.append(indices.copy())
        return fill(self, indices)

    monkeypatch.setattr(Feed, "fill", note)
    train(experiment, dataset)
    n = len(dataset.train)
    epochs = np.concatenate(seen).reshape(3, n)
    assert (np.sort(epochs, axis=1) == np.arange(n)).all()
    assert not np.array_equal(epochs[0], epochs[1])
    assert [len(batch) for batch in seen[:40]] == [32] * 39 + [n - 39 * 32]


@pytest.mark.parametrize(
    ("layers", "rest", "batches"),
    [
        ((BatchNorm(), Relu()), 1, 2),
        ((BatchNorm(), Relu()), 2, 3),
        ((Relu(),), 1, 3),
    ],
)
def test_a_rest_too_small_for_batch_normalization_is_left_out(layers, rest, batches):
    """β is all that a single example gives there, and must not be learned from."""
    dataset = data_of(blobs())
    size = (len(dataset.train) - rest) // 2
    dataset = replace(dataset, train=dataset.train.select(np.arange(2 * size + rest)))
    network = (Dense(units=8), *layers, Dense(units=3))
    training = Training(epochs=2, batch_size=size)
    outcome = train(changed(blobs(), network=network, training=training), dataset)
    assert outcome.alone.updates == 2 * batches


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    experiment = blobs()
    dataset = data_of(experiment)
    one, two = train(experiment, dataset), train(experiment, dataset)
    other = train(replace(experiment, seed=1), dataset)
    assert flat(one).tobytes() == flat(two).tobytes()
    assert flat(one).tobytes() != flat(other).tobytes()


def test_the_cost_of_an_epoch_is_that_of_all_its_examples_at_once():
    """Where nothing moves, it does not matter how the examples are cut into batches."""
    for loss in (Softmax(), Softmax(class_weights=(0.1, 1.0, 10.0)), Svm(class_weights=(9, 1, 3))):
        experiment = changed(blobs(), loss=loss, optimizer=Sgd(learning_rate=1e-30))
        outcome = train(experiment, data_of(blobs()))
        assert outcome.alone.epochs[0].cost == pytest.approx(outcome.alone.start.cost, rel=1e-5)


def test_watching_and_stopping_change_no_number():
    experiment = blobs()
    dataset = data_of(experiment)
    lines = []
    watched = train(
        experiment, dataset, Watchers(epoch=lambda end: lines.append((end.figures[0], end.best)))
    )
    assert flat(watched).tobytes() == flat(train(experiment, dataset)).tobytes()
    assert tuple(epoch for epoch, _ in lines) == watched.alone.epochs
    best = [epoch.epoch for epoch, best in lines if best]
    assert best[-1] == watched.alone.best.epoch


def test_the_best_network_is_the_one_that_was_kept():
    experiment = changed(DIGITS, training=Training(epochs=6, batch_size=32))
    dataset = data_of(experiment)
    outcome = train(experiment, dataset)
    accuracies = [epoch.validation_accuracy for epoch in outcome.alone.epochs]
    assert outcome.alone.best.validation_accuracy == max(accuracies)
    assert outcome.alone.best.epoch == accuracies.index(max(accuracies)) + 1
    stack = assemble([experiment], dataset, capacity=256)
    np.copyto(stack.network.parameters.stored, outcome.best.flats[0])
    feed = Feed(dataset.validation, stack.network.capacity)
    figures = stack.evaluate(feed, np.arange(len(dataset.validation)))
    assert figures.accuracy[0] == max(accuracies)


def test_the_start_is_the_untrained_network():
    experiment = changed(DIGITS, regularization=Regularization(l2=0.1))
    dataset = data_of(DIGITS)
    n = len(dataset.train)
    stack = assemble([experiment], dataset, capacity=n)
    figures = stack.evaluate(Feed(dataset.train, n), np.arange(n))
    start = train(experiment, dataset).alone.start
    assert start.loss == pytest.approx(figures.loss[0], rel=1e-6)
    assert start.accuracy == figures.accuracy[0]
    assert start.cost == pytest.approx(figures.loss[0] + stack.penalty.costs()[0], rel=1e-6)
    assert start.limit == pytest.approx(3 * start.cost, rel=1e-6)


def test_a_network_that_is_broken_from_the_start_is_not_trained():
    wild = Normal(std=1e30)
    network = (Dense(units=50, init=wild), Relu(), Dense(units=10, init=wild))
    outcome = train(changed(DIGITS, network=network), data_of(DIGITS))
    assert (outcome.alone.stopped, outcome.alone.updates, outcome.alone.epochs) == (
        "diverged",
        0,
        (),
    )


def test_an_explosion_stops_training_before_the_next_update():
    experiment = changed(DIGITS, optimizer=Momentum(learning_rate=1e6))
    outcome = train(experiment, data_of(DIGITS))
    assert outcome.alone.stopped == "diverged"
    assert outcome.alone.epochs == ()
    assert outcome.best is None
    assert outcome.alone.updates < 10
    assert not outcome.alone.last_cost <= outcome.alone.start.limit


@pytest.mark.parametrize("batch_size", [32, 2000])
def test_an_explosion_by_the_very_last_update_is_seen(batch_size):
    experiment = changed(
        DIGITS,
        optimizer=Momentum(learning_rate=1e9),
        training=Training(epochs=1, batch_size=batch_size),
    )
    outcome = train(experiment, data_of(DIGITS), batches_per_epoch=1)
    assert outcome.alone.updates == 1
    assert outcome.alone.stopped == "diverged"


def test_a_request_to_stop_is_followed_after_the_update():
    requests = iter([False, False, True])
    outcome = train(DIGITS, data_of(DIGITS), Watchers(stop=lambda: next(requests)))
    assert (outcome.alone.stopped, outcome.alone.updates, outcome.alone.epochs) == (
        "interrupted",
        3,
        (),
    )


def test_who_exploded_before_an_interruption_in_the_same_epoch_has_stopped_for_that():
    explosive = changed(blobs(), optimizer=Sgd(learning_rate=6.0))
    batches = []
    watchers = Watchers(batch=lambda *batch: batches.append(batch), stop=lambda: len(batches) == 8)
    outcome = train([replace(explosive, seed=m) for m in range(3)], data_of(blobs()), watchers)
    reasons = [history.stopped for history in outcome.histories]
    assert reasons == ["diverged", "interrupted", "diverged"]
    assert list(outcome.final.flats) == [1]
    assert [len(costs) for *_, costs in batches][::7] == [3, 1]  # one number for each member


def test_a_schedule_lowers_the_rate():
    experiment = changed(DIGITS, schedule=Exponential(factor=0.5))
    outcome = train(experiment, data_of(DIGITS))
    rates = [epoch.learning_rate for epoch in outcome.alone.epochs]
    assert rates == pytest.approx([0.03, 0.015, 0.0075])


def test_no_numpy_warning_reaches_the_terminal(recwarn):
    for rate in (1e3, 1e20, 1e38):
        train(changed(DIGITS, optimizer=Momentum(learning_rate=rate)), data_of(DIGITS))
    assert not recwarn.list


def test_a_batch_larger_than_the_data_is_all_of_it():
    experiment = changed(DIGITS, training=Training(epochs=2, batch_size=10**9))
    outcome = train(experiment, data_of(DIGITS))
    assert outcome.alone.updates == 2
    assert all(isfinite(epoch.cost) and epoch.cost < inf for epoch in outcome.alone.epochs)
