"""A stack of trials: each has what it would have alone, and says how it ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments import DIGITS, data_of
from tests.search.tasks import at_rates, messages_of, results_of, task_of
from trainer_cli.config.experiment import Training
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.search.messages import Progress
from trainer_cli.search.stacked import rungs_of
from trainer_cli.search.trials import Result
from trainer_cli.training.loop import train

RATES = [1e-6, 1e6, 0.03, 3.0, 0.1, 1e30]


def test_every_trial_has_one_result():
    results = results_of(task_of(at_rates(RATES)))
    assert [result.trial for result in results] == [1, 2, 3, 4, 5, 6]
    states = [result.state for result in results]
    assert states == ["finished", "diverged", "finished", "diverged", "finished", "diverged"]
    assert [result.values["optimizer.learning_rate"] for result in results] == RATES


def test_a_trial_ends_where_training_ends():
    experiments = at_rates(RATES)
    for result, experiment in zip(results_of(task_of(experiments)), experiments, strict=True):
        alone = train(experiment, data_of(DIGITS)).alone
        assert result.original_cost == pytest.approx(alone.start.cost, rel=1e-6)
        assert result.updates == alone.updates
        if result.state == "diverged":
            assert alone.stopped == "diverged"
            assert result.epochs == len(alone.epochs)
            continue
        last = alone.epochs[-1]
        assert result.epochs == 3
        assert result.train_loss == pytest.approx(last.train_loss, rel=1e-3)
        assert result.validation_loss == pytest.approx(last.validation_loss, rel=1e-3)
        assert result.train_accuracy == pytest.approx(last.train_accuracy, abs=2e-3)
        assert result.validation_accuracy == pytest.approx(last.validation_accuracy, abs=5e-3)


def test_the_same_task_tells_the_same():
    task = task_of(at_rates(RATES), halving=2)
    assert messages_of(task) == messages_of(task)


def test_an_explosion_is_told_at_once_and_why():
    messages = messages_of(task_of(at_rates([0.03, 1e6])))
    first = next(m for m in messages if isinstance(m, Result))
    assert messages.index(first) <= 2
    assert (first.trial, first.state, first.epochs, first.updates) == (2, "diverged", 0, 1)
    cost, limit = f"{first.cost:.4g}", f"{3 * first.original_cost:.4g}"
    assert first.reason == f"cost {cost} in epoch 1, limit {limit}"
    assert first.validation_accuracy is None


def test_what_is_not_a_number_is_left_out():
    wild = Normal(std=1e30)
    broken = replace(
        DIGITS, network=(Dense(units=50, init=wild), Relu(), Dense(units=10, init=wild))
    )
    fine, result = results_of(task_of([DIGITS, broken]))
    assert fine.state == "finished"
    assert (result.state, result.updates) == ("diverged", 0)
    assert (result.cost, result.original_cost, result.learnable) == (None, None, None)


def test_the_ratio_of_the_abort_is_a_setting():
    (strict,) = results_of(task_of(at_rates([1.0]), abort_ratio=1.01))
    (usual,) = results_of(task_of(at_rates([1.0])))
    assert (strict.state, usual.state) == ("diverged", "finished")


def test_progress_goes_from_nothing_to_all():
    shares = [m.share for m in messages_of(task_of(at_rates([0.03]))) if isinstance(m, Progress)]
    assert shares == sorted(shares)
    assert len(shares) == 3 * 40
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("epochs", "halving", "rungs"),
    [(5, None, []), (1, 3, []), (2, 3, []), (3, 3, [1]), (20, 3, [2, 6]), (8, 2, [1, 2, 4])],
)
def test_rungs(epochs, halving, rungs):
    assert rungs_of(epochs, halving) == rungs


def test_halving_stops_the_worst_at_the_rungs():
    experiment = replace(DIGITS, training=Training(epochs=4, batch_size=32))
    rates = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.03, 1e6]
    results = results_of(task_of(at_rates(rates, experiment), halving=2))
    assert [result.epochs for result in results] == [1, 1, 1, 2, 2, 4, 4, 0]
    assert [result.state for result in results] == ["halved"] * 5 + ["finished"] * 2 + ["diverged"]
    assert results[0].reason == "not among the best 4 of 8 after epoch 1"
    assert results[4].reason == "not among the best 2 of 8 after epoch 2"
    finished, stopped = results[5], results[4]
    assert finished.validation_accuracy > stopped.validation_accuracy > 0.1
    unhalved = results_of(task_of(at_rates([0.1], experiment)))
    assert finished.validation_loss == pytest.approx(unhalved[0].validation_loss, rel=1e-3)


def test_halving_leaves_the_last_one():
    experiment = replace(DIGITS, training=Training(epochs=9, batch_size=64))
    (result,) = results_of(task_of(at_rates([0.03], experiment), halving=3))
    assert (result.state, result.epochs) == ("finished", 9)


def test_nobody_is_left_at_a_rung():
    """The last update before a rung may be the one that explodes everybody."""
    experiment = replace(DIGITS, training=Training(epochs=3, batch_size=5000))
    results = results_of(task_of(at_rates([1e30, 1e33, 1e35], experiment), halving=3))
    assert [(r.state, r.updates) for r in results] == [("diverged", 1)] * 3
