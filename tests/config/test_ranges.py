"""--range KEY=LOW:HIGH searches one key, in the way that suits its numbers."""

from __future__ import annotations

import pytest

from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.problems import ExperimentError
from trainer_cli.config.ranges import range_override
from trainer_cli.config.space import Choice, Int, LogInt, LogUniform
from trainer_cli.report.problems import problems_text

HIDDEN = (
    "data: {source: digits}\n"
    "network: [{type: dense, units: 50}, {type: dropout, rate: 0.5}, {type: dense, units: 10}]\n"
)
FORM = "hint: write --range KEY=LOW:HIGH, such as --range optimizer.learning_rate=1e-4:1e-1"


def searched(folder, *ranges, text=HIDDEN):
    """Return the space that the ranges give."""
    overrides = []
    for each in ranges:
        overrides.append(range_override(load_text(folder, text, overrides), each))
    return load_text(folder, text, overrides).experiment.sweep.space


@pytest.mark.parametrize(
    ("text", "override"),
    [
        (
            "optimizer.learning_rate=1e-4:1e-1",
            "sweep.space.optimizer.learning_rate={log_uniform: [1e-4, 1e-1]}",
        ),
        ("regularization.l2=0:0.5", "sweep.space.regularization.l2={uniform: [0, 0.5]}"),
        ("network.0.units=10:200", "sweep.space.network.0.units={log_int: [10, 200]}"),
        ("network[0].units=10:200", "sweep.space.network.0.units={log_int: [10, 200]}"),
        ("network.1.rate=0:0.9", "sweep.space.network.1.rate={uniform: [0, 0.9]}"),
        ("data.augment.0.padding=0:4", "sweep.space.data.augment.0.padding={uniform: [0, 4]}"),
        ("overfit.updates=0:9", "sweep.space.overfit.updates={int: [0, 9]}"),
        ("overfit.learning_rate=1:2", "sweep.space.overfit.learning_rate={log_uniform: [1, 2]}"),
        ("optimizer.clip_norm=1:10", "sweep.space.optimizer.clip_norm={log_uniform: [1, 10]}"),
        ("seed=1:100", "sweep.space.seed={int: [1, 100]}"),
        (" seed = -1 : 1 ", "sweep.space.seed={int: [-1, 1]}"),
    ],
)
def test_override(tmp_path, text, override):
    assert range_override(load_text(tmp_path, HIDDEN), text) == override


def test_settings_of_a_data_source_are_keys_of_the_data_section(tmp_path):
    text = "data: {source: synthetic, classes: 3}\nnetwork: [{type: dense, units: 3}]\n"
    loaded = load_text(tmp_path, text)
    assert range_override(loaded, "data.examples=100:900") == (
        "sweep.space.data.examples={log_int: [100, 900]}"
    )
    assert range_override(loaded, "data.noise=0:1") == "sweep.space.data.noise={uniform: [0, 1]}"


def test_without_a_section_only_the_ranges_are_searched(tmp_path):
    space = searched(tmp_path, "network.0.units=10:200", "optimizer.learning_rate=1e-3:1")
    assert space == {
        "network.0.units": LogInt(low=10, high=200),
        "optimizer.learning_rate": LogUniform(low=1e-3, high=1.0),
    }


def test_a_range_replaces_or_adds_a_key_of_the_section(tmp_path):
    section = (
        "sweep:\n  trials: 7\n  space:\n    optimizer.learning_rate: {choice: [0.1, 1]}\n"
        "    network[0].units: {int: [5, 6]}\n    loss: {choice: [softmax, svm]}\n"
    )
    ranges = ["network.0.units=10:200", "optimizer.learning_rate=1e-3:1", "seed=0:5"]
    assert searched(tmp_path, *ranges, text=HIDDEN + section) == {
        "optimizer.learning_rate": LogUniform(low=1e-3, high=1.0),
        "network.0.units": LogInt(low=10, high=200),
        "loss": Choice(values=("softmax", "svm")),
        "seed": Int(low=0, high=5),
    }


def test_the_last_range_for_a_key_counts(tmp_path):
    assert searched(tmp_path, "seed=1:5", "seed=2:9") == {"seed": Int(low=2, high=9)}


MALFORMED = {
    "no equals sign": (
        "optimizer.learning_rate",
        "--range optimizer.learning_rate: has no '=' between key and range\n"
        " |\n"
        " | optimizer.learning_rate\n"
        " | ^^^^^^^^^^^^^^^^^^^^^^^\n",
    ),
    "nothing": (
        "",
        "--range : has no '=' between key and range\n |\n |\n | ^\n",
    ),
    "no colon": (
        "seed=5",
        "--range seed=5: has no ':' between low and high\n |\n | seed=5\n |      ^\n",
    ),
    "nothing behind the equals sign": (
        "seed=",
        "--range seed=: has no ':' between low and high\n |\n | seed=\n |      ^\n",
    ),
    "no key": (
        "=1:2",
        "--range =1:2: the path of a key has an empty part\n |\n | =1:2\n | ^\n",
    ),
    "low is no number": (
        "seed=x:5",
        "--range seed=x:5: seed: low and high must be numbers, got 'x'\n"
        " |\n"
        " | seed=x:5\n"
        " |      ^\n",
    ),
    "high is no number": (
        "optimizer.learning_rate=1e-4:true",
        "--range optimizer.learning_rate=1e-4:true: optimizer.learning_rate: "
        "low and high must be numbers, got 'true'\n"
        " |\n"
        " | optimizer.learning_rate=1e-4:true\n"
        " |                              ^^^^\n",
    ),
    "too many colons": (
        "seed=1:5:9",
        "--range seed=1:5:9: seed: low and high must be numbers, got '5:9'\n"
        " |\n"
        " | seed=1:5:9\n"
        " |        ^^^\n",
    ),
    "no low": (
        "seed=:5",
        "--range seed=:5: seed: low and high must be numbers, got ''\n |\n | seed=:5\n |      ^\n",
    ),
    "not finite": (
        "seed=1:.inf",
        "--range seed=1:.inf: seed: low and high must be numbers, got '.inf'\n"
        " |\n"
        " | seed=1:.inf\n"
        " |        ^^^^\n",
    ),
    "turned round": (
        "regularization.l2=3:1e-1",
        "--range regularization.l2=3:1e-1: regularization.l2: "
        "low must be less than high, got 3 and 1e-1\n"
        " |\n"
        " | regularization.l2=3:1e-1\n"
        " |                   ^^^^^^\n",
    ),
    "one and the same": (
        "seed=3:3",
        "--range seed=3:3: seed: low must be less than high, got 3 and 3\n"
        " |\n"
        " | seed=3:3\n"
        " |      ^^^\n",
    ),
}


@pytest.mark.parametrize(("text", "message"), MALFORMED.values(), ids=list(MALFORMED))
def test_malformed(tmp_path, text, message):
    with pytest.raises(ExperimentError) as caught:
        range_override(load_text(tmp_path, SMALLEST), text)
    assert problems_text(caught.value.problems) == f"{message}{FORM}\n\n1 problem"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "optimizer.learning_rat=1e-4:1",
            "--set sweep.space.optimizer.learning_rat={log_uniform: [1e-4, 1]}: "
            "sweep.space.optimizer.learning_rat: unknown key",
        ),
        (
            "optimizer.learning_rate=-1:1",
            "--set sweep.space.optimizer.learning_rate={uniform: [-1, 1]}: "
            "sweep.space.optimizer.learning_rate: must be greater than 0, got -1",
        ),
        (
            "network.0.units=10:20.5",
            "--set sweep.space.network.0.units={log_int: [10, 20.5]}: "
            "sweep.space.network.0.units.log_int[1]: must be a whole number, got 20.5",
        ),
        (
            "sweep.trials=1:5",
            "--set sweep.space.sweep.trials={log_uniform: [1, 5]}: "
            "sweep.space.sweep.trials: a sweep cannot search its own settings",
        ),
    ],
)
def test_what_the_experiment_does_not_take_is_found_by_the_ordinary_check(tmp_path, text, message):
    with pytest.raises(ExperimentError) as caught:
        searched(tmp_path, text)
    assert str(caught.value) == message


def test_a_misspelt_key_gets_the_nearest_as_a_hint(tmp_path):
    with pytest.raises(ExperimentError) as caught:
        searched(tmp_path, "optimizer.learning_rat=1e-4:1")
    assert caught.value.problems[0].hint == "did you mean learning_rate?"
