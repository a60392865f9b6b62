"""Every command works in an empty folder, as text and as JSON, and is silent about the rest."""

import numpy as np
import pytest

from tests.cli.running import COMMANDS, run
from trainer_cli import __version__


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_works_in_an_empty_folder(command, empty_folder):
    ran = run(*command)
    assert ran.code == 0, ran.err
    assert ran.out
    assert "Traceback" not in ran.err
    assert "Warning" not in ran.err
    assert "\x1b" not in ran.out + ran.err
    left = [path.name for path in empty_folder.iterdir()]
    assert left == (["runs"] if command == ["train"] else [])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_json_is_one_document_of_the_schema(command):
    ran = run(*command, "--format", "json")
    document = ran.json
    assert document["schema"] == "nntrain/1"
    assert document["command"] == " ".join(command).removesuffix(" --smoke")
    assert document["config"] == "built-in digits experiment"
    assert document["verdict"] == "pass"
    for finding in document["findings"]:
        assert list(finding) == [
            "rule",
            "status",
            "measured",
            "expected",
            "threshold",
            "message",
            "hint",
            "seconds",
            "evidence",
        ]


def test_text_of_check_loss():
    lines = run("check-loss").out.splitlines()
    assert lines[0] == "nntrain check-loss  built-in digits experiment"
    assert lines[1] == (
        "pass  loss-at-zero-scores: with network[2], the output layer, at zero the loss is "
        "2.3026, as it must be: ln 10 = 2.3026"
    )
    assert lines[2].startswith("pass  initial-loss: the initial loss is 2.")
    assert lines[3:] == ["verdict: pass  (2 pass)"]


def test_quiet_says_nothing_about_passes():
    ran = run("check-loss", "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_quiet_still_says_what_is_wrong():
    ran = run("overfit", "--quiet", "--set", "overfit.learning_rate=1e-6")
    assert ran.code == 1
    first, second = ran.out.splitlines()
    assert first.startswith("fail  overfit: 20 training examples not learned by heart: ")
    assert second.startswith("      hint: the rate is to blame: overfit.learning_rate=0.")


def test_a_warning_fails_under_strict_alone():
    slow = ["train", "--set", "optimizer.learning_rate=1e-7", "--set", "training.epochs=1"]
    ran = run(*slow)
    assert ran.code == 0
    assert "verdict: warn" in ran.out
    assert run(*slow, "--strict").code == 1


def test_output_goes_to_the_file(empty_folder):
    ran = run("check-loss", "--output", "report.json", "--format", "json")
    assert (ran.code, ran.out) == (0, "")
    assert (empty_folder / "report.json").read_text().startswith('{\n  "schema": "nntrain/1"')
    assert [path.name for path in empty_folder.iterdir()] == ["report.json"]


def test_an_output_folder_that_is_not_there(empty_folder):
    ran = run("check-loss", "--output", "no/report.txt")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "no/report.txt: No such file or directory\n"
    for options in (["--output", "no/report.txt"], ["--output", "."]):
        assert run("check-loss", "--format", "json", *options).code == 2


def test_output_never_overwrites_what_is_read(empty_folder):
    run("init")
    before = (empty_folder / "nntrain.yaml").read_text()
    ran = run("check-loss", "--output", "nntrain.yaml")
    assert ran.code == 2
    assert ran.err == "nntrain.yaml: is read by this command: choose another --output\n"
    assert (empty_folder / "nntrain.yaml").read_text() == before


def test_force_color_colours_no_file(empty_folder, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    run("check-loss", "--output", "report.txt")
    assert "\x1b" not in (empty_folder / "report.txt").read_text()


def test_a_link_to_nowhere_is_not_passed_over(empty_folder):
    (empty_folder / "nntrain.yaml").symlink_to("gone.yaml")
    ran = run("check-loss")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "nntrain.yaml: no such file")


def test_seed_is_the_same_as_setting_it():
    shown = run("config", "show", "--seed", "7").out
    assert shown == run("config", "show", "--set", "seed=7").out
    assert shown.startswith("seed: 7\n")
    assert run("check-loss", "--seed", "7").out != run("check-loss").out


def test_version():
    ran = run("--version")
    assert (ran.code, ran.out) == (0, f"nntrain {__version__}\n")


def test_help_names_every_command():
    ran = run("--help")
    assert ran.code == 0
    for command in COMMANDS:
        assert command[0] in ran.out


def test_nntrain_yaml_in_the_folder_is_used(empty_folder):
    assert run("init").out == "wrote nntrain.yaml; next: nntrain check-loss nntrain.yaml\n"
    assert run("check-loss", "--format", "json").json["config"] == "nntrain.yaml"
    again = run("init")
    assert (again.code, again.err) == (
        2,
        "nntrain.yaml exists already, and init never overwrites a file\n",
    )
    assert run("init", "other.yaml").code == 0


def test_config_show_runs_as_it_is(empty_folder):
    (empty_folder / "shown.yaml").write_text(run("config", "show").out)
    assert run("config", "show", "shown.yaml").out == run("config", "show").out


def test_config_schema_is_json():
    schema = run("config", "schema").json
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_data_info_shows_the_data_whatever_the_network(empty_folder):
    np.savez(empty_folder / "d.npz", X=np.zeros((40, 3)), y=np.arange(40) % 4)
    text = "data: {source: npz, path: d.npz}\nnetwork: [{type: dense, units: 7}]\n"
    (empty_folder / "e.yaml").write_text(text)
    assert run("data", "info", "e.yaml").code == 0
    assert run("check-loss", "e.yaml").code == 2
