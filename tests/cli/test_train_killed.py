"""A real process is killed at moments it does not choose; resumed, it leaves the same bytes."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from random import Random
from time import sleep

import pytest

from tests.cli.running import start

EXPERIMENT = """\
seed: 5
data: {source: digits, preprocess: [{type: scale, by: 16}], augment: [{type: noise, std: 0.05}]}
network:
  - {type: dense, units: 30}
  - batch_norm
  - relu
  - {type: dropout, rate: 0.2}
  - {type: dense, units: 10}
optimizer: {type: momentum, learning_rate: 0.02}
schedule: {type: cosine, period: 5}
training: {epochs: 40, batch_size: 10, checkpoint_every: 1, members: MEMBERS}
"""
KILLS = 6


def begun(run: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a process has begun to train, or is over."""
    while process.poll() is None and not (run / "metrics.jsonl").exists():
        sleep(0.005)


def files(run: Path) -> dict[str, bytes]:
    """Return what must be the same in the end."""
    paths = [*run.glob("*.safetensors"), run / "metrics.jsonl", *run.glob("snapshots/*")]
    return {str(path.relative_to(run)): path.read_bytes() for path in paths}


@pytest.mark.parametrize("members", [1, 3])
def test_killed_at_random_moments(members, tmp_path):
    (tmp_path / "nntrain.yaml").write_text(EXPERIMENT.replace("MEMBERS", str(members)))
    whole = start(tmp_path, "train", "--quiet", "--run", "whole")
    assert (whole.communicate(timeout=60)[1], whole.returncode) == ("", 0)
    moments, run = Random(members), tmp_path / "killed"
    process = start(tmp_path, "train", "--quiet", "--run", "killed")
    for kill in range(KILLS):
        begun(run, process)
        sleep(moments.uniform(0.0, 0.25 + 0.05 * kill))
        # Every third time it is asked politely.
        process.send_signal(signal.SIGTERM if kill % 3 == 2 else signal.SIGKILL)
        process.communicate()
        process = start(tmp_path, "train", "--quiet", "--resume", "killed")
    _, said = process.communicate(timeout=60)
    assert (said, process.returncode) == ("", 0)
    assert files(run) == files(tmp_path / "whole")
    assert len(list((run / "checkpoints").iterdir())) == 2


def test_two_processes_never_write_one_folder(tmp_path):
    longer = EXPERIMENT.replace("MEMBERS", "1").replace("epochs: 40", "epochs: 4000")
    (tmp_path / "nntrain.yaml").write_text(longer)
    first = start(tmp_path, "train", "--quiet", "--run", "run")
    begun(tmp_path / "run", first)
    second = start(tmp_path, "train", "--quiet", "--resume", "run")
    _, said = second.communicate(timeout=60)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=60)
    assert said == "run is being written by another process\nhint: wait for it, or end it\n"
    assert (second.returncode, first.returncode) == (2, 143)
