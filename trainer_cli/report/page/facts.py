"""Gathers what a page says of a run: what cannot be had is replaced by the reason why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import DataError, Dataset
from trainer_cli.nn.network import Network
from trainer_cli.report.page.first_layer import FirstLayer, first_layer
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.validated import Validated, validate
from trainer_cli.training.history import History
from trainer_cli.training.runs import RunError
from trainer_cli.training.taking_up import read_identity
from trainer_cli.training.trained import TrainedRun

NOT_ENDED = "training has not ended"


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What is known of a run.

    `summary` is what its summary.json says, nothing while training goes on. `first_layer` and
    `validated` are of the weights of the best epoch.
    """

    name: str
    folder: str
    config: str
    experiment: Experiment
    histories: Sequence[History]
    summary: Mapping[str, Any]
    dataset: Dataset | Missing
    versions: Mapping[str, str]
    first_layer: FirstLayer | Missing
    validated: Validated | Missing


def facts_of(run: TrainedRun) -> RunFacts:
    """Read a run; RunError where there is not even a history of it."""
    dataset = _dataset(run)
    layer, validated = _seen(run, dataset)
    return RunFacts(
        name=run.folder.resolve().name or str(run.folder),
        folder=str(run.folder),
        config=run.config,
        experiment=run.experiment,
        histories=run.histories,
        summary=run.summary or {},
        dataset=dataset,
        versions=_versions(run),
        first_layer=layer,
        validated=validated,
    )


def _versions(run: TrainedRun) -> Mapping[str, str]:
    try:
        return dict(read_identity(run.folder)["versions"])
    except (RunError, TypeError, ValueError):
        return {}


def _dataset(run: TrainedRun) -> Dataset | Missing:
    try:
        return run.dataset
    except DataError as error:
        return Missing(f"the data cannot be read: {error.message}")
    except ExperimentError as error:
        return Missing(f"the data cannot be read: {error.problems[0].message}")
    except RunError as error:
        return Missing(error.message)


def _seen(
    run: TrainedRun, dataset: Dataset | Missing
) -> tuple[FirstLayer | Missing, Validated | Missing]:
    """Return what the network of the best epoch shows of its weights, and of its answers."""
    if isinstance(dataset, Missing):
        return dataset, dataset
    try:
        network, members = run.network("best"), run.weights("best").members
    except RunError as error:
        return Missing(error.message), Missing(error.message)
    layer = first_layer(network, members, dataset)
    return layer, _validated(network, run.experiment, dataset)


def _validated(network: Network, experiment: Experiment, dataset: Dataset) -> Validated | Missing:
    try:
        return validate(network, experiment, dataset)
    except RunError as error:
        return Missing(error.message)
