"""`nntrain crossval`: figures, run folder, refusals, and what a signal leaves behind."""

import json
import signal
import time

import pytest
from safetensors.numpy import load_file

from tests.cli.running import run, start

SHORT = ["--set", "training.epochs=4", "--folds", "3"]
FILES = ["config.yaml", "final.safetensors", "folds.json", "metrics.jsonl", "summary.json"]


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_report(empty_folder):
    ran = run("crossval", *SHORT, "--run", "one")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == "nntrain crossval  built-in digits experiment"
    said = [line for line in lines if line.startswith("pass  crossval: ")]
    assert said[0].startswith("pass  crossval: mean validation accuracy 9")
    assert said[0].endswith("; the largest class alone: 10.2%")
    table = lines.index(next(line for line in lines if line.startswith("fold   ")))
    assert [line.split()[0] for line in lines[table + 1 : table + 6]] == [
        "0",
        "1",
        "2",
        "mean",
        "deviation",
    ]
    assert lines[table + 7].startswith("3 folds, 128 updates each, in 0.")
    assert lines[table + 8] == "run: one"
    assert lines[-1].startswith("verdict: pass  (")
    epochs = ran.err.splitlines()
    assert len(epochs) == 4
    assert epochs[0].startswith("epoch 1/4  cost 1.")


def test_the_run_folder_and_the_json(empty_folder):
    ran = run("crossval", *SHORT, "--run", "one", "--format", "json")
    assert ran.code == 0
    assert (ran.json["command"], ran.json["run"]) == ("crossval", "one")
    folder = empty_folder / "one"
    assert files(folder) == FILES
    assert [fold["validation_examples"] for fold in ran.json["folds"]] == [510, 509, 509]
    summary = json.loads((folder / "summary.json").read_text())
    for key in ("validation_accuracy", "validation_loss", "train_accuracy", "folds"):
        assert summary[key] == ran.json[key]
    kinds = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert {line["member"] for line in kinds} == {0, 1, 2}
    assert sum(line["kind"] == "update" for line in kinds) == 3 * 128
    assert load_file(folder / "final.safetensors")["network[0].weights"].shape == (64, 3, 50)


def test_five_folds_unless_told_otherwise_and_none_is_overwritten(empty_folder):
    short = ["--set", "training.epochs=1", "--format", "json"]
    first, second = (run("crossval", *short).json for _ in range(2))
    assert len(first["folds"]) == 5
    assert first["run"] != second["run"]
    assert first["run"].startswith("runs/crossval-digits-")
    assert first["validation_accuracy"] == second["validation_accuracy"]


def test_the_rehearsal_leaves_nothing(empty_folder):
    ran = run("crossval", "--smoke")
    assert ran.out.splitlines()[1] == (
        "pass  smoke: 5 folds, 50 updates, validation and run folder work"
    )
    assert not list(empty_folder.iterdir())
    ran = run("crossval", "--smoke", "--run", "one")
    assert ran.code == 2
    assert "--smoke leaves no run" in ran.err


def test_too_many_folds(empty_folder):
    ran = run("crossval", "--folds", "200")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "200 folds cannot share the 148 examples of class 8 for training and validation\n"
        "hint: use at most 148 folds, or set data.split.stratified to false\n"
    )
    assert not list(empty_folder.iterdir())


def test_a_single_fold():
    ran = run("crossval", "--folds", "1")
    assert ran.code == 2
    assert "'--folds'" in ran.err


def test_members_of_their_own(empty_folder):
    ran = run("crossval", "--set", "training.members=8")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == (
        "--set training.members=8: training.members: must be 1 where the folds are what is trained "
        "side by side, got 8"
    )
    assert "hint: add --set training.members=1" in ran.err
    assert not list(empty_folder.iterdir())


def test_too_high_a_rate(empty_folder):
    ran = run("crossval", *SHORT, "--set", "optimizer.learning_rate=1e6", "--run", "one")
    assert ran.code == 1
    assert "fail  learning-rate-too-high: fold 0, and of 3 of 3 folds: the cost " in ran.out
    assert "skip  crossval: not judged: the cost exploded in 3 of 3 folds" in ran.out
    assert files(empty_folder / "one") == [name for name in FILES if "final" not in name]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"]
)
def test_a_signal_keeps_what_is_there(number, code, empty_folder):
    process = start(empty_folder, "crossval", "--run", "one", "--set", "training.epochs=1000000")
    metrics = empty_folder / "one" / "metrics.jsonl"
    until = time.monotonic() + 60
    while not (metrics.exists() and metrics.stat().st_size > 10**5) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "skip  crossval: not judged: training was interrupted" in out
    assert "interrupted in epoch " in out
    assert "Traceback" not in err
    assert files(empty_folder / "one") == FILES
    for line in metrics.read_text().splitlines():
        json.loads(line)


def test_what_is_killed_leaves_whole_lines_and_no_half_files(empty_folder):
    process = start(empty_folder, "crossval", "--run", "one", "--set", "training.epochs=1000000")
    metrics = empty_folder / "one" / "metrics.jsonl"
    until = time.monotonic() + 60
    while not (metrics.exists() and metrics.stat().st_size > 10**5) and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=60)
    left = files(empty_folder / "one")
    assert [name for name in left if name != ".lock"] == [
        "config.yaml",
        "folds.json",
        "metrics.jsonl",
    ]
