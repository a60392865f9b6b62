"""The estimate of what an experiment takes, and the refusal of one that cannot fit."""

import tracemalloc
from dataclasses import replace

import pytest

from tests.experiments import DIGITS, data_of
from tests.nn.examples import EXAMPLES
from trainer_cli.checks.gradient import check_grad
from trainer_cli.checks.gradient_points import COPIES, PASSES, batch_size
from trainer_cli.checks.initial_loss import check_loss
from trainer_cli.checks.memorize import memorize
from trainer_cli.checks.regularization import check_reg
from trainer_cli.checks.regularization import copies as regularization_copies
from trainer_cli.config.experiment import Overfit, Training
from trainer_cli.nn.layers import Conv, Dense, Relu
from trainer_cli.nn.network import parameter_count
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Momentum, Sgd
from trainer_cli.training import memory
from trainer_cli.training.loop import train
from trainer_cli.training.material import capacity


def estimate_and_peak(**settings):
    """Return the bytes that training is thought to take, and those that it takes."""
    experiment = replace(DIGITS, training=Training(epochs=1, batch_size=400), **settings)
    dataset = data_of(DIGITS)
    most = capacity(experiment.training.batch_size, len(dataset.train))
    estimate = memory.training_bytes(experiment, dataset.shape, most)
    tracemalloc.start()
    try:
        train(experiment, dataset, batches_per_epoch=2)
        return estimate, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("optimizer", [Sgd(learning_rate=0.01), Momentum(learning_rate=0.01)])
@pytest.mark.parametrize(
    "regularization",
    [
        Regularization(),
        Regularization(l2=0.01),
        Regularization(max_norm=1.0),
        Regularization(l1=1e-3, l2=0.01, max_norm=1.0),
    ],
)
def test_the_estimate_is_what_training_takes(optimizer, regularization):
    estimate, peak = estimate_and_peak(
        network=(Dense(units=3000), Relu(), Dense(units=400), Relu(), Dense(units=10)),
        optimizer=optimizer,
        regularization=regularization,
    )
    assert 0.6 * estimate < peak < 1.1 * estimate


@pytest.mark.parametrize("check", ["check-grad", "check-reg", "overfit", "check-loss"])
@pytest.mark.parametrize("penalty", [Regularization(), Regularization(l1=1e-3, l2=0.01)])
def test_the_estimate_is_what_a_check_takes(check, penalty):
    network = (Dense(units=3000), Relu(), Dense(units=400), Relu(), Dense(units=10))
    overfit_settings = Overfit(updates=2, learning_rate=0.1, balanced=True)
    experiment = replace(
        DIGITS, network=network, regularization=penalty, overfit=overfit_settings, optimizer=Sgd()
    )
    dataset = data_of(DIGITS)
    run, batch, dtype, copies = {
        "check-grad": (check_grad, PASSES * batch_size(experiment, dataset), "float64", COPIES),
        "check-reg": (check_reg, 1000, "float64", regularization_copies(experiment)),
        "check-loss": (check_loss, 1000, None, 0),
        "overfit": (memorize, 20, None, 0),
    }[check]
    estimate = memory.stack_bytes(experiment, dataset.shape, batch, dtype, copies=copies)
    tracemalloc.start()
    try:
        run(experiment, dataset)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0.5 * estimate < peak < 1.1 * estimate


def test_what_a_single_layer_says_of_itself_counts():
    layers = (Dense(units=50), Dense(units=10))
    plain = memory.stack_bytes(replace(DIGITS, network=layers), (64,), 20)
    size = parameter_count(layers, (64,)) * 4
    for own, arrays in (
        ({"l1": 0.1}, 1),
        ({"l1": 0.1, "l2": 0.1}, 1),
        ({"l2": 0.1, "max_norm": 1.0}, 1),
        ({"l1": 0.0, "max_norm": 0.0}, 0),
    ):
        experiment = replace(DIGITS, network=(replace(layers[0], **own), layers[1]))
        assert memory.stack_bytes(experiment, (64,), 20) == plain + arrays * size


@pytest.mark.parametrize(("layer", "shape"), EXAMPLES, ids=str)
def test_the_estimate_holds_for_every_layer(layer, shape):
    """It takes every buffer for needed; the first layer, or a single member, can do with less."""
    below = Dense(units=2000) if len(shape) == 1 else Conv(filters=64)
    estimate, peak = estimate_and_peak(network=(below, layer, Dense(units=10)))
    assert 0.4 * estimate < peak < 1.1 * estimate


@pytest.mark.parametrize("own_data", [False, True], ids=["seeds", "folds"])
def test_the_estimate_holds_for_several_members(own_data):
    network = (Dense(units=1000), Relu(), Dense(units=200), Relu(), Dense(units=10))
    experiment = replace(DIGITS, network=network, training=Training(epochs=1, batch_size=300))
    data = data_of(DIGITS)
    most = capacity(experiment.training.batch_size, len(data.train))
    estimate = memory.training_bytes(experiment, data.shape, most, members=6)
    experiments = [replace(experiment, seed=0 if own_data else m) for m in range(6)]
    tracemalloc.start()
    try:
        train(experiments, [replace(data) for _ in range(6)] if own_data else data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0.6 * estimate < peak < 1.1 * estimate


def test_what_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**30)
    memory.require_memory("training", 2**30)
    with pytest.raises(memory.DoesNotFitError) as caught:
        memory.require_memory("training", 50 * 2**30)
    assert str(caught.value) == (
        "training needs about 50 GiB of memory, but only 1.00 GiB is available"
    )


def test_where_the_system_does_not_tell_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: None)
    memory.require_memory("training", 2**80)
    assert [len(some) for some in memory.in_stacks([DIGITS] * 33, (8, 8, 1), 20)] == [33]


def test_members_side_by_side_take_at_most_half_the_free_memory(monkeypatch):
    alone = memory.stack_bytes(DIGITS, (8, 8, 1), 20)
    monkeypatch.setattr(memory, "available_bytes", lambda: 10 * alone)
    assert [len(some) for some in memory.in_stacks([DIGITS] * 12, (8, 8, 1), 20)] == [5, 5, 2]
    monkeypatch.setattr(memory, "available_bytes", lambda: alone // 2)
    assert [len(some) for some in memory.in_stacks([DIGITS] * 2, (8, 8, 1), 20)] == [1, 1]


def test_this_machine_tells():
    assert memory.available_bytes() > 2**20


@pytest.mark.parametrize(
    ("size", "words"),
    [(2**20, "0.00 GiB"), (3 * 2**29, "1.50 GiB"), (3_100 * 2**30, "3,100 GiB")],
)
def test_sizes_in_words(size, words):
    assert memory.gibibytes(size) == words
