"""`nntrain check` on a network of one's own, and every other command, which refuses it."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import EXPERIMENT, SOURCE, planted
from tests.cli.running import run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nntrain.yaml").write_text(EXPERIMENT, encoding="utf-8")
    (tmp_path / "net.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def test_it_passes_and_says_what_was_imported(folder):
    ran = run("check")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "nntrain check  nntrain.yaml"
    assert lines[-2] == f"imported: {folder / 'net.py'}, and no other file but by it"
    assert lines[-1].startswith("verdict: pass  (")


def test_json_is_one_document_whatever_the_network_prints(folder):
    (folder / "net.py").write_text(planted("n = len(X)\n", "n = len(X)\n        print(n)\n"))
    ran = run("check", "--format", "json", "--only", "loss")
    assert ran.json["verdict"] == "pass"
    assert ran.json["imported"] == str(folder / "net.py")
    assert "200" in ran.err


def test_a_fault(folder):
    (folder / "net.py").write_text(planted("        d /= n\n", ""))
    ran = run("check")
    assert ran.code == 1
    assert ran.out.splitlines()[1].startswith("fail  gradient-at-start: the gradient of W1, b1, W2")
    assert "overfit       skip  not checked: grad failed" in ran.out


def test_code_that_raises(folder):
    source = planted("hidden @ W2 + b2", "hidden @ W3 + b2")
    (folder / "net.py").write_text(source)
    line = 1 + source.splitlines().index("        scores = hidden @ W3 + b2")
    ran = run("check")
    assert (ran.code, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert lines[0] == f"net.py:{line}:27: loss(X) raised NameError: name 'W3' is not defined"
    assert lines[2].strip() == f"{line} |         scores = hidden @ W3 + b2"
    assert "Traceback" not in ran.err


def test_a_check_that_there_is_not(folder):
    ran = run("check", "--only", "schedule")
    assert ran.code == 2
    assert "no check is called 'schedule'" in ran.err


@pytest.mark.parametrize(
    "command",
    [
        ["train"],
        ["sweep"],
        ["crossval"],
        ["overfit"],
        ["check-loss"],
        ["check-reg"],
        ["check-grad"],
        ["check-activations"],
        ["config", "show"],
    ],
)
def test_other_commands_refuse_it(command, folder):
    ran = run(*command)
    assert ran.code == 2
    assert ran.err == (
        "nntrain.yaml:4:10: network: a network of your own can be checked, and nothing else\n"
        "  |\n"
        '4 | network: {import: "net.py:build"}\n'
        "  |          ^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "hint: run nntrain check; every other command needs a list of layers\n"
        "\n"
        "1 problem\n"
    )


def test_the_data_can_be_looked_at(folder):
    assert run("data", "info").code == 0
