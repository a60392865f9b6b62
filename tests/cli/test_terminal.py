"""On a terminal: wrapped lines, colours, a live bar; at 80 columns and at 120."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess

import pytest

from tests.cli.running import PROGRAM

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(folder, columns, *arguments, **environment):
    """Run nntrain with a terminal for all output; return what arrived there."""
    ours, theirs = pty.openpty()
    settings = {**os.environ, "COLUMNS": str(columns), "LINES": "40", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**settings, **environment},
    )
    os.close(theirs)
    seen = b""
    while True:
        ready, _, _ = select.select([ours], [], [], 60)
        try:
            piece = os.read(ours, 65536) if ready else b""
        except OSError:  # the other end is closed
            piece = b""
        if not piece:
            break
        seen += piece
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return seen.decode()


def lines_of(text):
    plain = CONTROL.sub("", text).replace("\r\n", "\n")
    return [line.rpartition("\r")[2] for line in plain.split("\n")]


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", ["check-loss", "check-reg", "overfit"])
def test_no_line_is_wider_than_the_terminal(command, columns, empty_folder):
    text = on_terminal(empty_folder, columns, command)
    lines = lines_of(text)
    assert max(len(line) for line in lines) <= columns
    assert any(line.startswith("pass  ") for line in lines)
    if columns == 80:
        assert any(line.startswith("      ") for line in lines)  # a wrapped line, indented
    assert "\x1b[32m" in text  # a pass is green


def test_training_shows_a_bar_and_a_line_for_each_epoch(empty_folder):
    text = on_terminal(empty_folder, 80, "train", "--set", "training.epochs=60")
    lines = lines_of(text)
    assert "\u2501" in text  # the bar
    assert max(len(line) for line in lines) <= 80
    assert sum(line.startswith("epoch ") and " cost " in line for line in lines) == 60
    assert any(line.startswith("verdict: pass") for line in lines)


def test_no_color_is_honoured(empty_folder):
    text = on_terminal(empty_folder, 80, "check-loss", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", text)


def test_a_terminal_without_greek_letters_shows_them_by_number(empty_folder):
    text = on_terminal(empty_folder, 80, "check-reg", PYTHONIOENCODING="ascii")
    assert "\\xbd\\xb7l2" in text.replace("\r\n      ", "")
