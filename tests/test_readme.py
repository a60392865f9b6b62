"""The README tells the truth: its transcripts are what the commands print, its file is valid."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.running import run

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d[\d,]*\.?\d*(?:e[-+]?\d+)?")
SECONDS = re.compile(r"\d+\.\d+ s\b")  # of that machine, and of no other


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def transcripts() -> list[tuple[str, str]]:
    """Return every command of the README and what it is said to print."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def words_and_numbers(text: str) -> tuple[str, list[float]]:
    """Split a text from its numbers; where a terminal wrapped it does not matter."""
    text = SECONDS.sub("0 s", text)
    numbers = [float(found.replace(",", "").rstrip(".")) for found in NUMBER.findall(text)]
    return " ".join(NUMBER.sub("0", text).split()), numbers


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("command", "said"), transcripts(), ids=lambda text: text[:40])
def test_transcripts(command, said, folder):
    (sound,) = blocks("yaml")
    broken = sound.replace("units: 50", "units: -50").replace(", learning_rate", ", learning_rat")
    (folder / "flowers.yaml").write_text(broken)
    program, *arguments = shlex.split(command)
    assert program == "nntrain"
    ran = run(*arguments)
    words, numbers = words_and_numbers(said)
    printed_words, printed_numbers = words_and_numbers(ran.out or ran.err)
    assert printed_words == words
    for claimed, printed in zip(numbers, printed_numbers, strict=True):
        if claimed < 9999:  # the rest is a date and a time
            assert printed == pytest.approx(claimed, rel=0.05, abs=0.02)


def test_there_are_transcripts():
    assert len(transcripts()) >= 4


def test_the_experiment_file_is_valid(folder):
    (sound,) = blocks("yaml")
    (folder / "flowers.yaml").write_text(sound)
    rows = "".join(f"{i % 7},{i % 5},{'abc'[i % 3]}\n" for i in range(90))
    (folder / "flowers.csv").write_text("width,height,species\n" + rows)
    assert run("check-loss", "flowers.yaml").code == 0


def test_every_command_of_the_table_is_there():
    commands = re.findall(r"^\| `nntrain ([^`]+)` \|", README, flags=re.MULTILINE)
    assert len(commands) >= 9
    for command in commands:
        assert run(*command.split(), "--help").code == 0, command
