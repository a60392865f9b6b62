"""One command at work: its experiment, its data, and where its progress goes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path

from rich.console import Console

from trainer_cli.cli.command import Options
from trainer_cli.config.data_rules import data_problems, width_setting
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.load import Loaded, load
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import DataError, Dataset
from trainer_cli.nn.network import largest_layer
from trainer_cli.training.data import read
from trainer_cli.training.memory import DoesNotFitError, require_memory, stack_bytes


class Session:
    """What a command's action works with.

    `progress` is a console on standard error, silent under --quiet. Whatever is wrong with the
    experiment or its data comes as ExperimentError or DataError.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self._config, self._overrides = options.config, list(options.overrides)
        self.progress = Console(stderr=True, quiet=options.quiet, highlight=False)

    def override(self, *texts: str) -> None:
        """Add overrides that an option stands for; the experiment is read anew."""
        self._overrides += texts
        self.__dict__.pop("loaded", None)

    def read_instead(self, config: Path) -> None:
        """Take the experiment from this file unless the user names another."""
        self._config = self._config or config

    @cached_property
    def loaded(self) -> Loaded:
        """The experiment file, read and validated."""
        overrides = list(self._overrides)
        if self.options.seed is not None:
            overrides.append(f"seed={self.options.seed}")
        loaded = load(self._config, overrides)
        read = (loaded.path, getattr(loaded.experiment.data.source, "path", loaded.path))
        output = self.options.output
        for path in read:
            if output is not None and output.exists() and path.exists() and output.samefile(path):
                raise DataError(
                    "is read by this command: choose another --output", where=str(output)
                )
        return loaded

    @property
    def experiment(self) -> Experiment:
        """The experiment of the file."""
        return self.loaded.experiment

    @cached_property
    def dataset(self) -> Dataset:
        """The data, split and preprocessed, that the network was found to fit."""
        settings = self.experiment.data
        shape = settings.source.shape_known()
        if shape is not None and not settings.preprocess_changes_shape():
            self._refuse_too_large(shape, batch=1)  # before the data are read for nothing
        dataset, size = self.data, len(self.data.train)
        problems = data_problems(self.loaded, dataset.shape, dataset.classes, size)
        if problems:
            raise ExperimentError(problems)
        return dataset

    @cached_property
    def data(self) -> Dataset:
        """The data, split and preprocessed, whatever the network."""
        settings = self.experiment.data
        try:
            require_memory("reading the data", settings.source.size())
            with self.busy("reading the data"):
                return read(self.experiment)
        except DataError as error:
            raise self._placed(error) from None
        except DoesNotFitError as error:
            key = "path" if hasattr(settings.source, "path") else "examples"
            problem = self.loaded.problem(("data", key), error.message, "use fewer examples")
            raise ExperimentError([problem]) from None

    def require_memory(self, batch: int, dtype: str | None = None, copies: int = 0) -> None:
        """Refuse, before it is built, a network that does not fit into memory.

        `copies` are the arrays of all parameters that a check makes beside it.
        """
        self._refuse_too_large(self.dataset.shape, batch, dtype, copies)

    def _refuse_too_large(
        self, shape: tuple[int, ...], batch: int, dtype: str | None = None, copies: int = 0
    ) -> None:
        try:
            needed = stack_bytes(self.experiment, shape, batch, dtype, copies=copies)
            require_memory("the network", needed)
        except DoesNotFitError as error:
            largest = largest_layer(self.experiment.network, shape)
            setting = width_setting(self.experiment.network[largest])
            key = ("network", largest) if setting is None else ("network", largest, setting)
            hint = f"use fewer {setting or 'units'} or a smaller batch"
            raise ExperimentError([self.loaded.problem(key, error.message, hint)]) from None

    def busy(self, doing: str) -> AbstractContextManager[object]:
        """Show on a terminal that something is going on."""
        return self.progress.status(doing) if self.progress.is_terminal else nullcontext()

    def _placed(self, error: DataError) -> Exception:
        if error.key is None:
            return error
        return ExperimentError([self.loaded.problem(error.key, error.message, error.hint)])
