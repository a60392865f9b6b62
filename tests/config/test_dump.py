"""What to_yaml writes is complete and loads to the same experiment."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.config.experiments import experiments
from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.dump import to_yaml
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.load import load

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))

FULL = """\
seed: 0
data:
  source: npz
  path: /data/x.npz
  split: {train: 0.7, stratified: true, seed: 5}
  preprocess: [{type: scale, by: 255.0}, center]
  augment: [{type: random_crop, padding: 4}, {type: flip, probability: 0.5}]
network:
  - {type: conv, filters: 8, kernel: 5, stride: 2, padding: same, bias_init: zeros}
  - relu
  - {type: dense, units: 50, init: {type: normal, std: 1e-5}, bias_init: zeros}
  - {type: leaky_relu, slope: 0.01}
  - {type: dense, units: 10, init: {type: he, distribution: normal}, bias_init: zeros, l2: 0.5}
loss: {type: svm, margin: 2.0, class_weights: [1.0, 2.0, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]}
regularization:
  l1: 0.0
  l2: 1e-6
  max_norm: 3.0
optimizer: {type: momentum, learning_rate: 0.001, momentum: 0.9, weight_decay: 0.0, clip_norm: 5.0}
schedule: {type: exponential, factor: 0.95, per: epoch, warmup: 0.0}
training:
  epochs: 10
  batch_size: 100
  precision: float32
  members: 1
overfit:
  examples: 20
  updates: 200
  learning_rate: 0.01
  balanced: false
sweep:
  trials: 100
  epochs: 5
  stages: 2
  growth: 2
  sampler: random
  abort_ratio: 3.0
  halving: 3
  stack: 25
  space:
    optimizer.learning_rate: {log_uniform: [1e-6, 0.001]}
    network.0.init: {choice: [he, {type: normal, std: 0.1}]}
    training.batch_size: {log_int: [10, 50]}
"""


def test_text(tmp_path: Path) -> None:
    assert to_yaml(load_text(tmp_path, FULL).experiment) == FULL


def test_defaults_are_written_out(tmp_path: Path) -> None:
    text = to_yaml(load_text(tmp_path, SMALLEST).experiment)
    loss = "loss: {type: softmax, label_smoothing: 0.0}"
    for line in ("seed: 0", loss, "schedule: {type: constant, warmup: 0.0}", "  batch_size: 100"):
        assert f"\n{line}\n" in f"\n{text}"


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_configs_survive_a_move(file: Path, tmp_path: Path) -> None:
    experiment = load(file).experiment
    assert load_text(tmp_path, to_yaml(experiment)).experiment == experiment


@given(experiments())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_round_trip(tmp_path: Path, experiment: Experiment) -> None:
    assert load_text(tmp_path, to_yaml(experiment)).experiment == experiment
