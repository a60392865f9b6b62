"""Reads the data of an experiment file, and refuses in its words what does not fit together."""

from __future__ import annotations

from dataclasses import replace

from trainer_cli.config.data_rules import data_problems, width_setting
from trainer_cli.config.load import Loaded
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import DataError, Dataset
from trainer_cli.nn.layers.place import Shape
from trainer_cli.nn.network import largest_layer
from trainer_cli.training.data import read
from trainer_cli.training.memory import (
    DoesNotFitError,
    require_memory,
    stack_bytes,
    training_bytes,
)


def read_for(loaded: Loaded) -> Dataset:
    """Return the data of an experiment file, split and preprocessed, if they fit into memory.

    Raises ExperimentError where a key of the file is to blame, and DataError where it is the data.
    """
    source = loaded.experiment.data.source
    try:
        require_memory("reading the data", source.size())
        return read(loaded.experiment)
    except DataError as error:
        if error.key is None:
            raise
        problem = loaded.problem(error.key, error.message, error.hint)
        raise ExperimentError([problem]) from None
    except DoesNotFitError as error:
        key = "path" if hasattr(source, "path") else "examples"
        problem = loaded.problem(("data", key), error.message, "use fewer examples")
        raise ExperimentError([problem]) from None


def refuse_unfit(loaded: Loaded, shape: Shape, classes: int, examples: int) -> None:
    """Raise ExperimentError unless network and loss fit data of this shape and size."""
    problems = data_problems(loaded, shape, classes, examples)
    if problems:
        raise ExperimentError(problems)


def refuse_unfit_data(loaded: Loaded, dataset: Dataset) -> None:
    """Raise ExperimentError unless network and loss fit the data.

    Where they would if labels were counted from 0 and not from 1, the hint says so.
    """
    size = len(dataset.train)
    try:
        refuse_unfit(loaded, dataset.shape, dataset.classes, size)
    except ExperimentError as error:
        fewer = dataset.classes - 1
        lowest = min(each.labels.min() for each in (dataset.train, dataset.validation))
        if lowest != 1 or fewer < 2 or data_problems(loaded, dataset.shape, fewer, size):
            raise
        hint = f"the labels start at 1: subtract 1 from them, and there are {fewer} classes"
        raise ExperimentError([replace(each, hint=hint) for each in error.problems]) from None


def refuse_too_large(
    loaded: Loaded, shape: Shape, batch: int, dtype: str | None = None, copies: int = 0
) -> None:
    """Raise ExperimentError for a network that does not fit into memory, before it is built.

    It takes examples of `shape` in batches of up to `batch`. `copies` are the arrays of all
    parameters that a check makes beside it.
    """
    needed = stack_bytes(loaded.experiment, shape, batch, dtype, copies=copies)
    _refuse_unless_there_is(needed, loaded, shape, "the network", "")


def refuse_too_large_to_train(
    loaded: Loaded, shape: Shape, batch: int, members: int, noun: str
) -> None:
    """Raise ExperimentError where `members` networks at training do not fit into memory.

    `noun` is what one of them is called.
    """
    what = "the network" if members == 1 else f"the network of {members:,} {noun}s"
    needed = training_bytes(loaded.experiment, shape, batch, members=members)
    fewer = "" if members == 1 else f"fewer {noun}s, "
    _refuse_unless_there_is(needed, loaded, shape, what, fewer)


def _refuse_unless_there_is(
    needed: int, loaded: Loaded, shape: Shape, what: str, fewer: str
) -> None:
    try:
        require_memory(what, needed)
    except DoesNotFitError as error:
        network = loaded.experiment.network
        largest = largest_layer(network, shape)
        setting = width_setting(network[largest])
        key = ("network", largest) if setting is None else ("network", largest, setting)
        hint = f"use {fewer}fewer {setting or 'units'} or a smaller batch"
        raise ExperimentError([loaded.problem(key, error.message, hint)]) from None
