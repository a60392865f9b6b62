"""--set changes one key, and works like editing the file."""

from pathlib import Path
from typing import Any

import pytest

from tests.config.reading import SMALLEST, load_text, problems_of
from trainer_cli.config.load import load
from trainer_cli.config.space import LogUniform
from trainer_cli.datasets.sources import Npz
from trainer_cli.nn.initializers import He, Xavier
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.optim.optimizers import Momentum, Sgd
from trainer_cli.optim.schedules import Exponential

NAMES = SMALLEST.replace("[", "[relu, ") + "optimizer: sgd\nschedule:\n"


@pytest.mark.parametrize(
    ("override", "section", "expected"),
    [
        ("seed=7", "seed", 7),
        ("optimizer=momentum", "optimizer", Momentum()),
        ("optimizer.learning_rate=1e-4", "optimizer", Sgd(learning_rate=1e-4)),
        ("optimizer.type=momentum", "optimizer", Momentum()),
        ("optimizer={type: momentum, momentum: 0}", "optimizer", Momentum(momentum=0)),
        ("schedule={type: exponential, factor: 0.5}", "schedule", Exponential(factor=0.5)),
        ("network=[{type: dense, units: 10}]", "network", (Dense(units=10),)),
        ("network.1.init=xavier", "network", (Relu(), Dense(units=10, init=Xavier()))),
        ("network[1].init.type=xavier", "network", (Relu(), Dense(units=10, init=Xavier()))),
        ("network=\n- relu\n- {type: dense, units: 10}", "network", (Relu(), Dense(units=10))),
    ],
)
def test_override(tmp_path: Path, override: str, section: str, expected: Any) -> None:
    text = NAMES.replace("schedule:\n", "")
    assert getattr(load_text(tmp_path, text, [override]).experiment, section) == expected


def test_absent_section_is_made_from_its_default(tmp_path: Path) -> None:
    overrides = ["optimizer.learning_rate=1e-4", "training.epochs=3", "overfit.balanced=true"]
    experiment = load_text(tmp_path, SMALLEST, overrides).experiment
    assert experiment.optimizer == Sgd(learning_rate=1e-4)
    assert (experiment.training.epochs, experiment.overfit.balanced) == (3, True)


def test_absent_part_inside_a_part(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, SMALLEST, ["network.0.init.type=he"])
    assert loaded.experiment.network == (Dense(units=10, init=He()),)


def test_empty_section_is_made(tmp_path: Path) -> None:
    experiment = load_text(tmp_path, SMALLEST + "training:\n", ["training.epochs=3"]).experiment
    assert experiment.training.epochs == 3


def test_last_override_wins(tmp_path: Path) -> None:
    assert load_text(tmp_path, SMALLEST, ["seed=x", "seed=2"]).experiment.seed == 2


def test_override_mends_a_file(tmp_path: Path) -> None:
    assert load_text(tmp_path, SMALLEST + "seed: x\n", ["seed=2"]).experiment.seed == 2


def test_override_in_a_space(tmp_path: Path) -> None:
    override = "sweep.space.optimizer.learning_rate={log_uniform: [1e-6, 1e-3]}"
    sweep = load_text(tmp_path, SMALLEST, [override]).experiment.sweep
    assert sweep is not None
    assert sweep.space == {"optimizer.learning_rate": LogUniform(low=1e-6, high=1e-3)}


def test_paths_are_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    overrides = ["data={source: npz, path: x.npz, classes: 10}"]
    source = load_text(tmp_path, SMALLEST, overrides).experiment.data.source
    assert source == Npz(path=tmp_path / "work" / "x.npz", classes=10)


def test_values_with_equals_signs_and_dots(tmp_path: Path) -> None:
    overrides = ["data={source: npz, path: '/a=b.c', classes: 10}"]
    assert load_text(tmp_path, SMALLEST, overrides).experiment.data.source == Npz(
        path=Path("/a=b.c"), classes=10
    )


def test_file_and_loaded_tree_stay_apart(tmp_path: Path) -> None:
    shared = SMALLEST.replace("[{", "[&a {type: dense, units: 10}, *a, {")
    network = load_text(tmp_path, shared, ["network.0.units=99"]).experiment.network
    assert [layer.units for layer in network if isinstance(layer, Dense)] == [99, 10, 10]


@pytest.mark.parametrize(
    ("override", "name", "message"),
    [
        ("a\nb=1", "--set a", "the path of a key has a character that cannot be seen"),
        ("\x1b=1", "--set \ufffd=1", "the path of a key has a character that cannot be seen"),
        ("a=\udce9", "--set a=\ufffd", "the character U+DCE9 is not allowed in YAML"),
        ("seed=5\n---\n6", "--set seed=5", "a second document begins here"),
    ],
)
def test_overrides_with_odd_characters(
    tmp_path: Path, override: str, name: str, message: str
) -> None:
    (problem,) = problems_of(tmp_path, SMALLEST, [override])
    assert (problem.file, problem.message) == (name, message)


def test_problem_found_later_points_into_the_override() -> None:
    problem = load(None, ["data.split.train=5"]).problem(("data", "split", "train"), "is wrong")
    assert (problem.file, problem.line, problem.column) == ("--set data.split.train=5", None, 18)
    assert problem.source_line == "data.split.train=5"
