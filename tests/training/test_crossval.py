"""Cross-validation: the folder that it leaves, the figures that it takes, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.experiments import blobs, changed, data_of
from trainer_cli.config.experiment import EarlyStopping, Training
from trainer_cli.config.load import load
from trainer_cli.config.problems import ExperimentError
from trainer_cli.datasets import DataError, Feed, folds
from trainer_cli.nn.streams import stream
from trainer_cli.optim.optimizers import Momentum
from trainer_cli.training import memory
from trainer_cli.training.crossval import begin, cross_validate, divide
from trainer_cli.training.crossval_smoke import smoke_folds
from trainer_cli.training.loop import train
from trainer_cli.training.metrics import histories
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.runs import RunError
from trainer_cli.training.stack import assemble

FILES = ["config.yaml", "final.safetensors", "folds.json", "metrics.jsonl", "summary.json"]


def divided(experiment, count=5):
    return folds(data_of(experiment), experiment.data, count, stream(0, "folds"))


def validated(experiment, place, made=None, **settings):
    """Cross-validate into a folder, and return what came of it."""
    made = made or divided(experiment)
    folder = begin(place, "seed: 0\n", data_of(blobs()), len(made))
    try:
        return cross_validate(experiment, made, folder, **{"watchers": Watchers(), **settings})
    finally:
        folder.close()


def read_histories(place):
    return histories(
        json.loads(line) for line in (place / "metrics.jsonl").read_text().splitlines()
    )


def test_the_folder_holds_every_fold(tmp_path):
    ended = validated(blobs(), tmp_path / "run")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == FILES
    assert json.loads((tmp_path / "run" / "folds.json").read_text())["folds"] == 5
    read = read_histories(tmp_path / "run")
    assert [history.member for history in read] == [0, 1, 2, 3, 4]
    for fold, history in zip(ended.figures, read, strict=True):
        assert fold.validation_accuracy == history.epochs[-1].validation_accuracy
        assert fold.updates == len(history.losses)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert [fold["fold"] for fold in summary["folds"]] == [0, 1, 2, 3, 4]
    accuracies = [fold["validation_accuracy"] for fold in summary["folds"]]
    assert summary["validation_accuracy"] == {
        "mean": pytest.approx(np.mean(accuracies)),
        "std": pytest.approx(np.std(accuracies, ddof=1)),
        "standard_error": pytest.approx(np.std(accuracies, ddof=1) / np.sqrt(5)),
    }
    assert summary["verdict"] == "pass"


def test_the_last_weights_of_every_fold_are_kept(tmp_path):
    experiment = blobs()
    made = divided(experiment)
    ended = validated(experiment, tmp_path / "run", made)
    arrays = load_file(tmp_path / "run" / "final.safetensors")
    for fold, dataset in zip(ended.figures, made, strict=True):
        stack = assemble([experiment], dataset, capacity=64)
        own = {name: array[..., [fold.fold], :] for name, array in arrays.items()}
        stack.network.load(own)
        n = len(dataset.validation)
        figures = stack.evaluate(Feed(dataset.validation, 64), np.arange(n))
        assert figures.accuracy[0] == fold.validation_accuracy


def test_a_fold_is_what_training_without_it_gives(tmp_path):
    experiment = blobs()
    made = divided(experiment)
    ended = validated(experiment, tmp_path / "run", made)
    for fold, dataset in zip(ended.figures, made, strict=True):
        last = train(experiment, dataset).alone.epochs[-1]
        assert fold.validation_loss == pytest.approx(last.validation_loss, rel=1e-3)


def test_every_fold_goes_to_its_last_epoch(tmp_path):
    stopping = EarlyStopping(patience=1, min_improvement=1.0)
    training = Training(epochs=4, batch_size=20, early_stopping=stopping)
    ended = validated(changed(blobs(), training=training), tmp_path / "run")
    assert [fold.epochs for fold in ended.figures] == [4] * 5
    assert "early-stopping" in [finding.rule for finding in ended.findings]


def test_folds_that_explode(tmp_path):
    experiment = changed(blobs(), optimizer=Momentum(learning_rate=1e9))
    ended = validated(experiment, tmp_path / "run")
    found = {finding.rule: finding for finding in ended.findings}
    assert found["learning-rate-too-high"].status == "fail"
    assert found["learning-rate-too-high"].message.startswith("fold 0, and of 5 of 5 folds: ")
    assert found["crossval"].message == "not judged: the cost exploded in 5 of 5 folds"
    assert not (tmp_path / "run" / "final.safetensors").exists()
    assert ended.summary["validation_accuracy"] is None


def test_an_interruption_leaves_what_there_is(tmp_path):
    asked = iter([False] * 20 + [True] * 100)
    ended = validated(blobs(), tmp_path / "run", watchers=Watchers(stop=lambda: next(asked, True)))
    assert {fold.stopped for fold in ended.figures} == {"interrupted"}
    assert {len(history.losses) for history in read_histories(tmp_path / "run")} == {21}
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == FILES


def test_a_disk_that_is_full(tmp_path, monkeypatch):
    def full(self, summary):
        raise OSError(28, "No space left on device", "summary.json")

    monkeypatch.setattr("trainer_cli.training.runs.RunFolder.write_summary", full)
    with pytest.raises(RunError) as caught:
        validated(blobs(), tmp_path / "run")
    assert caught.value.message == "summary.json: No space left on device"
    assert caught.value.hint == "make room, and begin again with another --run"


def loaded(*overrides):
    return load(None, overrides)


def dataset_of(these):
    return data_of(these.experiment)


def test_members_of_their_own_are_refused():
    these = loaded("training.members=4")
    with pytest.raises(ExperimentError) as caught:
        divide(these, dataset_of(these), 5)
    (problem,) = caught.value.problems
    assert problem.message == ("must be 1 where the folds are what is trained side by side, got 4")
    assert problem.hint == "add --set training.members=1"


def test_preprocessing_that_a_fold_cannot_have_is_shown_in_the_file():
    these = loaded(
        "data.preprocess=[{type: pca, dimensions: 40}]", "data.split={train: 50, validation: 10}"
    )
    with pytest.raises(ExperimentError) as caught:
        divide(these, dataset_of(these), 3)
    (problem,) = caught.value.problems
    assert problem.key == "data.preprocess[0].dimensions"
    assert problem.message == (
        "without fold 0, pca cannot keep 40 dimensions: 40 training examples of 64 features span "
        "at most 39"
    )


def test_folds_that_do_not_fit_into_memory(monkeypatch):
    these = loaded("network.0.units=10")
    dataset = dataset_of(these)
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**20)
    with pytest.raises(ExperimentError) as caught:
        divide(these, dataset, 100)
    (problem,) = caught.value.problems
    assert problem.message == (
        "the network of 100 folds needs about 0.02 GiB of memory, but only 0.00 GiB is available"
    )
    assert problem.hint == "use fewer folds, fewer units or a smaller batch"
    monkeypatch.setattr(memory, "available_bytes", lambda: 30 * 2**20)
    with pytest.raises(DataError) as refused:
        divide(these, dataset, 100)
    assert refused.value.message == (
        "keeping the examples of 100 folds needs about 0.04 GiB of memory, but only 0.03 GiB "
        "is available"
    )
    assert refused.value.hint == "use fewer folds"


def test_dividing_changes_nothing_else():
    """The folds of other numbers of epochs, and of other sizes of the split, are the same."""
    these = loaded()
    before = dataset_of(these)
    divide(these, before, 5)
    one = [fold.validation.rows.tolist() for fold in divide(these, before, 5)]
    other = loaded("training.epochs=3", "optimizer.learning_rate=0.5")
    assert [f.validation.rows.tolist() for f in divide(other, dataset_of(other), 5)] == one


def test_the_rehearsal(tmp_path):
    experiment = blobs()
    finding = smoke_folds(experiment, data_of(experiment), divided(experiment, 3), "seed: 0\n")
    assert (finding.status, finding.message) == (
        "pass",
        "3 folds, 30 updates, validation and run folder work",
    )
    wild = replace(experiment, optimizer=Momentum(learning_rate=1e9))
    finding = smoke_folds(wild, data_of(experiment), divided(experiment, 3), "seed: 0\n")
    assert finding.status == "fail"
    assert finding.message.startswith("fold 0, and of 3 of 3 folds: the cost ")
