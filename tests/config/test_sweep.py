"""What a sweep section may leave out, and which values its space may hold."""

from __future__ import annotations

import pytest

from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.experiment import Sweep, usual_space
from trainer_cli.config.space import Choice, LogUniform


@pytest.mark.parametrize(
    ("section", "sweep"),
    [
        ("", None),
        ("sweep:\n", None),
        ("sweep: {}\n", Sweep()),
        ("sweep: {trials: 5}\n", Sweep(trials=5)),
        ("sweep: {halving: null, stack: null}\n", Sweep()),
        ("sweep: {halving: 3, stack: 25}\n", Sweep(halving=3, stack=25)),
    ],
)
def test_what_is_left_out_has_a_default(tmp_path, section, sweep):
    assert load_text(tmp_path, SMALLEST + section).experiment.sweep == sweep


def test_the_usual_space():
    assert usual_space() == {
        "optimizer.learning_rate": LogUniform(low=1e-6, high=1.0),
        "regularization.l2": LogUniform(low=1e-5, high=100.0),
    }


@pytest.mark.parametrize(
    "text",
    [
        # A bound that is allowed itself.
        "schedule: {type: exponential, factor: 0.9}\n"
        "sweep: {space: {schedule.factor: {uniform: [0.5, 1]}}}\n",
        # The warm-up of the file is that of no trial.
        "schedule: {type: cosine, warmup: 8}\n"
        "sweep: {epochs: 5, space: {schedule.warmup: {uniform: [0, 4]}}}\n",
        "schedule: {type: cosine, warmup: 8}\n"
        "sweep: {epochs: 5, space: {schedule: {choice: [cosine, constant]}}}\n",
        # Trials have more epochs than the training section.
        "training: {epochs: 2}\nsweep: {epochs: 5, space: {schedule.warmup: {uniform: [0, 4]}}}\n",
        # As many trials as the choices have combinations.
        "sweep: {sampler: grid, trials: 2, space: {loss: {choice: [softmax, svm]}}}\n",
    ],
)
def test_sound(tmp_path, text):
    assert load_text(tmp_path, SMALLEST + text).experiment.sweep is not None


def test_a_key_of_the_space_is_replaced_however_it_is_written(tmp_path):
    text = SMALLEST + "sweep: {space: {'network[0].init': {choice: [he]}, seed: {int: [1, 2]}}}\n"
    for path in ("network.0.init", "network[0].init"):
        override = f"sweep.space.{path}={{choice: [xavier]}}"
        sweep = load_text(tmp_path, text, [override]).experiment.sweep
        assert list(sweep.space) == ["network.0.init", "seed"]
        assert sweep.space["network.0.init"] == Choice(values=("xavier",))
