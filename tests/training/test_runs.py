"""Run folders: whole files, new names, and numbers that JSON can hold."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.experiments import blobs, data_of
from trainer_cli.optim.optimizers import Sgd
from trainer_cli.training.outcome import Watchers
from trainer_cli.training.recorded import train_recorded
from trainer_cli.training.runs import Journal, RunError, RunFolder, default_folder, jsonable
from trainer_cli.training.smoke import FILES, smoke_test


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


def test_weights_are_stored_without_the_member_axis_and_read_back(tmp_path):
    experiment = blobs()
    folder = tmp_path / "run"
    recorded = train_recorded(
        experiment, data_of(experiment), config="seed: 0\n", folder=folder, watchers=Watchers()
    )
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    stored = load_file(folder / "final.safetensors")
    network = recorded.outcome.stack.network
    for entry in network.parameters.entries:
        array = network.parameters[entry.name]
        assert stored[entry.name].shape == (*array.shape[:-2], array.shape[-1])
        np.testing.assert_array_equal(stored[entry.name], array[..., 0, :])
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3, 4, 5]
    assert json.loads((folder / "summary.json").read_text())["verdict"] == "pass"


def test_smoke_notices_a_snapshot_that_is_not_what_was_measured(tmp_path, monkeypatch):
    experiment = blobs()
    save = RunFolder.save_weights

    def forget(self, name, parameters, flat):
        save(self, name, parameters, np.zeros_like(flat) if name == "best" else flat)

    monkeypatch.setattr(RunFolder, "save_weights", forget)
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
    assert journal.records == [{"trial": 1}, {"trial": 2}]
    journal.append({"trial": 3, "cost": float("inf")})
    assert path.read_text() == '{"trial": 1}\n{"trial": 2}\n{"trial": 3, "cost": null}\n'
    journal.close()


@pytest.mark.parametrize("line", ["{", "[1]", ""])
def test_a_journal_with_a_damaged_line_is_refused(tmp_path, line):
    path = tmp_path / "trials.jsonl"
    path.write_text(f'{{"trial": 1}}\n{line}\n{{"trial": 2}}\n')
    with pytest.raises(RunError) as caught:
        Journal(path)
    assert caught.value.message == f"line 2 of {path} is damaged"
    assert caught.value.hint == "begin a new run"
