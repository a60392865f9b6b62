"""docs/your-own-network.md tells the truth: its networks pass, its fault is told as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.checks.own.planting import NUMBER
from tests.cli.running import run

TEXT = (Path(__file__).parents[1] / "docs" / "your-own-network.md").read_text(encoding="utf-8")
SOURCES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", TEXT, flags=re.DOTALL))
(EXPERIMENT,) = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
OUTPUT, OF_MODULE = re.findall(r"```text\n(.*?)```", TEXT, flags=re.DOTALL)
# The module that the document describes in words.
VANISHING = """\
from math import prod

from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs, 64), nn.Linear(64, 64)
        self.fc3 = nn.Linear(64, classes)
        for each in (self.fc1, self.fc2, self.fc3):
            nn.init.normal_(each.weight, std=1e-5)
            nn.init.zeros_(each.bias)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


def build(input_shape, classes):
    return Net(prod(input_shape), classes)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nntrain.yaml").write_text(EXPERIMENT, encoding="utf-8")
    for name, source in SOURCES.items():
        (tmp_path / name).write_text(source, encoding="utf-8")
    return tmp_path


def assert_told(document, output):
    """Assert that the output holds the text of the document, its numbers but for rounding."""
    text = "".join(f"{re.escape(each)}(.*?)" for each in NUMBER.split(document)[:-1])
    found = re.search(text + re.escape(NUMBER.split(document)[-1]), output)
    assert found is not None, output
    documented = [float(each) for each in NUMBER.findall(document)]
    assert [float(each) for each in found.groups()] == pytest.approx(documented, rel=0.01)


def test_the_numpy_network_passes(folder):
    ran = run("check", "--strict")
    assert (ran.code, ran.err) == (0, "")


def test_the_fault_is_told(folder):
    line = "        dh[hidden <= 0] = 0\n"
    assert line in SOURCES["two_layer.py"]
    (folder / "two_layer.py").write_text(SOURCES["two_layer.py"].replace(line, ""))
    ran = run("check")
    assert ran.code == 1
    assert_told(OUTPUT, ran.out)


def test_the_module_passes(folder):
    pytest.importorskip("torch")
    ran = run("check", "--strict", "--set", 'network.import="model.py:build"')
    assert (ran.code, ran.err) == (0, "")


def test_the_signals_of_a_module_are_told(folder):
    pytest.importorskip("torch")
    (folder / "model.py").write_text(VANISHING, encoding="utf-8")
    ran = run("check", "--set", 'network.import="model.py:build"', "--only", "activations")
    assert ran.code == 1
    assert_told(OF_MODULE, ran.out)


def test_every_check_is_in_the_table(folder):
    names = [each["check"] for each in run("check", "--format", "json").json["checks"]]
    table = TEXT.partition("## What is checked")[2]
    assert names == re.findall(r"^\| (\w+) \| ", table, flags=re.MULTILINE)[1:]
