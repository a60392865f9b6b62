"""`nntrain diagnose`: what training said at its end, said again from the run's folder."""

import json
from pathlib import Path

import pytest

from tests.cli.running import run

FAST = ["--set", "training.epochs=4"]


def findings(ran):
    return [{**each, "seconds": 0} for each in ran.json["findings"]]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (FAST, 0),
        (["--set", "optimizer.learning_rate=1e-5", *FAST], 0),
        (["--set", "optimizer.learning_rate=1e6"], 1),
        (["--set", "optimizer.learning_rate=1e30"], 1),
        (["--set", "training.members=3", "--set", "optimizer.learning_rate=1e-5", *FAST], 0),
        (["--set", "training.early_stopping={patience: 2}", "--set", "training.epochs=60"], 0),
    ],
    ids=["healthy", "too low", "exploded", "not finite", "members", "early stopping"],
)
def test_it_says_word_for_word_what_training_said(settings, code):
    trained = run("train", "--run", "one", *settings, "--format", "json")
    again = run("diagnose", "one", "--format", "json")
    assert (trained.code, again.code) == (code, code)
    assert again.json["verdict"] == trained.json["verdict"]
    assert findings(again) == findings(trained)
    assert (again.json["command"], again.json["run"]) == ("diagnose", "one")


def test_a_healthy_run_in_few_lines():
    run("train", "--run", "one", *FAST)
    ran = run("diagnose", "one")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "nntrain diagnose  one/config.yaml"
    assert lines[1].startswith("pass  learning-rate-too-high: the cost stayed within 3 times ")
    assert lines[2].startswith("pass  learning-rate-too-low: the loss went from 2.513 to 0.1")
    assert lines[3] == "pass  other signs of trouble: none (8 rules, 4 not judged)"
    assert lines[4].startswith("finished after 4 epochs (160 updates); best validation accuracy ")
    assert lines[5:] == ["verdict: pass  (10 pass, 4 skip)"]


def test_a_fault_and_a_strict_verdict():
    run("train", "--run", "one", "--set", "optimizer.learning_rate=1e-5", *FAST)
    ran = run("diagnose", "one", "--strict")
    assert ran.code == 1
    assert ran.out.splitlines()[1].startswith("warn  learning-rate-too-low: the loss has barely ")


def cut(name, *, after):
    """Cut a run's metrics short, as if it had been killed after so many epochs."""
    path = Path(name, "metrics.jsonl")
    kept, epochs = [], 0
    for line in path.read_text().splitlines(keepends=True):
        kept.append(line)
        epochs += json.loads(line)["kind"] == "epoch"
        if epochs == after:
            break
    path.write_text("".join(kept) + '{"kind": "upd')


def test_a_run_that_was_killed():
    run("train", "--run", "one", *FAST)
    cut("one", after=2)
    ran = run("diagnose", "one")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[2] == "skip  learning-rate-too-low: not judged: training has not ended"
    assert lines[3] == "skip  other signs of trouble: not judged (12 rules)"
    assert lines[4].startswith("not ended after 2 epochs (80 updates); best validation accuracy ")


def test_a_run_whose_data_are_gone(empty_folder):
    rows = [f"{i % 7},{i * i % 11},{'ab'[i % 7 > 3]}" for i in range(200)]
    (empty_folder / "data.csv").write_text("\n".join(["x,y,label", *rows]) + "\n")
    (empty_folder / "nntrain.yaml").write_text(
        "data: {source: csv, path: data.csv, label: label}\n"
        "network: [{type: dense, units: 2}]\n"
        "optimizer: {type: sgd, learning_rate: 1e-7}\n"
        "training: {epochs: 5, batch_size: 10}\n"
    )
    assert run("train", "--run", "one").code == 0
    (empty_folder / "data.csv").unlink()
    ran = run("diagnose", "one")
    assert ran.code == 0
    low = ran.out.splitlines()[2]
    assert low.startswith(
        "skip  learning-rate-too-low: not judged: the loss has barely moved; to tell why needs the "
        "data, and "
    )
    assert "data.csv" in low


def test_a_cross_validation():
    args = ["--folds", "3", "--set", "optimizer.learning_rate=1e-5", *FAST]
    run("crossval", "--run", "one", *args)
    ran = run("diagnose", "one")
    assert ran.out.splitlines()[1].startswith(
        "warn  learning-rate-too-low: fold 0, and of 3 of 3 folds: the loss has barely moved: "
    )


def test_what_is_no_run(empty_folder):
    ran = run("diagnose", "nothing")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("nothing: no such folder\nhint: give a folder ")
    assert run("diagnose", "one", "two").code == 2
