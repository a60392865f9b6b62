"""Brings one case to `check` as a user would: files in a folder, read, and all checks run."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.steps import own_steps
from trainer_cli.checks.preflight import check_all
from trainer_cli.checks.recipe import STEPS
from trainer_cli.checks.selftest.case import REFUSED, Case, Outcome, outcome
from trainer_cli.config.load import load
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import DataError
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding
from trainer_cli.training.fitting_data import read_for, refuse_unfit_data

NETWORKS = files("trainer_cli.checks.selftest") / "networks"


def try_case(case: Case, seed: int) -> Outcome:
    """Run all checks on a case; what is refused before them counts as a failure with a reason."""
    begun = perf_counter()
    with TemporaryDirectory(prefix="nntrain-selftest-") as folder:
        try:
            findings = _checked(case, seed, Path(folder))
        except ExperimentError as error:
            findings = [_refusal(error.problems[0].message)]
        except DataError as error:
            findings = [_refusal(error.message)]
    return outcome(case, seed, findings, perf_counter() - begun)


def source_of(case: Case) -> str:
    """Return the code of a case's own network, with its fault."""
    text = (NETWORKS / f"{case.network}.py").read_text(encoding="utf-8")
    if case.edit is None:
        return text
    before, after = case.edit
    if text.count(before) != 1:
        raise ValueError(f"{case.name}: {before!r} stands {text.count(before)} times")
    return text.replace(before, after)


def _checked(case: Case, seed: int, folder: Path) -> list[Finding]:
    config = folder / "experiment.yaml"
    config.write_text(case.file, encoding="utf-8")
    if case.arrays is not None:
        np.savez(folder / "data.npz", **case.arrays(stream(seed, "selftest")))  # type: ignore[arg-type]
    if case.network is not None:
        (folder / "network.py").write_text(source_of(case), encoding="utf-8")
    loaded = load(config, [*case.sets, f"seed={seed}"])
    experiment, dataset = loaded.experiment, read_for(loaded)
    if loaded.own is None:
        refuse_unfit_data(loaded, dataset)
    if case.plant is not None:
        experiment, dataset = case.plant(experiment, dataset)
    steps = STEPS if loaded.own is None else own_steps(loaded.own)
    checked = check_all(experiment, dataset, steps=steps)
    return [finding for each in checked for finding in each.findings]


def _refusal(message: str) -> Finding:
    return Finding(rule=REFUSED, status="fail", message=message)
