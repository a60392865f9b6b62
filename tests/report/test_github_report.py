"""Annotations point at what a rule is about; whatever a message holds, it stays one command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer_cli.config.load import load
from trainer_cli.config.problems import Problem
from trainer_cli.report.github_report import (
    error_annotations,
    finding_annotations,
    harmless,
    in_repository,
)
from trainer_cli.report.problems import problem_record
from trainer_cli.training.findings import Finding

FILE = """\
seed: 1
network:
  - {type: dense, units: 50}
  - relu
  - {type: dense, units: 10}
optimizer:
  type: sgd
  learning_rate: 0.1
data: {source: digits}
"""
HIGH = Finding(rule="learning-rate-too-high", status="fail", message="it exploded", hint="try 0.01")
FLAT = Finding(rule="plateau", status="warn", message="it is flat")
LOSS = Finding(rule="initial-loss", status="fail", message="too large: network[2] is to blame")
PASS = Finding(rule="overfit", status="pass", message="learned")
SKIP = Finding(rule="max-norm", status="skip", message="not judged")
BAD = Problem(file="bad.yaml", line=9, column=26, key="network[0].units", message="is 50%, not 1")


@pytest.fixture(autouse=True)
def repository(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "a.yaml").write_text(FILE)
    (tmp_path / "bad.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return tmp_path


def annotated(*findings: Finding, overrides=(), strict=False) -> list[str]:
    loaded = load(Path("configs/a.yaml"), overrides)
    return finding_annotations(findings, loaded, strict=strict).splitlines()


def test_one_line_for_each_rule_failures_first():
    assert annotated(FLAT, PASS, HIGH, SKIP, LOSS) == [
        "::error file=configs/a.yaml,line=8,col=3,title=learning-rate-too-high::it exploded%0A"
        "hint: try 0.01",
        "::error file=configs/a.yaml,line=5,col=5,title=initial-loss::too large: network[2] is to "
        "blame",
        "::warning file=configs/a.yaml,line=8,col=3,title=plateau::it is flat",
    ]


def test_what_one_rule_says_twice_is_one_annotation():
    assert annotated(HIGH, LOSS, HIGH) == [
        "::error file=configs/a.yaml,line=8,col=3,title=learning-rate-too-high::it exploded%0A"
        "hint: try 0.01%0Ait exploded%0Ahint: try 0.01",
        *annotated(LOSS),
    ]


def test_a_warning_is_an_error_under_strict():
    assert annotated(FLAT, strict=True) == [
        "::error file=configs/a.yaml,line=8,col=3,title=plateau::it is flat"
    ]


def test_what_the_file_does_not_have_is_its_first_line():
    bound = Finding(rule="schedule-ends-early", status="warn", message="small")
    unknown = Finding(rule="of-a-later-version", status="warn", message="new")
    assert annotated(bound, unknown) == [
        "::warning file=configs/a.yaml,line=1,col=1,title=schedule-ends-early::small",
        "::warning file=configs/a.yaml,line=1,col=1,title=of-a-later-version::new",
    ]


def test_without_a_file_of_the_user_nothing_is_pointed_at():
    told = "::warning title=plateau::it is flat\n"
    assert finding_annotations([FLAT], None, strict=False) == told
    assert finding_annotations([FLAT], load(None), strict=False) == told


def test_a_problem_of_the_file_has_its_own_place():
    assert error_annotations([problem_record(BAD)]) == (
        "::error file=bad.yaml,line=9,col=26,title=network[0].units::"
        "network[0].units: is 50%25, not 1\n"
    )


def test_a_problem_of_an_override_has_no_file():
    problem = Problem(file="--set seed=x", column=12, key="seed", message="not a number", hint="0")
    assert error_annotations([problem_record(problem)]) == (
        "::error title=seed::--set seed=x: seed: not a number%0Ahint: 0\n"
    )


def test_a_problem_of_data_is_at_its_line(repository):
    record = {"file": str(repository / "bad.yaml") + ":3", "line": None, "column": None}
    record |= {"key": None, "message": "not a number", "hint": None}
    told = "::error file=bad.yaml,line=3,title=nntrain::not a number\n"
    assert error_annotations([record]) == told
    assert error_annotations([record | {"file": None}]) == "::error title=nntrain::not a number\n"


def test_names_are_escaped(repository):
    (repository / "a,b%:c.yaml").write_text(FILE)
    problem = Problem(file="a,b%:c.yaml", line=1, column=2, message="x:\r\ny, z")
    assert error_annotations([problem_record(problem)]) == (
        "::error file=a%2Cb%25%3Ac.yaml,line=1,col=2,title=nntrain::x:%0D%0Ay, z\n"
    )


def test_paths_begin_at_the_top_of_the_repository(repository, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(repository / "configs")
    path = (repository / "configs" / "a.yaml").relative_to(repository / "configs")
    assert in_repository(path) == "configs/a.yaml"
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.yaml"
    assert in_repository(elsewhere) == elsewhere.as_posix()
    monkeypatch.setenv("GITHUB_WORKSPACE", str(elsewhere.parent))
    assert in_repository(elsewhere) == "a.yaml"


def test_a_submodule_is_part_of_the_repository(repository):
    module = repository / "module"
    module.mkdir()
    (module / ".git").write_text("gitdir: ../.git/modules/module\n")
    assert in_repository(module / "a.yaml") == "module/a.yaml"


@given(st.text())
def test_any_message_is_one_command(message):
    finding = Finding(rule="plateau", status="warn", message=message)
    line = finding_annotations([finding], None, strict=False)
    assert line.count("\n") == 1
    head, _, data = line.removesuffix("\n").partition(" title=plateau::")
    assert head == "::warning"
    back = data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    assert back == message


@given(st.text(alphabet=" :#[x\n\r\t"))
def test_the_log_holds_no_command(text):
    shown = harmless(text)
    assert "##[" not in shown
    assert not any(re.match(r"\s*::", line) for line in shown.splitlines())
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


def test_the_log_is_else_as_it_was():
    assert harmless("a::b ## [c]\n  ::error::x ##[y]") == "a::b ## [c]\n  : :error::x ## [y]"
