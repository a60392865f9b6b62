"""Every experiment in configs/ opens with its purpose and its commands, which run as they are."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from tests.cli.running import run

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.yaml"))
IMAGES = 300  # in each of the six files
# What makes a command short enough for a test.
SHORT = {
    "train": ["--set", "training.epochs=2"],
    "sweep": ["--trials", "6", "--epochs", "1", "--workers", "1"],
}
# Experiments that show a fault, and the exit code of each command that their head names.
FAULTY = {"activation_statistics.yaml": {"check-activations": 1}}


def commands_of(config):
    """Return the commands that the head of an experiment names, with the exit codes to expect."""
    named = re.findall(r"^#   nntrain ([a-z-]+)", config.read_text(encoding="utf-8"), re.MULTILINE)
    return {command: FAULTY.get(config.name, {}).get(command, 0) for command in named}


EVERY_COMMAND = [
    pytest.param(config, command, code, id=f"{config.name}-{command}")
    for config in CONFIGS
    for command, code in commands_of(config).items()
]


@pytest.fixture(scope="module")
def cifar(tmp_path_factory):
    """Write a folder in CIFAR-10's format whose classes differ in colour."""
    folder = tmp_path_factory.mktemp("data") / "cifar-10-batches-py"
    folder.mkdir()
    rng = np.random.default_rng(0)
    colours = rng.integers(40, 215, (10, 3))
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        labels = rng.integers(0, 10, IMAGES)
        planes = np.repeat(colours[labels], 1024, axis=1)  # (N, 3072), channel by channel
        pixels = np.clip(planes + rng.normal(0, 30, planes.shape), 0, 255).astype(np.uint8)
        batch = {b"data": pixels, b"labels": labels.tolist()}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    return folder


def test_there_are_some():
    assert {path.name for path in CONFIGS} >= {"digits.yaml", "cifar10_two_layer.yaml"}


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.name)
def test_opens_with_purpose_and_command(config):
    text = config.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert commands_of(config)


@pytest.mark.parametrize(("config", "command", "code"), EVERY_COMMAND)
def test_runs_as_it_is(config, command, code, cifar, tmp_path, monkeypatch):
    assert len(EVERY_COMMAND) >= 9
    monkeypatch.chdir(tmp_path)
    options = [*SHORT.get(command, [])]
    if "cifar" in config.name:
        options += ["--set", f"data.path={cifar}"]
    ran = run(command, config, *options)
    assert ran.code == code, ran.out + ran.err


def test_the_lectures_numbers_on_the_lectures_network(cifar):
    """2.3026 and about 3.07 follow from the initialization, whatever the pictures show."""
    config = next(path for path in CONFIGS if "cifar" in path.name)
    options = [config, "--format", "json", "--set", f"data.path={cifar}"]
    loss = run("check-loss", *options).json["findings"][1]
    assert loss["measured"] == pytest.approx(2.3026, abs=1e-3)
    penalty = run("check-reg", *options).json["findings"][0]["evidence"]
    assert penalty["loss_off"] == pytest.approx(2.3026, abs=1e-3)
    assert penalty["loss_on"] == pytest.approx(3.07, abs=0.01)
    high = run("train", *options, "--set", "optimizer.learning_rate=1e6", "--run", cifar / "run")
    assert high.code == 1
    assert high.json["updates"] < 5
