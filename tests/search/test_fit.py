"""Trials whose settings suit neither the data nor the memory are told before anything runs."""

from __future__ import annotations

from dataclasses import replace

from tests.experiments import DIGITS, blobs
from trainer_cli.datasets.preprocess.pca import Pca
from trainer_cli.nn.layers import Conv, Dense, Flatten, MaxPool, Relu
from trainer_cli.search.fit import Fit
from trainer_cli.search.work import DataOfTasks

MEMORY = 1 << 30


def fit(memory=MEMORY):
    return Fit(DataOfTasks(), memory)


def with_pca(components):
    return replace(DIGITS, data=replace(DIGITS.data, preprocess=(Pca(dimensions=components),)))


def test_what_fits_is_no_misfit():
    judge = fit()
    assert judge.misfit(DIGITS) is None
    assert judge.inputs(DIGITS) == ((8, 8, 1), 1258)


def test_preprocessing_may_change_the_shape():
    judge = fit()
    assert judge.misfit(with_pca(10)) is None
    assert judge.inputs(with_pca(10))[0] == (10,)
    assert judge.inputs(DIGITS)[0] == (8, 8, 1)


def test_a_network_that_does_not_fit_its_data():
    network = (Conv(filters=4, kernel=3), MaxPool(size=9), Flatten(), Dense(units=10))
    assert fit().misfit(replace(DIGITS, network=network)) == (
        "network[1].size: must be at most the side of the image, 8 x 8, got 9"
    )


def test_data_that_cannot_be_used():
    reason = fit().misfit(with_pca(100))
    assert reason.startswith("data.preprocess[0].dimensions: ")


def test_a_network_that_is_too_large():
    network = (Dense(units=1_000_000), Relu(), Dense(units=10))
    wide = replace(DIGITS, network=network)
    assert fit().misfit(wide) == "the network needs about 4.46 GiB of memory"
    assert fit(1 << 40).misfit(wide) is None


def test_data_are_read_once_for_every_way_to_preprocess(monkeypatch):
    data, read = DataOfTasks(), []
    of = DataOfTasks.of
    monkeypatch.setattr(DataOfTasks, "of", lambda self, e: read.append(e) or of(self, e))
    judge = Fit(data, MEMORY)
    for experiment in [DIGITS, with_pca(5), DIGITS, with_pca(5), blobs(), DIGITS]:
        judge.misfit(experiment)
    assert len(read) == 3
