"""check-data: typing errors and codes among measurements, and heavy tails that are neither."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.data.given import IMAGES, LABELS, alarms, found, given
from trainer_cli.config.rules import FarOutValues
from trainer_cli.training.data import read

HALF = np.arange(1000) % 2


def normal(seed=0, features=6):
    return np.random.default_rng(seed).standard_normal((1000, features)) + HALF[:, None]


def standardized(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


@pytest.mark.parametrize("code", [-999, 9999])
def test_a_code_for_missing_values(code):
    x = normal()
    x[::7, 2] = code
    experiment = given(x, HALF)
    findings = found(experiment)
    assert alarms(findings) == {"far-out-values": "warn"}
    finding = findings["far-out-values"]
    train = read(experiment).train
    own = train.stored[train.rows, 2]
    rest = own[own != code]
    assert finding.message == (
        f"feature 2 is {code} in {(own == code).sum()} of 700 training examples, and is from "
        f"{rest.min():.3g} to {rest.max():.3g} in all others: {code} seems to stand for a missing "
        "value"
    )
    assert finding.hint == (
        "fill in what is missing before the data are saved, such as with the feature's mean, and "
        "add a column that is 1 where it was missing"
    )
    x[::5, 4] = code
    named = replace(read(experiment := given(x, HALF)), feature_names=tuple("abcdef"))
    message = found(experiment, named)["far-out-values"].message
    assert message.startswith(f"feature 'e' is {code} in ")
    assert message.endswith(f" (and so 1 more): {code} seems to stand for a missing value")


def test_typing_errors():
    x = normal()
    experiment = given(x, HALF)
    row = int(read(experiment).train.rows[100])
    x[row, 3] = 1e7
    findings = found(experiment := given(x, HALF))
    assert alarms(findings) == {"far-out-values": "warn"}
    finding = findings["far-out-values"]
    rest = np.delete(x[read(experiment).train.rows, 3], 100)
    assert finding.message == (
        "feature 3 goes as far as 1e+07 in 1 of 700 training examples, and is from "
        f"{rest.min():.3g} to {rest.max():.3g} in all others: beside values so far out, all others "
        "look the same"
    )
    assert finding.hint == "correct or leave out these values, and only then standardize"
    relaxed = replace(experiment, checks=frozenset({FarOutValues(narrow=1e-9)}))
    assert alarms(found(relaxed)) == {}


@pytest.mark.parametrize("seed", range(5))
def test_tails_categories_and_counts_are_no_errors(seed):
    rng = np.random.default_rng(seed)
    tables = {
        "lognormal": np.exp(2 * normal(seed)),
        "student": rng.standard_t(2, (1000, 6)),
        "none, or about a hundred": np.where(rng.random((1000, 6)) < 0.5, 0, 100 + normal(seed)),
        "unknown is -1": np.where(rng.random((1000, 6)) < 0.3, -1, rng.random((1000, 6))),
        "none or a hundred, standardized": standardized(
            np.where(rng.random((1000, 6)) < 0.5, 0, 100 + normal(seed))
        ),
        "logarithms of counts": np.log(rng.poisson(1, (1000, 6)) + 1e-6),
        "years": np.c_[rng.integers(1950, 2020, 1000), normal(seed)],
        "rare events": (rng.random((1000, 6)) < 0.02) * 50.0,
        "counts": rng.poisson(0.3, (1000, 6)),
        "bytes": rng.integers(0, 256, (1000, 6), np.uint8),
    }
    for name, x in tables.items():
        assert found(given(x, HALF))["far-out-values"].status == "pass", name
    assert found(given(IMAGES, LABELS))["far-out-values"].status == "pass"
