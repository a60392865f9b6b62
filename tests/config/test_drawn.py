"""The experiment of a trial: the file's own, with what was drawn at its keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.drawn import drawn
from trainer_cli.config.problems import ExperimentError
from trainer_cli.nn.layers import Dense, LeakyRelu, Relu, Tanh
from trainer_cli.optim.optimizers import Adam, Sgd

TEXT = """
seed: 5
data: {source: digits}
network:
  - {type: dense, units: 20}
  - relu
  - {type: dense, units: 10}
schedule: {type: linear, warmup: 2.0}
sweep:
  epochs: 3
  space:
    network[0].units: {log_int: [10, 100]}
"""


def test_nothing_drawn_is_the_file_without_its_sweep(tmp_path):
    loaded = load_text(tmp_path, TEXT)
    assert drawn(loaded, {}) == replace(loaded.experiment, sweep=None)


def test_values_stand_at_their_keys(tmp_path):
    loaded = load_text(tmp_path, TEXT)
    values = {"network.0.units": 33, "optimizer.learning_rate": 0.25, "regularization.l2": 1e-3}
    experiment = drawn(loaded, values)
    assert experiment.network[0] == Dense(units=33)
    assert experiment.optimizer == Sgd(learning_rate=0.25)
    assert experiment.regularization.l2 == 1e-3
    assert experiment.sweep is None


@pytest.mark.parametrize(
    ("value", "layer"),
    [
        ("tanh", Tanh()),
        ({"type": "leaky_relu", "slope": 0.2}, LeakyRelu(slope=0.2)),
        ({"type": "relu"}, Relu()),
    ],
)
def test_a_choice_may_be_a_part(value, layer, tmp_path):
    loaded = load_text(tmp_path, TEXT)
    assert drawn(loaded, {"network.1": value}).network[1] == layer


def test_a_choice_may_be_a_section_or_a_list(tmp_path):
    loaded = load_text(tmp_path, SMALLEST)
    values = {"optimizer": {"type": "adam", "learning_rate": 0.5}, "data.preprocess": ("center",)}
    experiment = drawn(loaded, values)
    assert experiment.optimizer == Adam(learning_rate=0.5)
    assert [step.type for step in experiment.data.preprocess] == ["center"]
    assert drawn(loaded, {"data.preprocess": ["center"]}) == drawn(
        loaded, {"data.preprocess": ("center",)}
    )


def test_what_does_not_go_together_is_told(tmp_path):
    loaded = load_text(tmp_path, TEXT)
    with pytest.raises(ExperimentError) as caught:
        drawn(loaded, {"training.epochs": 2})
    (problem,) = caught.value.problems
    assert (problem.key, problem.line) == ("schedule.warmup", 8)
    assert problem.message == "must be less than training.epochs, 2, got 2"


def test_another_seed_leaves_the_split_as_it_is(tmp_path):
    loaded = load_text(tmp_path, TEXT)
    experiment = drawn(loaded, {"seed": 9})
    assert (experiment.seed, experiment.data_seed) == (9, 5)
    assert loaded.experiment.data_seed == 5
    pinned = load_text(
        tmp_path, TEXT.replace("{source: digits}", "{source: digits, split: {seed: 2}}")
    )
    assert drawn(pinned, {"seed": 9}).data_seed == 2
