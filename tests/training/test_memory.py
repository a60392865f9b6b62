"""The estimate of what an experiment takes, and the refusal of one that cannot fit."""

import tracemalloc
from dataclasses import replace

import pytest

from tests.experiments import DIGITS, data_of
from trainer_cli.config.experiment import Training
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Momentum, Sgd
from trainer_cli.training import memory
from trainer_cli.training.loop import capacity, train


@pytest.mark.parametrize("optimizer", [Sgd(learning_rate=0.01), Momentum(learning_rate=0.01)])
@pytest.mark.parametrize("l2", [0.0, 0.01])
def test_the_estimate_is_what_training_takes(optimizer, l2):
    experiment = replace(
        DIGITS,
        network=(Dense(units=3000), Relu(), Dense(units=400), Relu(), Dense(units=10)),
        optimizer=optimizer,
        regularization=Regularization(l2=l2),
        training=Training(epochs=1, batch_size=400),
    )
    dataset = data_of(DIGITS)
    most = capacity(experiment.training.batch_size, len(dataset.train))
    estimate = memory.stack_bytes(experiment, dataset.shape, most)
    tracemalloc.start()
    train(experiment, dataset, batches_per_epoch=2)
    peak = tracemalloc.get_traced_memory()[1]
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
