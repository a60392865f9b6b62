"""`nntrain train`: its run folder, its verdicts, and what a signal leaves behind."""

import json
import signal
import time

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.cli.running import run, start

FILES = [
    "best.safetensors",
    "checkpoints",
    "config.yaml",
    "final.safetensors",
    "metrics.jsonl",
    "preprocessing.safetensors",
    "run.json",
    "summary.json",
]


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_run_folder(empty_folder):
    ran = run("train", "--run", "one", "--set", "training.epochs=4", "--format", "json")
    assert ran.code == 0
    assert ran.json["run"] == "one"
    folder = empty_folder / "one"
    assert files(folder) == FILES
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    epochs = [record for record in records if record["kind"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3, 4]
    assert epochs == [{"kind": "epoch", **epoch} for epoch in ran.json["epochs"]]
    assert [record["kind"] for record in records][:3] == ["start", "look", "update"]
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["stopped"] == "finished"
    assert summary["best"] == ran.json["best"]
    weights = load_file(folder / "final.safetensors")
    assert {name: array.shape for name, array in weights.items()} == {
        "network[0].weights": (64, 50),
        "network[0].biases": (50,),
        "network[2].weights": (50, 10),
        "network[2].biases": (10,),
    }
    assert all(array.dtype == np.float32 for array in weights.values())


def test_the_resolved_file_of_a_run_gives_the_same_run(empty_folder):
    run("train", "--run", "one", "--set", "training.epochs=3", "--seed", "5")
    assert run("train", "one/config.yaml", "--run", "two").code == 0
    one, two = empty_folder / "one", empty_folder / "two"
    assert (one / "config.yaml").read_text() == (two / "config.yaml").read_text()
    for name in ("best.safetensors", "final.safetensors"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_a_run_is_never_overwritten(empty_folder):
    (empty_folder / "one").mkdir()
    ran = run("train", "--run", "one")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "one exists already, and a run is never overwritten\nhint: choose another --run\n"
    )
    assert files(empty_folder / "one") == []


def test_runs_of_the_same_second_get_numbers(empty_folder):
    for _ in range(3):
        run("train", "--set", "training.epochs=1")
    assert len(files(empty_folder / "runs")) == 3


def test_a_line_for_each_epoch_goes_to_standard_error():
    ran = run("train", "--set", "training.epochs=2")
    lines = ran.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2  cost 1.5")
    assert all(len(line) <= 80 for line in lines)
    assert run("train", "--set", "training.epochs=2", "--quiet").err == ""


def test_too_high_a_rate_is_stopped_and_named(empty_folder):
    ran = run("train", "--set", "optimizer.learning_rate=1e6", "--run", "one")
    assert ran.code == 1
    assert ran.err == ""
    lines = ran.out.splitlines()
    assert lines[1].startswith("fail  learning-rate-too-high: the cost reached ")
    assert lines[1].endswith(
        "and the limit is 3 times the original 2.519: the learning rate 1e+06 is too high"
    )
    assert lines[2].startswith("      hint: try optimizer.learning_rate=0.")
    assert lines[3] == "skip  learning-rate-too-low: not judged: the cost exploded"
    assert lines[-1].startswith("verdict: fail  (1 fail, ")
    summary = json.loads((empty_folder / "one" / "summary.json").read_text())
    assert (summary["stopped"], summary["best"]) == ("diverged", None)


def test_smoke_leaves_nothing(empty_folder):
    ran = run("train", "--smoke")
    assert ran.code == 0
    assert ran.out.splitlines()[1] == (
        "pass  smoke: data, 10 updates, validation, weights and run folder work "
        "(1,258 training and 270 validation examples)"
    )
    assert not list(empty_folder.iterdir())


def test_smoke_takes_no_run_folder(empty_folder):
    ran = run("train", "--smoke", "--run", "one")
    assert ran.code == 2
    assert "--smoke leaves nothing" in ran.err
    assert not list(empty_folder.iterdir())


def test_smoke_fails_where_training_would():
    ran = run("train", "--smoke", "--set", "optimizer.learning_rate=1e9")
    assert ran.code == 1
    assert ran.out.splitlines()[1].startswith("fail  smoke: the cost ")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"]
)
def test_a_signal_keeps_what_is_there(number, code, empty_folder):
    process = start(empty_folder, "train", "--run", "one", "--set", "training.epochs=1000000")
    metrics = empty_folder / "one" / "metrics.jsonl"
    until = time.monotonic() + 60
    while not (metrics.exists() and b'"epoch", ' in metrics.read_bytes()) and (
        time.monotonic() < until
    ):
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "interrupted after " in out
    assert "\ngo on: nntrain train --resume one\n" in out
    assert "Traceback" not in err
    assert files(empty_folder / "one") == FILES
    summary = json.loads((empty_folder / "one" / "summary.json").read_text())
    assert summary["stopped"] == "interrupted"
    records = [json.loads(line) for line in metrics.read_text().splitlines()]
    assert sum(record["kind"] == "epoch" for record in records) == len(summary["epochs"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--smoke", "--run", "one"), "--smoke leaves nothing behind"),
        (("--smoke", "--resume", "one"), "--smoke leaves nothing behind"),
        (("--smoke", "--tensorboard", "board"), "--smoke leaves nothing behind"),
        (("--run", "one", "--resume", "two"), "--resume goes on in its own folder"),
    ],
)
def test_options_that_do_not_go_together(arguments, said, empty_folder):
    ran = run("train", *arguments)
    assert ran.code == 2
    assert said in " ".join(ran.err.replace("│", " ").split())  # wrapped, in a box
    assert not list(empty_folder.iterdir())


def test_a_run_is_called_by_its_folder_wherever_one_stands(empty_folder, monkeypatch):
    run("train", "--run", "one", "--set", "training.epochs=2")
    monkeypatch.chdir(empty_folder / "one")
    assert run("train", "--resume", ".", "--tensorboard", "../board").code == 0
    assert files(empty_folder / "board") == ["one"]


def test_event_files_for_tensorboard(empty_folder):
    quick = ["--set", "training.epochs=2"]
    assert run("train", "--run", "one", "--tensorboard", "board", *quick).code == 0
    assert len(files(empty_folder / "board" / "one")) == 1
    assert run("train", "--resume", "one", "--tensorboard", "board").code == 0
    assert len(files(empty_folder / "board" / "one")) == 2
    again = run("train", "--run", "other/one", "--tensorboard", "board", *quick)
    assert again.code == 2
    assert again.err == (
        "board/one holds the log of another run\nhint: choose another --tensorboard\n"
    )
    assert not (empty_folder / "other").exists()


def test_what_cannot_be_resumed(empty_folder):
    run("train", "--run", "one", "--set", "training.epochs=2")
    assert run("train", "--resume", "one").code == 0
    nowhere = run("train", "--resume", "nowhere")
    assert nowhere.code == 2
    assert nowhere.err == (
        "nowhere holds no training run: it lacks run.json or config.yaml\n"
        "hint: give a folder that nntrain train has made\n"
    )
    other = run("train", "--resume", "one", "--seed", "2")
    assert other.code == 2
    assert other.err == (
        "the experiment is not the one that one began with:\n  seed: 0, now 2\n"
        "hint: begin a new run\n"
    )


def test_several_members(empty_folder):
    ran = run("train", "--set", "training.members=2", "--set", "training.epochs=2", "--run", "two")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[-5].startswith("member 0: finished after 2 epochs (80 updates); best validation ")
    assert lines[-4].startswith("member 1: finished after 2 epochs (80 updates); best validation ")
    assert lines[-3].startswith("2 members in ")
    assert lines[-2] == "run: two"
    assert lines[-1].startswith("verdict: pass  (")


def test_early_stopping_is_said(empty_folder):
    ran = run(
        "train",
        "--set",
        "training.early_stopping={patience: 1, min_improvement: 0.5}",
        "--run",
        "one",
        "--format",
        "json",
    )
    assert ran.code == 0
    assert ran.json["stopped"] == "early-stopping"
    assert len(ran.json["epochs"]) == 2
    best, final = (load_file(f"one/{name}.safetensors") for name in ("best", "final"))
    for name, array in best.items():
        assert (array == final[name]).all()
