"""Runs on disk are opened with all that is in them, and what is wrong with one is named."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.runs_on_disk import BLOBS, trained
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import Feed
from trainer_cli.training.interface import PREPROCESSING
from trainer_cli.training.runs import RunError
from trainer_cli.training.trained import open_run, open_runs

GIVE = "give a folder that nntrain train has written, such as runs/train-..."
ANEW = "train again, or take another run"


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("runs") / "one")


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("runs") / "three", BLOBS, "training.members=3")


@pytest.fixture
def own(one, tmp_path):
    """A copy of the run, to be damaged."""
    folder = tmp_path / "own"
    folder.mkdir()
    for path in one.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def refused(act):
    with pytest.raises(RunError) as caught:
        act()
    return caught.value.message, caught.value.hint


def validated(run, which):
    network = run.network(which)
    split = run.dataset.validation
    x, labels = Feed(split, len(split)).fill(np.arange(len(split)))
    scores = run.network(which, capacity=len(split)).forward(x, training=False)
    assert network.members == scores.shape[1]
    return (scores.argmax(axis=-1) == labels).mean(axis=0)


def test_a_run_has_all_that_it_was_trained_with(one):
    run = open_run(one)
    assert run.config == (one / "config.yaml").read_text()
    assert run.experiment.training.epochs == 3
    assert len(run.dataset.train) == 180
    (history,) = run.histories
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3]
    assert run.summary == json.loads((one / "summary.json").read_text())
    assert run.snapshots() == []


def test_the_best_weights_give_the_accuracy_that_was_recorded(one, three):
    for folder in (one, three):
        run = open_run(folder)
        recorded = [history.best.validation_accuracy for history in run.histories]
        assert validated(run, "best").tolist() == pytest.approx(recorded)
        assert run.weights("best").members == tuple(range(len(recorded)))


def test_the_file_of_members_is_that_of_each_alone(one, three):
    alone, stacked = open_run(one).network("best"), open_run(three).network("best")
    for entry in alone.parameters.everything:
        np.testing.assert_allclose(
            stacked.parameters[entry.name][..., :1, :], alone.parameters[entry.name], rtol=1e-5
        )


def test_members_that_exploded_are_not_in_the_file(three, tmp_path):
    arrays = load_file(three / "best.safetensors")
    some = {name: np.ascontiguousarray(array[..., [0, 2], :]) for name, array in arrays.items()}
    save_file(some, tmp_path / "some.safetensors", {"members": "0,2"})
    run = open_run(three)
    assert run.weights(tmp_path / "some.safetensors").members == (0, 2)
    found = validated(run, tmp_path / "some.safetensors")
    np.testing.assert_array_equal(found, validated(run, "best")[[0, 2]])


def test_runs_with_the_same_data_read_them_once(one, three, tmp_path):
    other = trained(tmp_path / "other", BLOBS, "data.split.seed=1")
    runs = open_runs([one, three, other])
    assert runs[0].dataset is runs[1].dataset
    assert runs[2].dataset is not runs[0].dataset


def test_what_is_no_run(tmp_path, one):
    file = one / "config.yaml"
    assert refused(lambda: open_run(tmp_path / "no")) == (
        f"{tmp_path / 'no'}: no such folder",
        GIVE,
    )
    assert refused(lambda: open_run(file)) == (f"{file}: is a file, and a run is a folder", GIVE)
    assert refused(lambda: open_run(tmp_path)) == (
        f"{tmp_path} is no run: it has no config.yaml",
        GIVE,
    )
    (tmp_path / "plan.json").write_text("{}")
    assert refused(lambda: open_run(tmp_path)) == (
        f"{tmp_path} is the run of a sweep, which keeps no networks",
        f"train with what it found: nntrain train {tmp_path / 'best.yaml'}",
    )


def test_a_run_without_weights_yet(own):
    (own / "final.safetensors").unlink()
    assert refused(lambda: open_run(own).network("final")) == (
        f"{own} has no final weights: training has not ended",
        f"go on with nntrain train --resume {own}",
    )
    (own / "best.safetensors").unlink()
    for which in ("best", "final"):
        assert refused(lambda which=which: open_run(own).network(which)) == (
            f"{own} has no {which}.safetensors: training has not got through its first epoch",
            f"go on with nntrain train --resume {own}",
        )
    (own / "summary.json").unlink()
    assert open_run(own).summary is None


def test_a_run_that_exploded_at_once_is_not_gone_on_with(tmp_path):
    folder = trained(tmp_path / "lost", BLOBS, "optimizer.learning_rate=1e30")
    assert refused(lambda: open_run(folder).network("best")) == (
        f"{folder} has no best.safetensors: training has not got through its first epoch",
        "take another run, or train again",
    )


def test_final_weights_of_an_earlier_interruption(own):
    lines = (own / "metrics.jsonl").read_text().splitlines(keepends=True)
    assert open_run(own).ends == ("finished",)
    (own / "metrics.jsonl").write_text("".join(lines[:-1]))
    assert (own / "final.safetensors").exists()
    assert open_run(own).ends == (None,)
    assert refused(lambda: open_run(own).network("final")) == (
        f"{own} has no final weights: training has not ended",
        f"go on with nntrain train --resume {own}",
    )
    assert open_run(own).network("best").members == 1


def test_the_networks_of_a_cross_validation_are_not_used(own):
    (own / "folds.json").write_text("[]")
    expected = (
        f"{own} is the run of a cross-validation, whose networks are not used",
        f"train one on all examples: nntrain train {own / 'config.yaml'}",
    )
    assert refused(lambda: open_run(own).network("best")) == expected
    assert refused(lambda: open_run(own).interface) == expected
    assert len(open_run(own).histories) == 1


def test_no_snapshots(own):
    assert refused(lambda: open_run(own).weight_files("snapshots")) == (
        f"{own} has no snapshots",
        "they are kept at each minimum of a schedule that starts again: train with "
        "schedule: {type: cosine, period: ...}",
    )


def test_damaged_weights(own):
    path = own / "best.safetensors"
    whole = path.read_bytes()
    for length in (0, 7, 50, len(whole) - 1):
        path.write_bytes(whole[:length])
        message, hint = refused(lambda: open_run(own).network("best"))
        assert message.startswith(f"{path} is damaged: ")
        assert hint == ANEW


def test_weights_that_are_no_numbers(own):
    path = own / "best.safetensors"
    arrays = load_file(path)
    save_file(arrays | {"network[0].biases": np.zeros(8, np.int32)}, path)
    assert refused(lambda: open_run(own).network("best")) == (
        f"{path} is damaged: network[0].biases is int32 of the shape (8,)",
        ANEW,
    )
    save_file(arrays, path, {"members": "one"})
    assert refused(lambda: open_run(own).network("best")) == (
        f"{path} is damaged: its members are 'one'",
        ANEW,
    )
    save_file(arrays | {"network[2].biases": np.full(3, np.nan, np.float32)}, path)
    assert refused(lambda: open_run(own).network("best")) == (
        f"{path} holds values of network[2].biases that are not finite",
        "the run exploded: take other weights, or another run",
    )


def test_weights_that_do_not_fit(own):
    config = own / "config.yaml"
    text = config.read_text()
    config.write_text(text.replace("units: 8", "units: 9"))
    assert refused(lambda: open_run(own).network("best")) == (
        f"{own / 'best.safetensors'} does not fit {config}: network[0].weights is (2, 8) there and "
        "(2, 9) in the experiment",
        "put config.yaml back as it was, or train again",
    )
    config.write_text(text.replace("  - relu\n", "  - {type: prelu}\n"))
    assert refused(lambda: open_run(own).network("best"))[0].endswith(
        "is missing there and (8,) in the experiment"
    )


def test_data_that_have_changed(own):
    config = own / "config.yaml"
    config.write_text(config.read_text().replace("noise: 0.8", "noise: 0.9"))
    assert refused(lambda: open_run(own).dataset) == (
        f"the data are not those that {own} was trained on",
        "put them back as they were, or train again",
    )


def test_data_that_have_moved(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=rng.normal(size=(60, 2)), y=np.arange(60) % 3)
    text = BLOBS.replace("synthetic", "npz\n  path: d.npz").replace("  noise: 0.8\n", "")
    text = text.replace("  examples: 300\n", "").replace("180", "30").replace("60", "15")
    folder = trained(tmp_path / "run", text)
    (tmp_path / "d.npz").rename(tmp_path / "moved.npz")
    with pytest.raises(ExperimentError) as caught:
        open_run(folder).dataset  # noqa: B018
    (problem,) = caught.value.problems
    assert (problem.file, problem.key, problem.message) == (
        str(folder / "config.yaml"),
        "data.path",
        "no such file",
    )
    assert open_run(folder).interface.pipeline.input_shape == (2,)


def test_preprocessing_comes_from_the_data_where_its_file_is_missing(own):
    with_file = open_run(own).interface
    (own / PREPROCESSING).unlink()
    from_data = open_run(own).interface
    for one, other in zip(with_file.pipeline.stages, from_data.pipeline.stages, strict=True):
        np.testing.assert_array_equal(one.shift, other.shift)
        np.testing.assert_array_equal(one.factor, other.factor)
    same = replace(with_file, pipeline=from_data.pipeline)
    assert same == from_data


def test_a_network_that_does_not_fit_its_preprocessing(own):
    config = own / "config.yaml"
    config.write_text(config.read_text().replace("units: 3", "units: 4"))
    config.write_text(config.read_text().replace("classes: 3", "classes: 4"))
    with pytest.raises(ExperimentError) as caught:
        open_run(own).interface  # noqa: B018
    assert caught.value.problems[0].message == "must equal the number of classes, 3, got 4"


def test_damaged_records(own):
    metrics = own / "metrics.jsonl"
    lines = metrics.read_text().splitlines()
    metrics.write_text("\n".join([*lines, '{"kind": "epo']))  # being written
    assert len(open_run(own).histories) == 1
    metrics.write_text("\n".join([lines[0], "{", *lines[1:], ""]))
    expected = (f"line 2 of {metrics} is damaged", "train again")
    assert refused(lambda: open_run(own).histories) == expected
    metrics.write_text("\n".join([*lines[1:], ""]))
    assert refused(lambda: open_run(own).histories) == (
        f"{metrics} is damaged: member 0 has no line of kind start",
        "train again",
    )
    metrics.unlink()
    assert refused(lambda: open_run(own).histories) == (f"{own} has no metrics.jsonl", GIVE)
    (own / "summary.json").write_text("[]")
    expected = (f"{own / 'summary.json'} is damaged", "train again")
    assert refused(lambda: open_run(own).summary) == expected


def test_too_little_memory(one, monkeypatch):
    monkeypatch.setattr("trainer_cli.training.memory.available_bytes", lambda: 10**6)
    run = open_run(one)
    weights, shape = run.weights("best"), (2,)
    monkeypatch.setattr("trainer_cli.training.memory.available_bytes", lambda: 10)
    message, hint = refused(lambda: run.network_of(weights, shape))
    assert message == (
        f"the network of {one} needs about 0.00 GiB of memory, but only 0.00 GiB is available"
    )
    assert hint == "end other programs, or take a larger machine"
