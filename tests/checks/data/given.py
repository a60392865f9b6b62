"""Data that a test makes by hand, read as any source is: split, and preprocessing fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.experiments import blobs
from trainer_cli.checks.data import JUDGES, check_data
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Data, Dataset, Examples, Split
from trainer_cli.datasets.preprocess import Standardize, fit
from trainer_cli.datasets.sources import Digits
from trainer_cli.datasets.table import Table
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.training.data import read
from trainer_cli.training.findings import Finding

DIGITS_TABLE = Digits().read()
IMAGES = DIGITS_TABLE.inputs.reshape(-1, 64).astype(np.float64)
LABELS = DIGITS_TABLE.labels
STANDARDIZED = (Standardize(),)


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A source of these arrays; `known` is what an experiment file says of the classes."""

    inputs: Any
    labels: Any
    known: int | None = None
    test_inputs: Any = None
    test_labels: Any = None
    type: str = "given"

    def classes_known(self):
        return self.known

    def read(self):
        return Table(
            inputs=self.inputs,
            labels=self.labels,
            classes=self.known or int(self.labels.max()) + 1,
            where="given",
            test_inputs=self.test_inputs,
            test_labels=self.test_labels,
        )


def given(inputs, labels, *, steps=STANDARDIZED, split=None, **source) -> Experiment:
    """Return an experiment of two layers on these examples."""
    data = Data(
        source=Given(inputs=inputs, labels=labels, **source),
        preprocess=steps,
        split=split or Split(),
    )
    classes = data.source.read().classes
    return replace(blobs(), data=data, network=(Dense(units=20), Relu(), Dense(units=classes)))


def found(experiment: Experiment, dataset: Dataset | None = None) -> dict[str, Finding]:
    """Return all findings by their rule."""
    findings = check_data(experiment, dataset or read(experiment))
    assert len({each.rule for each in findings}) == len(findings) == len(JUDGES)
    return {each.rule: each for each in findings}


def alarms(findings: dict[str, Finding]) -> dict[str, str]:
    """Return the status of every rule that warns or fails."""
    return {rule: each.status for rule, each in findings.items() if each.status in ("warn", "fail")}


def fitted_to(dataset: Dataset, experiment: Experiment, rows) -> Dataset:
    """Return the data with preprocessing that was fitted to other rows."""
    stored, shape = dataset.train.stored, dataset.train.pipeline.input_shape
    pipeline = fit(experiment.data.preprocess, stored, rows, shape)
    return with_parts(dataset, pipeline=pipeline)


def with_parts(dataset: Dataset, **parts: Any) -> Dataset:
    """Return the data with other stored values or another pipeline in all splits."""
    return replace(
        dataset,
        **{
            name: _changed(each, **parts)
            for name, each in vars(dataset).items()
            if isinstance(each, Examples)
        },
    )


def _changed(examples: Examples, **parts: Any) -> Examples:
    own = {name: getattr(examples, name) for name in ("stored", "rows", "labels", "pipeline")}
    return Examples(**{**own, **parts})
