"""Reads the data of an experiment, so that they are the same bits wherever that is done."""

from __future__ import annotations

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset, load
from trainer_cli.nn.streams import stream
from trainer_cli.training.threads import one_thread


def read(experiment: Experiment) -> Dataset:
    """Return the data, split and preprocessed; raises DataError.

    On one thread: the last bits of what preprocessing is fitted to, of principal axes for
    instance, depend on how many there are.
    """
    with one_thread():
        return load(experiment.data, stream(experiment.data_seed, "split"))
