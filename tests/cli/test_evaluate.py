"""`nntrain evaluate`: whole reports, and what is refused."""

import json
from pathlib import Path

import pytest

from tests.cli.known_runs import known_run
from tests.cli.running import run
from tests.runs_on_disk import BLOBS, trained

HINT = (
    "      hint: choose by validation accuracy, and evaluate once, at the very end: whoever "
    "chooses by the test score fits the test set, and it is a test no more\n"
)
CLASSES = """
class  examples  predicted  precision  recall
0 ant         5          5     100.0%  100.0%
1 bee         5          6      83.3%  100.0%
2 cat         5          4     100.0%   80.0%

confusion: classes in rows, what they were taken for in columns
       0  1  2
0 ant  5  .  .
1 bee  .  5  .
2 cat  .  1  4

"""


@pytest.fixture
def two(empty_folder):
    return known_run(empty_folder / "one"), known_run(empty_folder / "two", 4.0, "seed=0")


def test_the_report_of_one_run(two):
    ran = run("evaluate", "one")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "nntrain evaluate  one/config.yaml\n"
        "pass  test-accuracy: the network classifies 93.3% of 15 test examples rightly, 95% "
        "interval 70.2% to 98.8%, above the 33.3% of naming the largest class every time\n"
        "pass  test-set-reuse: this is the first evaluation of one on its test set\n"
        + CLASSES
        + "test cost 0.3729 (the loss, without penalty)\n"
        "on 15 validation examples the accuracy is 80.0%, test less validation +13.3% (95% "
        "interval -13.2% to +39.1%): no difference that chance does not explain\n"
        "verdict: pass  (2 pass)\n"
    )


def test_the_report_of_two_runs_the_second_time(two):
    run("evaluate", "one")
    ran = run("evaluate", "one", "two")
    assert ran.code == 0
    assert ran.out == (
        "nntrain evaluate  one/config.yaml\n"
        "pass  test-accuracy: the average of 2 networks classifies 93.3% of 15 test examples "
        "rightly, 95% interval 70.2% to 98.8%, above the 33.3% of naming the largest class every "
        "time\n"
        "warn  test-set-reuse: this is not the first evaluation on the test set, but the 2nd of "
        "one\n" + HINT + "\n"
        "network             validation   test\n"
        "one best                 80.0%  93.3%\n"
        "two best                 80.0%  93.3%\n"
        "mean probabilities       80.0%  93.3%\n"
        + CLASSES
        + "test cost 0.3090 (the loss, without penalty, of the mean probabilities of 2 networks)\n"
        "on 15 validation examples the accuracy is 80.0%, test less validation +13.3% (95% "
        "interval -13.2% to +39.1%): no difference that chance does not explain\n"
        "verdict: warn  (1 pass, 1 warn)\n"
    )
    assert run("evaluate", "one", "--strict").code == 1
    assert run("evaluate", "one", "--quiet").out == (
        "warn  test-set-reuse: this is not the first evaluation on the test set, but the 4th of "
        "one\n" + HINT
    )


def test_json(two):
    ran = run("evaluate", "one", "two", "--format", "json", "--output", "said.json")
    assert (ran.code, ran.out) == (0, "")
    document = json.loads(Path("said.json").read_text(encoding="utf-8"))
    assert (document["schema"], document["command"]) == ("nntrain/1", "evaluate")
    assert (document["config"], document["verdict"]) == ("one/config.yaml", "pass")
    assert [finding["rule"] for finding in document["findings"]] == [
        "test-accuracy",
        "test-set-reuse",
    ]
    assert document["runs"] == ["one", "two"]
    assert document["accuracy"] == 14 / 15
    assert document["confusion_matrix"] == [[5, 0, 0], [0, 5, 0], [0, 1, 4]]
    assert document["networks"][1] == {
        "run": "two",
        "weights": "best",
        "member": 0,
        "validation_accuracy": 0.8,
        "test_accuracy": 14 / 15,
    }
    assert document["classes"][1] == {
        "class": "bee",
        "examples": 5,
        "predicted": 6,
        "precision": 5 / 6,
        "recall": 1.0,
    }
    assert document["evaluations"] == {"one": 1, "two": 1}


def test_several_members_have_a_column(empty_folder):
    trained(empty_folder / "m", BLOBS, "training.members=2")
    lines = run("evaluate", "m", "--weights", "final").out.splitlines()
    assert lines[4] == "network             member  validation   test"
    assert [line[:26] for line in lines[5:8]] == [
        "m final                  0",
        "m final                  1",
        "mean probabilities        ",
    ]


def test_scores_and_other_losses(empty_folder):
    trained(empty_folder / "a", BLOBS, "loss=svm")
    trained(empty_folder / "b", BLOBS, "loss={type: svm, class_weights: [1, 2, 3]}")
    out = run("evaluate", "a", "b").out
    assert "\nmean scores " in out
    assert "\ntest cost: none, as the runs were trained on different losses\n" in out
    assert " (the loss, without penalty)\n" in run("evaluate", "a").out


def test_many_classes_are_told_by_their_mistakes(empty_folder):
    text = (
        "data: {source: synthetic, classes: 21, examples: 630}\n"
        "network: [{type: dense, units: 21}]\n"
        "training: {epochs: 1}\n"
    )
    trained(empty_folder / "a", text)
    out = run("evaluate", "a").out
    assert "confusion:" not in out
    first, *rest = out.split("most frequent mistakes\n")[1].split("\n\n")[0].splitlines()
    assert len(rest) == 9
    assert first.split()[1:3] == ["taken", "for"]
    assert first.endswith(" times")


def test_a_run_is_named_once(two):
    ran = run("evaluate", "one", "one/")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "one is given twice\nhint: give every run once\n"
    assert not (two[0] / "evaluations.jsonl").exists()


def test_what_is_no_run_as_json(empty_folder):
    ran = run("evaluate", "nope", "--format", "json")
    assert ran.code == 2
    assert ran.err == (
        "nope: no such folder\n"
        "hint: give a folder that nntrain train has written, such as runs/train-...\n"
    )
    assert ran.json["config"] == "nope/config.yaml"
    assert ran.json["errors"][0]["message"] == "nope: no such folder"


@pytest.mark.parametrize("name", ["config.yaml", "best.safetensors", "metrics.jsonl"])
def test_output_never_overwrites_a_run(two, name):
    before = (two[0] / name).read_bytes()
    ran = run("evaluate", "two", "one", "--output", f"one/{name}")
    assert ran.code == 2
    assert ran.err == f"one/{name}: is read by this command: choose another --output\n"
    assert (two[0] / name).read_bytes() == before
    for _ in range(2):
        assert run("evaluate", "one", "--output", "one/evaluation.txt").code == 0


def test_data_that_have_moved_are_named_by_their_key(two, empty_folder):
    (empty_folder / "animals.csv").rename(empty_folder / "moved.csv")
    ran = run("evaluate", "one")
    assert ran.code == 2
    first, _, second = ran.err.splitlines()[:3]
    assert first == "one/config.yaml:4:9: data.path: no such file"
    assert second == f"4 |   path: {empty_folder}/animals.csv"


def test_snapshots_are_no_best_weights(two):
    ran = run("evaluate", "one", "--snapshots", "--weights", "best")
    assert ran.code == 2
    assert "--weights: goes with best and final weights" in ran.err
    ran = run("evaluate", "one", "--snapshots")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "one has no snapshots")


def test_without_a_run():
    ran = run("evaluate")
    assert ran.code == 2
    assert "Missing argument 'RUN'" in ran.err


@pytest.mark.parametrize("option", ["--seed=1", "--set=seed=1"])
def test_no_option_changes_what_a_run_is(two, option):
    assert run("evaluate", "one", option).code == 2
