"""Run folders: whole files, new names, and numbers that JSON can hold."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.experiments import blobs, changed, data_of
from trainer_cli.config.experiment import Training
from trainer_cli.optim.optimizers import Sgd
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.recorded import train_recorded
from trainer_cli.training.runs import Journal, RunError, RunFolder, default_folder, jsonable
from trainer_cli.training.smoke import FILES, smoke_test
from trainer_cli.training.taking_up import begin
from trainer_cli.training.weight_files import read_weights


def test_default_names_are_never_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    now = datetime(2026, 1, 2, 3, 4, 5)
    first = default_folder("train", "digits", now)
    assert first == Path("runs/train-digits-20260102-030405")
    first.mkdir(parents=True)
    second = default_folder("train", "digits", now)
    assert second == Path("runs/train-digits-20260102-030405-2")
    second.mkdir()
    assert default_folder("train", "digits", now).name == "train-digits-20260102-030405-3"


def test_a_folder_that_exists_is_refused(tmp_path):
    with pytest.raises(RunError) as caught:
        RunFolder.create(tmp_path, {"config.yaml": "seed: 0\n"})
    assert str(caught.value) == f"{tmp_path} exists already, and a run is never overwritten"


def test_what_json_cannot_hold_becomes_null():
    value = {"a": np.float32("nan"), "b": [np.inf, 1.5, np.int64(3)], "c": (True, None, "x")}
    assert jsonable(value) == {"a": None, "b": [None, 1.5, 3], "c": [True, None, "x"]}


def recorded(experiment, folder):
    dataset = data_of(experiment)
    run = begin(folder, "seed: 0\n", dataset)
    try:
        return train_recorded(experiment, dataset, run, watchers=Watchers())
    finally:
        run.close()


def test_weights_are_stored_without_the_member_axis_and_read_back(tmp_path):
    folder = tmp_path / "run"
    networks = recorded(blobs(), folder).outcome.final
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "checkpoints"])
    stored = load_file(folder / "final.safetensors")
    assert networks.layout.entries
    for entry in networks.layout.entries:
        array = entry.view(networks.flats[0])
        assert stored[entry.name].shape == (*array.shape[:-2], array.shape[-1])
        np.testing.assert_array_equal(stored[entry.name], array[..., 0, :])
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines if line["kind"] == "epoch"] == [1, 2, 3, 4, 5]
    assert json.loads((folder / "summary.json").read_text())["verdict"] == "pass"


def test_several_members_are_stored_with_their_axis_and_numbers(tmp_path):
    experiment = changed(blobs(), training=Training(epochs=2, members=3))
    folder = tmp_path / "run"
    networks = recorded(experiment, folder).outcome.final
    weights = read_weights(folder / "final.safetensors")
    assert weights.members == (0, 1, 2)
    for entry in networks.layout.entries:
        for m in weights.members:
            own = entry.view(networks.flats[m])[..., 0, :]
            np.testing.assert_array_equal(weights.arrays[entry.name][..., m, :], own)
    assert [
        each["stopped"] for each in json.loads((folder / "summary.json").read_text())["members"]
    ]


def test_smoke_notices_a_snapshot_that_is_not_what_was_measured(monkeypatch):
    experiment = blobs()
    save = RunFolder.save_networks

    def forget(self, name, networks):
        zeros = {m: np.zeros_like(flat) for m, flat in networks.flats.items()}
        save(self, name, replace(networks, flats=zeros) if name == "best" else networks)

    monkeypatch.setattr(RunFolder, "save_networks", forget)
    finding = smoke_test(experiment, data_of(experiment), "seed: 0\n")
    assert finding.status == "fail"
    assert finding.message.startswith("the best weights, read back, give a validation accuracy of ")
    assert finding.hint == "report this: it is a fault of nntrain itself"


def test_smoke_notices_a_file_that_is_missing(monkeypatch):
    experiment = blobs()
    monkeypatch.setattr(RunFolder, "write_summary", lambda self, summary: None)
    finding = smoke_test(experiment, data_of(experiment), "seed: 0\n")
    assert finding.message == "the run folder lacks summary.json"
    assert finding.hint == (
        "look at the folder for temporary files (TMPDIR): whether it is full, or emptied by others"
    )


def test_smoke_gives_the_hint_of_what_failed():
    experiment = blobs()
    wild = replace(experiment, optimizer=Sgd(learning_rate=1e9))
    finding = smoke_test(wild, data_of(experiment), "seed: 0\n")
    assert finding.message.endswith(": the learning rate 1e+09 is too high")
    assert finding.hint == "try optimizer.learning_rate=1e+08"


def test_one_process_at_a_time_has_a_folder(tmp_path):
    folder = tmp_path / "run"
    run = RunFolder.create(folder, {"config.yaml": "seed: 0\n"})
    with pytest.raises(RunError) as caught:
        RunFolder(folder)
    assert caught.value.message == f"{folder} is being written by another process"
    assert caught.value.hint == "wait for it, or end it"
    run.close()
    RunFolder(folder).close()


def test_a_folder_is_there_with_all_its_files_or_not_at_all(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        RunFolder.create(tmp_path / "run", {"config.yaml": "seed: 0\n", "plan.json": "\udc00"})
    assert list(tmp_path.iterdir()) == []


def test_a_journal_goes_on_after_its_last_whole_line(tmp_path):
    path = tmp_path / "trials.jsonl"
    path.write_text('{"trial": 1}\n{"trial": 2}\n{"tri')
    journal = Journal(path)
    assert list(journal.records()) == [{"trial": 1}, {"trial": 2}]
    journal.append({"trial": 3, "cost": float("inf")})
    assert path.read_text() == '{"trial": 1}\n{"trial": 2}\n{"trial": 3, "cost": null}\n'
    journal.close()


@pytest.mark.parametrize("line", ["{", "[1]", ""])
def test_a_journal_with_a_damaged_line_is_refused(tmp_path, line):
    path = tmp_path / "trials.jsonl"
    path.write_text(f'{{"trial": 1}}\n{line}\n{{"trial": 2}}\n')
    journal = Journal(path)
    with pytest.raises(RunError) as caught:
        list(journal.records())
    journal.close()
    assert caught.value.message == f"line 2 of {path} is damaged"
    assert caught.value.hint == "begin a new run"
