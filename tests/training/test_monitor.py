"""What a look sees is so, comes when it should, and changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments import DIGITS, blobs, changed, data_of
from trainer_cli.config.experiment import Training
from trainer_cli.nn.layers import BatchNorm, Dense, Dropout, Relu
from trainer_cli.optim.optimizers import Sgd
from trainer_cli.optim.schedules import Cosine
from trainer_cli.training.loop import train
from trainer_cli.training.stack import assemble


def trained(experiment, **settings):
    return train(
        replace(experiment, training=replace(experiment.training, **settings)), data_of(experiment)
    )


def test_a_look_tells_the_values_and_how_the_last_update_moved_them():
    dataset = data_of(DIGITS)
    one_update = changed(DIGITS, training=Training(epochs=1, batch_size=10**9))
    outcome = train(one_update, dataset)
    began = assemble([one_update], dataset, capacity=1).network.parameters
    first, last = outcome.alone.looks
    assert (first.update, first.epoch, last.update, last.epoch) == (0, 0, 1, 1)
    for entry, before, after in zip(began.entries, first.parameters, last.parameters, strict=True):
        old, new = (entry.view(flat) for flat in (began.values, outcome.final.flats[0]))
        assert before.parameter == after.parameter == entry.name
        assert (before.updates, before.ratio) == (None, None)
        for values, told in ((old, before.values), (new, after.values), (new - old, after.updates)):
            wide = values.astype(np.float64)
            assert told.norm == pytest.approx(np.linalg.norm(wide.reshape(-1)), rel=1e-5)
            assert (told.min, told.max) == pytest.approx((wide.min(), wide.max()), rel=1e-5)
            assert (told.mean, told.std) == pytest.approx((wide.mean(), wide.std()), abs=1e-7)
        if entry.name.endswith("biases"):  # which begin at 0
            assert after.ratio is None
        else:
            assert after.ratio == pytest.approx(after.updates.norm / before.values.norm)


def test_the_last_update_of_an_epoch_is_the_one_that_is_looked_at():
    """It goes at 0.02 of the rate under a schedule that starts again with every epoch."""
    steady = changed(blobs(), optimizer=Sgd(learning_rate=0.1))
    falling = changed(steady, schedule=Cosine(period=1))
    (_, usual, *_), (_, *slow) = (
        trained(experiment, monitor_every=1).alone.looks for experiment in (steady, falling)
    )
    for look in slow:
        assert 0 < look.parameters[0].ratio < 0.1 * usual.parameters[0].ratio


@pytest.mark.parametrize(
    ("every", "updates"),
    [(1, [0, 11, 22, 33, 44, 55]), (12, [0, 22, 44, 55]), (1000, [0, 55])],
)
def test_looks_come_at_the_ends_of_epochs_no_more_often_than_wanted(every, updates):
    looks = trained(blobs(), monitor_every=every).alone.looks
    assert [look.update for look in looks] == updates
    assert [look.epoch for look in looks] == [update // 11 for update in updates]


def test_looking_changes_no_number():
    layers = (Dense(units=8), BatchNorm(), Relu(), Dropout(rate=0.3), Dense(units=3))
    restless = changed(blobs(), network=layers)
    often, seldom = (trained(restless, monitor_every=every) for every in (1, 1000))
    assert often.final.flats[0].tobytes() == seldom.final.flats[0].tobytes()
    assert often.alone.epochs == seldom.alone.epochs
    assert len(often.alone.looks) > len(seldom.alone.looks)


def test_a_member_is_looked_at_as_if_it_were_alone():
    layers = (Dense(units=8), BatchNorm(), Relu(), Dropout(rate=0.3), Dense(units=3))
    experiments = [replace(changed(blobs(), network=layers), seed=seed) for seed in range(3)]
    together = train(experiments, data_of(blobs()))
    for history, experiment in zip(together.histories, experiments, strict=True):
        alone = train(experiment, data_of(blobs())).alone
        for look, own in zip(history.looks, alone.looks, strict=True):
            for one, other in zip(look.parameters, own.parameters, strict=True):
                assert one.values.norm == pytest.approx(other.values.norm, rel=1e-3)
                if look.update:
                    assert one.ratio == pytest.approx(other.ratio, rel=1e-2)
            for one, other in zip(look.layers, own.layers, strict=True):
                assert one.std == pytest.approx(other.std, rel=1e-2)
                assert one.dead == other.dead
