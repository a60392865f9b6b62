"""Whatever goes wrong: the right exit code, one clear text, no traceback, nothing written."""

import re
import shlex
import signal
import subprocess

import pytest

from tests.cli.running import COMMANDS, PROGRAM, run
from trainer_cli.checks import initial_loss


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_missing_file(command, empty_folder):
    ran = run(*command, "nope.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[:2] == [
        "nope.yaml: no such file",
        "hint: nntrain init writes a commented example",
    ]
    assert not list(empty_folder.iterdir())


def test_problems_as_json():
    ran = run("train", "--format", "json", "--set", "network.0.units=-5")
    assert ran.code == 2
    document = ran.json
    assert document["verdict"] == "fail"
    assert document["findings"] == []
    (error,) = document["errors"]
    assert error["key"] == "network[0].units"
    assert error["message"] == "must be at least 1, got -5"
    assert error["hint"] == "units is the number of outputs of the layer"


def test_bad_data_as_text_and_json(empty_folder):
    (empty_folder / "bad.csv").write_text("a,label\n1,0\nx,1\n")
    settings = ["--set", "data={source: csv, path: bad.csv, label: label}"]
    ran = run("check-loss", *settings)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(str(empty_folder / "bad.csv") + ":3: ")
    ran = run("check-loss", *settings, "--format", "json")
    assert ran.code == 2
    assert ran.json["errors"][0]["file"] == str(empty_folder / "bad.csv") + ":3"


def test_outputs_that_differ_from_the_classes_of_a_file(empty_folder):
    rows = "".join(f"{i},{i % 3}\n" for i in range(60))
    (empty_folder / "three.csv").write_text("a,label\n" + rows)
    (empty_folder / "three.yaml").write_text(
        "data: {source: csv, path: three.csv, label: label}\n"
        "network:\n"
        "  - {type: dense, units: 4}\n"
    )
    ran = run("check-loss", "three.yaml")
    assert ran.code == 2
    assert ran.err.splitlines()[0] == (
        "three.yaml:3:26: network[0].units: must equal the number of classes, 3, got 4"
    )


def test_labels_that_start_at_one_beside_as_many_outputs_as_classes(empty_folder):
    rows = "".join(f"{i},{1 + i % 3}\n" for i in range(60))
    (empty_folder / "three.csv").write_text("a,label\n" + rows)
    (empty_folder / "three.yaml").write_text(
        "data: {source: csv, path: three.csv, label: label}\n"
        "network:\n"
        "  - {type: dense, units: 3}\n"
    )
    ran = run("check", "three.yaml")
    assert ran.code == 2
    lines = ran.err.splitlines()
    assert lines[0] == (
        "three.yaml:3:26: network[0].units: must equal the number of classes, 4, got 3"
    )
    assert lines[4] == (
        "hint: the labels start at 1: subtract 1 from them, and there are 3 classes"
    )


def test_an_experiment_that_cannot_fit_is_refused(empty_folder):
    ran = run("train", "--set", "network.0.units=99999999999")
    assert ran.code == 2
    first = ran.err.splitlines()[0]
    assert re.fullmatch(
        r"--set network\.0\.units=99999999999: network\[0\]\.units: the network needs about "
        r"[0-9,]{7} GiB of memory, but only [0-9.,]+ GiB is available",
        first,
    )
    assert not list(empty_folder.iterdir())


def test_data_that_cannot_fit_is_refused():
    ran = run(
        *("check-loss", "--set", "data={source: synthetic, classes: 10, examples: 99999999999999}")
    )
    assert ran.code == 2
    assert ": data.examples: reading the data needs about 1,490,116 GiB of memory, " in ran.err


def test_a_folder_that_cannot_be_written(empty_folder):
    (empty_folder / "runs").write_text("not a folder")
    ran = run("train", "--run", "runs/one")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "runs/one: Not a directory\n"


def test_a_fault_of_nntrain_itself(monkeypatch):
    def broken(experiment, dataset):
        raise RuntimeError("boom")

    monkeypatch.setattr(initial_loss, "check_loss", broken)
    ran = run("check-loss")
    assert ran.code == 3
    assert ran.err == (
        "a fault of nntrain itself: RuntimeError: boom\n"
        "hint: run again with --debug and report what it shows\n"
    )
    ran = run("check-loss", "--debug")
    assert ran.code == 3
    assert ran.err.startswith("Traceback (most recent call last):\n")


def test_too_little_memory_after_all(monkeypatch):
    def greedy(experiment, dataset):
        raise MemoryError

    monkeypatch.setattr(initial_loss, "check_loss", greedy)
    ran = run("check-loss")
    assert (ran.code, ran.err) == (2, "not enough memory for this experiment\n")


@pytest.mark.parametrize("command", ["config schema", "check-loss"])
def test_a_reader_that_has_seen_enough(command, empty_folder):
    program = " ".join(shlex.quote(part) for part in PROGRAM)
    shell = f"set -o pipefail; {program} {command} | true"
    ran = subprocess.run(["bash", "-c", shell], cwd=empty_folder, capture_output=True, text=True)
    assert ran.returncode in (0, 128 + signal.SIGPIPE)
    assert ran.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["check-loss", "--bogus"],
        ["nonsense"],
        ["train", "--format", "xml"],
        ["check-loss", "a", "b"],
    ],
)
def test_a_bad_command_line(arguments):
    ran = run(*arguments)
    assert ran.code == 2
    assert "Traceback" not in ran.err
