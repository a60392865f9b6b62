"""The data of the trials, wherever they are trained."""

from __future__ import annotations

from dataclasses import replace

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Data, Dataset
from trainer_cli.training.data import read

DataKey = tuple[Data, int]


def data_key(experiment: Experiment) -> DataKey:
    """Return what makes the data of two experiments the same: all settings, and what is drawn."""
    data = experiment.data
    return replace(data, split=replace(data.split, seed=None)), experiment.data_seed


class DataOfTasks:
    """Reads the data of experiments; the last are kept, as most trials share theirs."""

    def __init__(self) -> None:
        self._kept: tuple[DataKey, Dataset] | None = None

    def keep(self, experiment: Experiment, dataset: Dataset) -> None:
        """Take data that have been read already."""
        self._kept = data_key(experiment), dataset

    def of(self, experiment: Experiment) -> Dataset:
        """Return the data of an experiment, split and preprocessed; raises DataError."""
        if self._kept is None or self._kept[0] != data_key(experiment):
            self._kept = None  # before the next are read, not beside them
            self.keep(experiment, read(experiment))
        assert self._kept is not None
        return self._kept[1]
