"""check-data on the command line: its exit codes, its text, and its rules in the file."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cli.running import run
from trainer_cli.datasets.sources import Digits

TWO_LAYERS = "network=[{type: dense, units: 20}, relu, {type: dense, units: 11}]"


@pytest.fixture
def from_one(tmp_path):
    """An archive of digits whose labels are 1 to 10."""
    table = Digits().read()
    path = tmp_path / "from_one.npz"
    np.savez(path, X=table.inputs, y=table.labels + 1)
    return path


def of(path):
    data = f"data={{source: npz, path: {path}, preprocess: [standardize]}}"
    return ["check-data", "--quiet", "--set", data, "--set", TWO_LAYERS]


def test_a_fault_in_the_data_fails(from_one):
    ran = run(*of(from_one))
    assert ran.code == 1
    assert ran.out == (
        "fail  label-range: the labels start at 1: no example is of class 0, and every other class "
        "of 0..10 has some\n"
        "      hint: subtract 1 from the labels; then there are 10 classes, and the output layer "
        "needs 10 units\n"
    )


def test_the_file_decides_what_a_fault_weighs(from_one):
    ran = run(*of(from_one), "--set", "checks.label-range=ignore", "--format", "json")
    assert ran.code == 0
    finding = next(each for each in ran.json["findings"] if each["rule"] == "label-range")
    assert finding["status"] == "skip"
    assert finding["message"] == (
        "ignored, as checks.label-range says: the labels start at 1: no example is of class 0, and "
        "every other class of 0..10 has some"
    )


@pytest.mark.parametrize(
    ("rule", "override"),
    [
        ("small-split", "data.split={train: 1000, validation: 8}"),
        ("unscaled-inputs", "data.preprocess=[]"),
        ("unrelated-labels", "data={source: synthetic, kind: gaussian, classes: 10}"),
        (
            "constant-features",
            "data={source: synthetic, features: 1, classes: 10, preprocess: [per_image_mean]}",
        ),
    ],
)
def test_what_the_rules_say_fires_them_does(rule, override):
    ran = run("check-data", "--set", override, "--format", "json")
    fired = [each["rule"] for each in ran.json["findings"] if each["status"] in ("warn", "fail")]
    assert fired == [rule]


def test_digits_pass():
    ran = run("check-data")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "verdict: pass  (20 pass)"
