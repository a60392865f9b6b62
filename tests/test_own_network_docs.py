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
(OUTPUT,) = re.findall(r"```text\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nntrain.yaml").write_text(EXPERIMENT, encoding="utf-8")
    for name, source in SOURCES.items():
        (tmp_path / name).write_text(source, encoding="utf-8")
    return tmp_path


def test_the_numpy_network_passes(folder):
    ran = run("check", "--strict")
    assert (ran.code, ran.err) == (0, "")


def test_the_fault_is_told(folder):
    line = "        dh[hidden <= 0] = 0\n"
    assert line in SOURCES["two_layer.py"]
    (folder / "two_layer.py").write_text(SOURCES["two_layer.py"].replace(line, ""))
    ran = run("check")
    assert ran.code == 1
    assert NUMBER.sub("#", OUTPUT) in NUMBER.sub("#", ran.out)


def test_the_module_passes(folder):
    pytest.importorskip("torch")
    ran = run("check", "--strict", "--set", 'network.import="model.py:build"')
    assert (ran.code, ran.err) == (0, "")


def test_every_check_is_in_the_table(folder):
    names = [each["check"] for each in run("check", "--format", "json").json["checks"]]
    table = TEXT.partition("## What is checked")[2]
    assert names == re.findall(r"^\| (\w+) \| ", table, flags=re.MULTILINE)[1:]
