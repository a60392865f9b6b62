"""`nntrain sweep`: what it writes, how it goes on after a kill, and what it refuses."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from tests.cli.running import run, start
from trainer_cli.training.runs import RunFolder

FILES = ["best.yaml", "config.yaml", "plan.json", "summary.json", "trials.csv", "trials.jsonl"]
# Two stages of stacks of three, some of whose members explode: the shape of any sweep.
SMALL = ("--trials", "8", "--epochs", "2", "--set", "sweep.stack=3", "--set", "seed=3")
BITS = ["best.yaml", "config.yaml", "trials.csv", "trials.jsonl"]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".png")


def bits(folder: Path) -> dict[str, bytes]:
    found = {name: (folder / name).read_bytes() for name in BITS}
    plan = json.loads((folder / "plan.json").read_text())
    found["stages"] = json.dumps(plan["stages"]).encode()
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A sweep that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    process = start(folder, "sweep", *SMALL, "--run", "one", "--workers", "1", "--format", "json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return folder / "one", json.loads(out)


def test_the_run_folder(whole):
    folder, _ = whole
    assert files(folder) == FILES
    lines = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    assert [line["trial"] for line in lines] == list(range(1, 17))
    assert {line["stage"] for line in lines} == {1, 2}
    plan = json.loads((folder / "plan.json").read_text())
    assert [len(stage["stacks"]) for stage in plan["stages"]] == [3, 3]
    assert [stage["epochs"] for stage in plan["stages"]] == [2, 4]


def test_the_document(whole):
    folder, document = whole
    assert document["schema"] == "nntrain/1"
    assert document["command"] == "sweep"
    assert document["run"] == "one"
    assert document["stopped"] == "finished"
    assert len(document["trials"]) == 16
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["best"]["trial"] == document["best"]["trial"]


def test_the_best_experiment_trains_to_what_was_found(whole, monkeypatch):
    folder, document = whole
    monkeypatch.chdir(folder)
    ran = run("train", "best.yaml", "--format", "json", "--run", "again")
    assert ran.code == 0
    last = ran.json["epochs"][-1]
    best = document["best"]
    assert last["epoch"] == best["epochs"]
    assert last["validation_accuracy"] == pytest.approx(best["validation_accuracy"], abs=0.02)
    assert last["train_loss"] == pytest.approx(best["train_loss"], rel=0.05)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_at_any_moment_it_ends_with_the_same_bits(workers, whole, empty_folder):
    rng = np.random.default_rng(int(workers))
    arguments = ["sweep", *SMALL, "--run", "one", "--workers", workers]
    for _ in range(3):
        process = start(empty_folder, *arguments)
        journal = empty_folder / "one" / "trials.jsonl"
        wanted, until = int(rng.integers(0, 14)), time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            if journal.exists() and journal.read_bytes().count(b"\n") >= wanted:
                break
            time.sleep(0.001)
        process.kill()
        process.communicate(timeout=60)
        if (empty_folder / "one").exists():
            arguments = ["sweep", "--resume", "one", "--workers", workers]
    process = start(empty_folder, *arguments)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert files(empty_folder / "one") == FILES
    assert bits(empty_folder / "one") == bits(whole[0])


def test_a_line_cut_short_is_run_again(whole, empty_folder):
    folder = empty_folder / "one"
    folder.mkdir()
    for name in ("config.yaml", "plan.json", "trials.jsonl"):
        (folder / name).write_bytes((whole[0] / name).read_bytes())
    journal = folder / "trials.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    ran = run("sweep", "--resume", "one", "--workers", "1")
    assert ran.code == 0, ran.err
    assert bits(folder) == bits(whole[0])


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"]
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_it_in_order_and_it_goes_on(number, code, workers, empty_folder):
    more = ("--trials", "12", "--epochs", "300", "--stages", "1", "--set", "sweep.stack=6")
    process = start(empty_folder, "sweep", *more, "--run", "one", "--workers", workers)
    plan = empty_folder / "one" / "plan.json"
    until = time.monotonic() + 60
    while not plan.exists() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "Traceback" not in err
    assert "interrupted" in out
    assert "summary.json" in files(empty_folder / "one")


def started(folder: Path, whole: Path) -> Path:
    """Copy a sweep, as if it had been killed before its first result."""
    folder.mkdir()
    for name in ("config.yaml", "plan.json"):
        (folder / name).write_bytes((whole / name).read_bytes())
    return folder


def test_a_changed_experiment_is_not_gone_on_with(whole, empty_folder):
    started(empty_folder / "one", whole[0])
    ran = run(
        "sweep",
        "--resume",
        "one",
        "--set",
        "regularization.l1=0.5",
        "--trials",
        "9",
        *("--set", "schedule={type: linear, final: 0.5}"),
    )
    assert ran.code == 2
    assert ran.err == (
        "the experiment is not the one that one began with:\n"
        "  regularization.l1: 0.0, now 0.5\n"
        "  schedule.type: constant, now linear\n"
        "  sweep.trials: 8, now 9\n"
        "  schedule.final: nothing, now 0.5\n"
        "  schedule.per: nothing, now step\n"
        "hint: begin a new sweep\n"
    )


def test_an_edited_copy_of_the_experiment_is_not_gone_on_with(whole, empty_folder):
    config = started(empty_folder / "one", whole[0]) / "config.yaml"
    config.write_text(config.read_text().replace("seed: 3", "seed: 4"))
    ran = run("sweep", "--resume", "one")
    assert ran.code == 2
    assert ran.err == (
        "the experiment is not the one that one began with:\n"
        "  seed: 3, now 4\n"
        "hint: begin a new sweep\n"
    )


def test_other_data_are_not_gone_on_with(empty_folder):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 4)), rng.integers(0, 2, 200)
    np.savez("data.npz", X=x, y=y)
    Path("nntrain.yaml").write_text(
        "data: {source: npz, path: data.npz}\nnetwork: [{type: dense, units: 2}]\n"
        "training: {batch_size: 10}\n"
    )
    ran = run("sweep", "--trials", "4", "--epochs", "1", "--run", "one", "--workers", "1")
    assert ran.code in (0, 1), ran.err
    np.savez("data.npz", X=x + 1, y=y)
    ran = run("sweep", "--resume", "one")
    assert ran.code == 2
    assert ran.err == (
        "the data are not those that one began with\n"
        "hint: put them back as they were, or begin a new sweep\n"
    )


def test_a_plan_that_would_go_another_way_is_not_gone_on_with(whole, empty_folder):
    plan = started(empty_folder / "one", whole[0]) / "plan.json"
    plan.write_text(plan.read_text().replace('"epochs": 2', '"epochs": 3'))
    ran = run("sweep", "--resume", "one", "--workers", "1")
    assert ran.code == 2
    assert ran.err.splitlines()[-2:] == [
        "stage 1 would not be the one of one/plan.json: it was planned by another version, or a "
        "trial's result has been changed",
        "hint: begin a new sweep",
    ]


def test_two_processes_never_write_one_sweep(whole, empty_folder):
    holder = RunFolder(started(empty_folder / "one", whole[0]))
    ran = run("sweep", "--resume", "one")
    holder.close()
    assert ran.code == 2
    assert ran.err == "one is being written by another process\nhint: wait for it, or end it\n"


@pytest.mark.parametrize("made", [False, True])
def test_what_is_no_sweep_is_not_gone_on_with(made, empty_folder):
    if made:
        Path("one").mkdir()
    ran = run("sweep", "--resume", "one")
    assert ran.code == 2
    assert ran.err == (
        "one holds no sweep: it lacks plan.json or config.yaml\n"
        "hint: give the run folder of a sweep, such as runs/sweep-...\n"
    )


def test_a_damaged_journal_is_named(whole, empty_folder):
    folder = started(empty_folder / "one", whole[0])
    (folder / "trials.jsonl").write_text('{"trial": 1\n{}\n')
    ran = run("sweep", "--resume", "one")
    assert ran.code == 2
    assert ran.err == "line 1 of one/trials.jsonl is damaged\nhint: begin a new run\n"
    (folder / "trials.jsonl").write_text("{}\n")
    ran = run("sweep", "--resume", "one")
    assert ran.code == 2
    assert ran.err == (
        "line 1 of one/trials.jsonl is no result of a trial\nhint: begin a new sweep\n"
    )


def test_smoke_leaves_nothing(empty_folder):
    ran = run("sweep", "--smoke")
    assert ran.code == 0, ran.out
    assert ran.out.splitlines()[1] == (
        "pass  smoke: 8 trials in 2 stages, journal and best.yaml work"
    )
    assert not list(empty_folder.iterdir())


def test_smoke_fails_where_everything_explodes(empty_folder):
    ran = run("sweep", "--smoke", "--range", "optimizer.learning_rate=1e8:1e9")
    assert ran.code == 1
    assert ran.out.splitlines()[1:3] == [
        "fail  smoke: none of 4 trials finished: diverged",
        "      hint: search lower rates, for instance --range optimizer.learning_rate=1e-6:1e-2",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--smoke", "--run", "one"), "--smoke leaves no run"),
        (("--smoke", "--resume", "one"), "--smoke leaves no run"),
        (("--run", "one", "--resume", "two"), "--resume goes on in its own folder"),
        (("--trials", "0"), "--trials"),
        (("--stages", "two"), "--stages"),
    ],
)
def test_options_that_do_not_go_together(arguments, said, empty_folder):
    ran = run("sweep", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert not list(empty_folder.iterdir())


def test_the_usual_length_is_held_against_the_file(empty_folder):
    """A warm-up that is longer than a trial leaves no trial that could be trained."""
    ran = run("sweep", "--set", "schedule={type: linear, warmup: 7.0}")
    assert ran.code == 2
    assert "schedule.warmup" in ran.err
    assert "must be less than sweep.epochs, 5, got 7" in ran.err
    assert not list(empty_folder.iterdir())


def test_what_preprocessing_is_fitted_to_does_not_depend_on_the_workers(empty_folder):
    """Principal axes are other bits on two threads than on one."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 200)) @ rng.normal(size=(200, 200))
    np.savez("data.npz", X=x, y=(x[:, 0] > 0).astype(int))
    Path("nntrain.yaml").write_text(
        "data: {source: npz, path: data.npz, preprocess: [standardize, whiten]}\n"
        "network: [{type: dense, units: 2}]\n"
        "sweep: {trials: 4, epochs: 1, stages: 1, stack: 2}\n"
    )
    for workers in ("1", "2"):
        process = start(empty_folder, "sweep", "--run", workers, "--workers", workers)
        _, err = process.communicate(timeout=120)
        assert process.returncode in (0, 1), err
    assert bits(empty_folder / "1") == bits(empty_folder / "2")


def test_a_sweep_of_other_versions_is_not_gone_on_with(whole, empty_folder):
    plan = started(empty_folder / "one", whole[0]) / "plan.json"
    found = json.loads(plan.read_text())
    found["versions"]["numpy"] = "1.0.0"
    plan.write_text(json.dumps(found))
    ran = run("sweep", "--resume", "one")
    assert ran.code == 2
    own = f"nntrain {found['versions']['nntrain']}"
    assert ran.err == (
        f"one began with {own}, numpy 1.0.0, and this is {own}, numpy {np.__version__}: "
        "bits may differ\nhint: install what it began with, or begin a new sweep\n"
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"config": "x"}'])
def test_a_damaged_plan_is_named(text, whole, empty_folder):
    plan = started(empty_folder / "one", whole[0]) / "plan.json"
    plan.write_text(text)
    ran = run("sweep", "--resume", "one")
    assert ran.code == 2
    assert ran.err == "one/plan.json is damaged\nhint: begin a new sweep\n"


def test_smoke_goes_through_a_warm_up(empty_folder):
    ran = run("sweep", "--smoke", "--set", "schedule={type: linear, warmup: 2.0}")
    assert ran.code == 0, ran.out
