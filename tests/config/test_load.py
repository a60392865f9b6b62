"""Where an experiment comes from, what its defaults are, and where its paths lead."""

import re
from pathlib import Path

import pytest

from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.data_rules import data_problems
from trainer_cli.config.experiment import Experiment, Overfit, Training
from trainer_cli.config.load import load
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import Data
from trainer_cli.datasets.shipped import shipped
from trainer_cli.datasets.sources import Digits, Npz
from trainer_cli.nn.initializers import Normal
from trainer_cli.nn.layers import Dense, Relu
from trainer_cli.nn.losses import Softmax
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim.optimizers import Sgd
from trainer_cli.optim.schedules import Constant

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


def test_configs_are_found() -> None:
    assert len(CONFIGS) >= 2


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_configs_load(file: Path) -> None:
    assert load(file).experiment.network


def test_settings_in_comments_of_the_starter_file_are_sound(tmp_path: Path) -> None:
    text = shipped("digits.yaml").read_text()
    settings = text[text.index("\noverfit:") :]
    opened, count = re.subn(r"(?m)^( *)# ?( *\w[\w.]*:)", r"\1\2", settings)
    assert count >= 9
    experiment = load_text(tmp_path, text.replace(settings, opened)).experiment
    assert experiment.overfit == Overfit(learning_rate=0.1, balanced=True)
    assert experiment.sweep is not None
    assert len(experiment.sweep.space) == 3


def test_lecture() -> None:
    experiment = load(next(file for file in CONFIGS if "two_layer" in file.name)).experiment
    small = Normal(std=1e-4)
    assert experiment.network == (
        Dense(units=50, init=small),
        Relu(),
        Dense(units=10, init=small),
    )
    assert experiment.optimizer == Sgd(learning_rate=1e-3)
    assert experiment.regularization == Regularization(l2=1e-6)
    assert experiment.training == Training(epochs=10, batch_size=100)
    assert experiment.overfit == Overfit(examples=20, updates=200, learning_rate=1e-3)
    assert experiment.sweep is not None
    assert sorted(experiment.sweep.space) == ["optimizer.learning_rate", "regularization.l2"]


def test_defaults(tmp_path: Path) -> None:
    assert load_text(tmp_path, SMALLEST).experiment == Experiment(
        seed=0,
        data=Data(source=Digits()),
        network=(Dense(units=10),),
        loss=Softmax(),
        regularization=Regularization(l2=0.0),
        optimizer=Sgd(learning_rate=0.01),
        schedule=Constant(),
        training=Training(epochs=10, batch_size=100, precision="float32"),
        overfit=Overfit(examples=20, updates=200, learning_rate=None, balanced=False),
        sweep=None,
    )


def test_bare_names_and_mappings_are_the_same(tmp_path: Path) -> None:
    bare = load_text(tmp_path, SMALLEST + "loss: softmax\noptimizer: sgd\n")
    mapping = load_text(tmp_path, SMALLEST + "loss: {type: softmax}\noptimizer: {type: sgd}\n")
    assert bare.experiment == mapping.experiment


def test_given_file_is_called_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(SMALLEST)
    loaded = load(Path("mine.yaml"))
    assert (loaded.name, loaded.stem, loaded.path) == ("mine.yaml", "mine", Path("mine.yaml"))


def test_usual_file_of_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nntrain.yaml").write_text(SMALLEST + "seed: 5\n")
    loaded = load(None)
    assert (loaded.name, loaded.experiment.seed) == ("nntrain.yaml", 5)


def test_shipped_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load(None)
    assert (loaded.name, loaded.stem) == ("built-in digits experiment", "digits")
    assert loaded.path == shipped("digits.yaml")
    assert loaded.experiment.data.source == Digits()


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    text = "data: {source: npz, path: ../x.npz}\nnetwork: [{type: dense, units: 10}]\n"
    (tmp_path / "here" / "e.yaml").write_text(text)
    monkeypatch.chdir(tmp_path / "there")
    loaded = load(Path("../here/e.yaml"))
    source = loaded.experiment.data.source
    assert isinstance(source, Npz)
    assert source.path.is_absolute()
    assert source.path.resolve() == (tmp_path / "x.npz").resolve()


def test_home_folder_in_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    text = "data: {source: npz, path: ~/x.npz}\nnetwork: [{type: dense, units: 10}]\n"
    assert load_text(tmp_path, text).experiment.data.source == Npz(path=tmp_path / "home/x.npz")


def test_whole_numbers_are_fine_where_numbers_go(tmp_path: Path) -> None:
    experiment = load_text(tmp_path, SMALLEST + "regularization: {l2: 1}\n").experiment
    assert type(experiment.regularization.l2) is float


def test_counts_and_fractions_stay_apart(tmp_path: Path) -> None:
    text = SMALLEST.replace("digits", "digits, split: {train: 1, validation: 0.5, test: 0}")
    split = load_text(tmp_path, text).experiment.data.split
    assert (type(split.train), type(split.validation)) == (int, float)


def test_number_of_classes_found_later(tmp_path: Path) -> None:
    text = "data: {source: npz, path: x.npz}\nnetwork:\n  - {type: dense, units: 12}\n  - relu\n"
    loaded = load_text(tmp_path, text)
    assert data_problems(loaded, (4,), 12, 100) == []
    (problem,) = data_problems(loaded, (4,), 10, 100)
    assert (problem.line, problem.column, problem.key) == (3, 26, "network[0].units")
    assert problem.message == "must equal the number of classes, 10, got 12"
    assert problem.hint == "the last layer with units gives one score per class"


def test_fewer_examples_to_train_on_than_batch_normalization_needs(tmp_path: Path) -> None:
    text = "data: {source: npz, path: x.npz, split: {train: 1}}\nnetwork:\n"
    loaded = load_text(tmp_path, text + "  - {type: dense, units: 12}\n  - batch_norm\n")
    assert data_problems(loaded, (4,), 12, 2) == []
    (problem,) = data_problems(loaded, (4,), 12, 1)
    assert (problem.line, problem.key) == (1, "data.split")
    assert problem.message == (
        "must leave at least 2 examples to train on for batch_norm, network[1], got 1"
    )
    assert problem.hint == (
        "the mean of a single example is the example itself, and nothing of it is left"
    )


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (("data", "split", "train"), (3, 18, 3)),
        (("data", "split", "validation"), (3, 10, 12)),
        (("data", "path"), (2, 9, 5)),
        (("network", 1, "units"), (7, 26, 2)),
        (("network", 0, "units"), (6, 5, 4)),
        (("network", 9), (6, 3, 6)),
        (("training", "epochs"), (1, 1, 5)),
    ],
)
def test_problems_found_later(
    tmp_path: Path, key: tuple[str | int, ...], place: tuple[int, int, int]
) -> None:
    text = """data:
  path: x.npz
  split: {train: 0.7}
  source: npz
network:
  - relu
  - {type: dense, units: 12}
"""
    loaded = load_text(tmp_path, text)
    problem = loaded.problem(key, "is wrong", "mend it")
    assert (problem.message, problem.hint) == ("is wrong", "mend it")
    assert (problem.line, problem.column, problem.width) == place


def test_error_is_one_readable_line(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError) as caught:
        load_text(tmp_path, SMALLEST + "seed: -1\nsede: 2\n")
    name = tmp_path / "experiment.yaml"
    assert (
        str(caught.value) == f"{name}: seed: must be at least 0, got -1; {name}: sede: unknown key"
    )
