"""docs/ci.md tells the truth: its commands run, and it prints what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.cli.running import run

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d+\.?\d*")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


CHECKS, GITHUB, GITLAB, LOCAL, REPOSITORY = [yaml.safe_load(block) for block in blocks("yaml")]
COMMANDS = [
    next(
        step["run"] for step in GITHUB["jobs"]["check"]["steps"] if "nntrain check" in str(step)
    ).replace("${{ matrix.experiment }}", "nntrain.yaml"),
    GITLAB["check-experiments"]["script"][-1],
    LOCAL["repos"][0]["hooks"][0]["entry"],
]


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    run("init")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command, project):
    program, *arguments = shlex.split(command)
    assert program == "nntrain"
    ran = run(*arguments)
    assert ran.code == 0, ran.err
    report = GITLAB["check-experiments"]["artifacts"]["reports"]["junit"]
    assert (project / report).exists() == ("--output" in arguments)


def test_the_transcript():
    (block,) = blocks("console")
    command, _, said = block.partition("\n")
    ran = run(*shlex.split(command.removeprefix("$ nntrain ")))
    assert ran.code == 1
    assert NUMBER.sub("0", ran.out) == NUMBER.sub("0", said)
    numbers = [[float(each.rstrip(".")) for each in NUMBER.findall(t)] for t in (ran.out, said)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.05)


def test_the_section_of_rules(project):
    file = project / "nntrain.yaml"
    file.write_text(file.read_text() + yaml.safe_dump({"checks": CHECKS["checks"]}))
    arguments = ["check-loss", "--set", "network.0.init={type: normal, std: 30}"]
    assert run(*arguments).code == 0
    assert run(*arguments, "--strict").code == 1


def test_the_hook_is_the_same_from_the_repository_and_local():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (local,) = LOCAL["repos"][0]["hooks"]
    assert {**hook, "language": "system"} == local | {"description": hook["description"]}
    assert REPOSITORY["repos"][0]["hooks"][0]["id"] == hook["id"]
