"""One command at work: its experiment, its data, and where its progress goes."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path

from rich.console import Console

from trainer_cli.cli.command import ExperimentOptions
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.load import Loaded, choose, load
from trainer_cli.config.problems import ExperimentError
from trainer_cli.config.rules import Rule
from trainer_cli.datasets import DataError, Dataset
from trainer_cli.training.fitting_data import (
    read_for,
    refuse_too_large,
    refuse_too_large_to_train,
    refuse_unfit_data,
)


class Session:
    """What a command's action works with.

    `progress` is a console on standard error, silent under --quiet. Whatever is wrong with the
    experiment or its data comes as ExperimentError or DataError.
    """

    def __init__(self, options: ExperimentOptions) -> None:
        self.options = options
        self._config, self._overrides = options.config, list(options.overrides or [])
        self.progress = Console(stderr=True, quiet=options.quiet, highlight=False)

    def override(self, *texts: str) -> None:
        """Add overrides that an option stands for; the experiment is read anew."""
        self._overrides += texts
        self.__dict__.pop("loaded", None)

    def read_instead(self, config: Path) -> None:
        """Take the experiment from this file unless the user names another."""
        self._config = self._config or config

    @property
    def name(self) -> str:
        """What reports call the experiment: its file as it was given, or the shipped one."""
        return choose(self._config)[1]

    @property
    def rules(self) -> Collection[Rule]:
        """The rules that the experiment sets, once it has been read."""
        return self.loaded.experiment.checks if "loaded" in self.__dict__ else ()

    @property
    def file(self) -> Loaded | None:
        """The experiment file, once it has been read."""
        return self.loaded if "loaded" in self.__dict__ else None

    @cached_property
    def loaded(self) -> Loaded:
        """The experiment file, read and validated."""
        overrides = list(self._overrides)
        if self.options.seed is not None:
            overrides.append(f"seed={self.options.seed}")
        self._keep_from_output(choose(self._config)[0])
        loaded = load(self._config, overrides)
        self._keep_from_output(getattr(loaded.experiment.data.source, "path", loaded.path))
        return loaded

    def _keep_from_output(self, path: Path) -> None:
        """Raise DataError where --output names a file that the command reads."""
        output = self.options.output
        if output is not None and output.exists() and path.exists() and output.samefile(path):
            message = "is read by this command: choose another --output"
            raise DataError(message, where=str(output))

    @property
    def experiment(self) -> Experiment:
        """The experiment of the file, whose network is made of layers."""
        if self.loaded.own is not None:
            message = "a network of your own can be checked, and nothing else"
            hint = "run nntrain check; every other command needs a list of layers"
            raise ExperimentError([self.loaded.problem(("network",), message, hint)])
        return self.loaded.experiment

    @cached_property
    def dataset(self) -> Dataset:
        """The data, split and preprocessed, that the network was found to fit."""
        settings = self.experiment.data
        shape = settings.source.shape_known()
        if shape is not None and not settings.preprocess_changes_shape():
            refuse_too_large(self.loaded, shape, batch=1)  # before the data are read for nothing
        dataset = self.data
        refuse_unfit_data(self.loaded, dataset)
        return dataset

    @cached_property
    def data(self) -> Dataset:
        """The data, split and preprocessed, whatever the network."""
        with self.busy("reading the data"):
            return read_for(self.loaded)

    def require_memory(self, batch: int, dtype: str | None = None, copies: int = 0) -> None:
        """Refuse, before it is built, a network that does not fit into memory.

        `copies` are the arrays of all parameters that a check makes beside it.
        """
        refuse_too_large(self.loaded, self.dataset.shape, batch, dtype, copies)

    def require_memory_to_train(self, batch: int) -> None:
        """Refuse, before it is built, what does not fit into memory, with all its members."""
        members, shape = self.experiment.training.members, self.dataset.shape
        refuse_too_large_to_train(self.loaded, shape, batch, members, "member")

    def busy(self, doing: str) -> AbstractContextManager[object]:
        """Show on a terminal that something is going on."""
        return self.progress.status(doing) if self.progress.is_terminal else nullcontext()
