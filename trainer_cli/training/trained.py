"""A run that is on disk, opened to be looked at: its experiment, data, history and networks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from trainer_cli.config.document import read_text
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.load import Loaded, load
from trainer_cli.datasets import Dataset
from trainer_cli.nn.network import Network
from trainer_cli.training.crossval import FOLDS
from trainer_cli.training.fitting_data import read_for, refuse_unfit
from trainer_cli.training.history import History, Stopped
from trainer_cli.training.identity import CONFIG, fingerprint
from trainer_cli.training.interface import (
    PREPROCESSING,
    Interface,
    interface_of,
    read_interface,
)
from trainer_cli.training.material import EVALUATION_BATCH
from trainer_cli.training.memory import DoesNotFitError, require_memory, stack_bytes
from trainer_cli.training.metrics import METRICS, histories
from trainer_cli.training.runs import RunError, json_lines
from trainer_cli.training.taking_up import IDENTITY, read_identity
from trainer_cli.training.weight_files import StoredWeights, load_weights, read_weights

SUMMARY, SNAPSHOTS = "summary.json", "snapshots"
SWEPT = "plan.json"  # what the folder of a sweep has beside its config.yaml
GIVE = "give a folder that nntrain train has written, such as runs/train-..."

Choice = Literal["best", "final", "snapshots"]
Which = Literal["best", "final"]
# Data that were read, with their fingerprint, so that runs that have them in common do it once.
Datasets = dict[Any, tuple[Dataset, str]]


def open_run(folder: Path) -> TrainedRun:
    """Return the run in a folder.

    Raises RunError where there is none, and ExperimentError where its config.yaml is wrong.
    """
    return open_runs([folder])[0]


def open_runs(folders: Sequence[Path]) -> list[TrainedRun]:
    """Return the runs in several folders, which share what data they have in common."""
    datasets: Datasets = {}
    return [TrainedRun(folder, _load(folder), datasets) for folder in folders]


def _load(folder: Path) -> Loaded:
    if not folder.is_dir():
        what = "is a file, and a run is a folder" if folder.exists() else "no such folder"
        raise RunError(f"{folder}: {what}", GIVE)
    if (folder / SWEPT).exists():
        message = f"{folder} is the run of a sweep, which keeps no networks"
        raise RunError(message, f"train with what it found: nntrain train {folder / 'best.yaml'}")
    if not (folder / CONFIG).exists():
        raise RunError(f"{folder} is no run: it has no {CONFIG}", GIVE)
    return load(folder / CONFIG)


class TrainedRun:
    """A run folder, opened to be looked at: nothing of it is changed.

    loaded  its config.yaml, whose places messages point at
    """

    def __init__(self, folder: Path, loaded: Loaded, datasets: Datasets) -> None:
        self.folder = folder
        self.loaded = loaded
        self._datasets = datasets

    @property
    def config(self) -> str:
        """The text of the experiment file that the run was trained with, complete."""
        return read_text(self.folder / CONFIG, self.loaded.name)

    @property
    def experiment(self) -> Experiment:
        """The experiment that the run was trained with."""
        return self.loaded.experiment

    @cached_property
    def dataset(self) -> Dataset:
        """The data, split and preprocessed as in training.

        Raises ExperimentError, with the key of config.yaml, or DataError, where they cannot be
        read or do not fit the network any more, and RunError where they are not the same.
        """
        key = (self.experiment.data, self.experiment.data_seed)
        if key not in self._datasets:
            read = read_for(self.loaded)
            self._datasets[key] = read, fingerprint(read)
        dataset, found = self._datasets[key]
        if found != self._identity.get("data", found):
            message = f"the data are not those that {self.folder} was trained on"
            raise RunError(message, "put them back as they were, or train again")
        refuse_unfit(self.loaded, dataset.shape, dataset.classes, len(dataset.train))
        return dataset

    @property
    def _identity(self) -> Mapping[str, Any]:
        return read_identity(self.folder) if (self.folder / IDENTITY).exists() else {}

    @cached_property
    def interface(self) -> Interface:
        """What the networks take and answer; from the run's data where its file is missing.

        Raises RunError if the file is damaged, and ExperimentError if the network does not fit it.
        """
        self._refuse_folds()
        path = self.folder / PREPROCESSING
        if not path.exists():
            return interface_of(self.dataset)
        found = read_interface(path)
        enough = self.experiment.training.batch_size
        refuse_unfit(self.loaded, found.pipeline.shape, found.classes, enough)
        return found

    @cached_property
    def histories(self) -> list[History]:
        """What every member went through; RunError where that is not on disk, or damaged."""
        path = self.folder / METRICS
        if not path.exists():
            raise RunError(f"{self.folder} has no {METRICS}", GIVE)
        try:
            return histories(json_lines(path, "train again"))
        except ValueError as error:
            raise RunError(f"{path} is damaged: {error}", "train again") from None

    @cached_property
    def ends(self) -> tuple[Stopped | None, ...]:
        """Why every member stopped, None for one that has not; () where no history tells."""
        try:
            return tuple(history.stopped for history in self.histories)
        except RunError:
            return ()

    @cached_property
    def summary(self) -> dict[str, Any] | None:
        """What summary.json says, None before training has ended; RunError if it is damaged."""
        path = self.folder / SUMMARY
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_bytes())
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise RunError(f"{path} is damaged", "train again")
        return found

    def weight_file(self, which: Which) -> Path:
        """Return the file of the best or the final weights; RunError if there is none.

        Final weights of a run that goes on are those of an earlier interruption, and do not count.
        """
        self._refuse_folds()
        path, best = (self.folder / f"{name}.safetensors" for name in (which, "best"))
        if path.exists() and (which == "best" or None not in self.ends):
            return path
        hint = f"go on with nntrain train --resume {self.folder}"
        if best.exists():
            raise RunError(f"{self.folder} has no final weights: training has not ended", hint)
        if set(self.ends) == {"diverged"}:
            hint = "take another run, or train again"
        message = f"{self.folder} has no {path.name}: "
        raise RunError(f"{message}training has not got through its first epoch", hint)

    def _refuse_folds(self) -> None:
        """Raise RunError for a cross-validation: each of its networks left out other examples."""
        if (self.folder / FOLDS).exists():
            message = f"{self.folder} is the run of a cross-validation, whose networks are not used"
            hint = f"train one on all examples: nntrain train {self.folder / CONFIG}"
            raise RunError(message, hint)

    def snapshots(self) -> list[Path]:
        """Return the files of all snapshots, from the first to the last; there may be none."""
        return sorted((self.folder / SNAPSHOTS).glob("*.safetensors"))

    def weight_files(self, choice: Choice) -> list[Path]:
        """Return the files that a choice of weights means; RunError where there is none."""
        if choice != "snapshots":
            return [self.weight_file(choice)]
        found = self.snapshots()
        if not found:
            hint = (
                "they are kept at each minimum of a schedule that starts again: train with "
                "schedule: {type: cosine, period: ...}"
            )
            raise RunError(f"{self.folder} has no snapshots", hint)
        return found

    def weights(self, which: Which | Path) -> StoredWeights:
        """Return the best or the final weights or those of a file, such as a snapshot.

        Raises RunError for a file that is not there or damaged.
        """
        return read_weights(self.weight_file(which) if isinstance(which, str) else which)

    def network(self, which: Which | Path, capacity: int = EVALUATION_BATCH) -> Network:
        """Return the network with these weights, for batches of up to `capacity` examples.

        Its members are those that the file holds. It takes examples of the dataset's shape.
        Raises RunError as `weights` does, and for weights that do not fit the experiment.
        """
        return self.network_of(self.weights(which), self.dataset.shape, capacity)

    def network_of(
        self, weights: StoredWeights, shape: tuple[int, ...], capacity: int = EVALUATION_BATCH
    ) -> Network:
        """Return the network with weights that were read, for examples of this shape."""
        experiment, members = self.experiment, len(weights.members)
        try:
            needed = members * stack_bytes(experiment, shape, capacity)
            require_memory(f"the network of {self.folder}", needed)
        except DoesNotFitError as error:
            raise RunError(error.message, "end other programs, or take a larger machine") from None
        network = Network(
            [experiment.network] * members,
            shape,
            capacity=capacity,
            dtype=np.dtype(experiment.training.precision),
        )
        load_weights(network, weights, self.folder / CONFIG)
        return network
