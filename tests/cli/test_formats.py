"""Formats for machines: for every command that judges, whatever becomes of it, and for no other."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, fromstring

import pytest
import typer

from tests.cli.running import COMMANDS, Ran, run
from tests.report.junit_schema import broken
from trainer_cli.cli.app import app

LARGE = "network.0.init={type: normal, std: 30}"
TAKE_NO_FILE = {"selftest"}
JUDGE_NOTHING = ["config show", "data info", "predict", "report", "explain"]
JUDGING = [command for command in COMMANDS if " ".join(command) not in JUDGE_NOTHING]


@pytest.fixture(autouse=True)
def no_github(monkeypatch):
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def junit(ran: Ran) -> Element:
    root = fromstring(ran.out)
    assert broken(root) == []
    return root


def commands_with_formats() -> set[str]:
    """Return the names of all commands that have the option --format."""
    found, waiting = set(), [("", typer.main.get_command(app))]
    while waiting:
        name, each = waiting.pop()
        subcommands = getattr(each, "commands", {})
        waiting += [(f"{name} {sub}".strip(), below) for sub, below in subcommands.items()]
        if any(parameter.name == "format" for parameter in each.params):
            found.add(name)
    return found


def test_every_command_that_judges_says_why_it_could_not_start():
    judging = commands_with_formats() - set(JUDGE_NOTHING) - TAKE_NO_FILE
    assert len(judging) >= 10
    for command in judging:
        ran = run(command, "gone", "--format", "junit")
        assert ran.code == 2
        (case,) = junit(ran).iter("testcase")
        assert case.get("name") == "start"
        assert case.find("error").get("message").startswith("gone: no such f")
        ran = run(command, "gone", "--format", "github")
        assert ran.out.startswith("::error title=nntrain::gone: no such f")


def test_every_other_command_refuses_the_formats_of_findings():
    assert set(JUDGE_NOTHING) <= commands_with_formats()
    arguments = {"predict": ["run", "file"], "report": ["run"]}
    for command in JUDGE_NOTHING:
        for form in ("junit", "github"):
            ran = run(*command.split(), *arguments.get(command, []), "--format", form)
            assert (ran.code, ran.out) == (2, "")
            said = " ".join(re.sub("[│╭╮╰╯─]", "", ran.err).split())
            assert said.endswith(
                f"Invalid value for --format: {form} is for commands that judge; {command} writes "
                "text or json"
            )


@pytest.mark.parametrize("command", JUDGING, ids=" ".join)
def test_junit_of_every_command(command):
    found = run(*command, "--format", "json").json["findings"]
    ran = run(*command, "--format", "junit")
    assert (ran.code, ran.err) == (0, "") if command != ["train"] else ran.code == 0
    root = junit(ran)
    assert [case.get("name") for case in root.iter("testcase")] == [each["rule"] for each in found]
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    name = " ".join(command).removesuffix(" --smoke")
    assert root.find("testsuite").get("name") == f"nntrain {name}"


@pytest.mark.parametrize("command", JUDGING, ids=" ".join)
def test_github_of_every_command_that_passes_is_its_text(command):
    ran = run(*command, "--format", "github")
    assert ran.code == 0
    assert ran.out.splitlines()[0].startswith(f"nntrain {command[0]}")
    assert ran.out.splitlines()[-1].startswith("verdict: pass")
    assert not any(line.startswith("::") for line in ran.out.splitlines())


def test_what_fails_as_junit(empty_folder):
    ran = run("check-loss", "--set", LARGE, "--format", "junit", "--output", "found.xml")
    assert (ran.code, ran.out) == (1, "")
    root = fromstring((empty_folder / "found.xml").read_text(encoding="ascii"))
    assert broken(root) == []
    (failure,) = root.findall(".//testcase[@name='initial-loss']/failure")
    assert failure.text.startswith("the initial loss is ")
    assert "\nhint: network[0].weights multiply their input by up to " in failure.text


def test_what_fails_on_github(empty_folder, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(empty_folder / "summary.md"))
    (empty_folder / "summary.md").write_text("before\n")
    run("init")
    ran = run("check-loss", "--set", LARGE, "--format", "github")
    assert ran.code == 1
    *text, annotation = ran.out.splitlines()
    assert text[0] == "nntrain check-loss  nntrain.yaml"
    assert text[-1] == "verdict: fail  (1 pass, 1 fail)"
    file = (empty_folder / "nntrain.yaml").read_text().splitlines()
    line = next(i for i, text in enumerate(file, start=1) if "units: 50, init: he" in text)
    assert annotation.startswith(
        f"::error file=nntrain.yaml,line={line},col=5,title=initial-loss::the initial loss is "
    )
    summary = (empty_folder / "summary.md").read_text()
    assert summary.startswith("before\n### nntrain check-loss: fail\n\nnntrain.yaml\n\n| rule |")
    assert "| initial-loss | fail | the initial loss is " in summary


def test_the_text_goes_to_the_output_and_annotations_to_the_runner(empty_folder):
    arguments = ["check-loss", "--set", LARGE, "--format", "github", "--output", "found.txt"]
    ran = run(*arguments)
    assert ran.code == 1
    assert ran.out.startswith("::error title=initial-loss::the initial loss is ")
    assert ran.out.count("\n") == 1
    assert (empty_folder / "found.txt").read_text().startswith("nntrain check-loss  built-in")


def test_a_warning_under_strict():
    arguments = ["check-loss", "--set", LARGE.replace("30", "3")]
    assert junit(run(*arguments, "--format", "junit")).get("failures") == "0"
    assert run(*arguments, "--format", "github").out.splitlines()[-1].startswith("::warning ")
    ran = run(*arguments, "--format", "junit", "--strict")
    assert (ran.code, junit(ran).get("failures")) == (1, "1")
    ran = run(*arguments, "--format", "github", "--strict")
    assert ran.out.splitlines()[-1].startswith("::error ")


def test_a_file_with_problems(empty_folder, monkeypatch):
    (empty_folder / "bad.yaml").write_text("data: {source: digits}\nnetwork:\n  - relo\n")
    ran = run("check-loss", "bad.yaml", "--format", "junit")
    assert ran.code == 2
    (case,) = junit(ran).iter("testcase")
    assert case.attrib == {"classname": "check-loss.bad", "name": "start", "time": "0.000"}
    assert case.find("error").text + "\n" == ran.err
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    ran = run("check-loss", "bad.yaml", "--format", "github")
    assert ran.code == 2
    (annotation,) = ran.out.splitlines()
    assert annotation.startswith(
        "::error file=bad.yaml,line=3,col=5,title=network[0]::network[0]: "
    )
    summary = (empty_folder / "summary.md").read_text()
    assert summary.startswith("### nntrain check-loss: could not start\n")
    assert "\n| bad.yaml:3:5 | network\\[0\\] | " in summary


def test_a_run_that_is_not_there():
    (case,) = junit(run("evaluate", "gone", "--format", "junit")).iter("testcase")
    assert case.get("classname") == "evaluate.gone/config"
    assert case.find("error").get("message") == "gone: no such folder"
    ran = run("evaluate", "gone", "--format", "github")
    assert ran.out == (
        "::error title=nntrain::gone: no such folder%0Ahint: give a folder that nntrain train has "
        "written, such as runs/train-...\n"
    )


def test_a_summary_that_cannot_be_written(monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "no/summary.md")
    ran = run("check-loss", "--format", "github")
    assert ran.code == 0
    assert ran.err == (
        "no/summary.md: No such file or directory: the summary of the step is not written\n"
    )


@pytest.mark.parametrize("form", ["json", "junit", "github"])
@pytest.mark.parametrize("extra", [[], ["--set", "seed=x"]])
@pytest.mark.parametrize("text", ["data: {source: digits}\nnetwork: [relo]\n", "data: [\n"])
def test_a_refusal_never_overwrites_the_experiment(form, extra, text, empty_folder):
    (empty_folder / "bad.yaml").write_text(text)
    ran = run("check-loss", "bad.yaml", "--format", form, "--output", "bad.yaml", *extra)
    assert ran.code == 2
    assert (empty_folder / "bad.yaml").read_text() == text
