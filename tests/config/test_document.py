"""What is wrong with a file as a whole is one clear problem."""

from pathlib import Path

import pytest

from tests.config.reading import SMALLEST, line_of, load_text, problems_of
from trainer_cli.config.document import MOST_BYTES
from trainer_cli.config.load import load
from trainer_cli.config.problems import ExperimentError, Problem

STARTER = "nntrain init writes a commented example"


def problem_with(path: Path) -> Problem:
    with pytest.raises(ExperimentError) as caught:
        load(path)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("name", ["missing.yaml", "file.yaml/below.yaml", "nul\0.yaml"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.yaml").write_text(SMALLEST)
    path = tmp_path / name
    assert problem_with(path) == Problem(
        file=str(path), message="no such file", hint=None if "\0" in name else STARTER
    )


def test_folder(tmp_path: Path) -> None:
    problem = problem_with(tmp_path)
    assert problem == Problem(file=str(tmp_path), message="is a folder, not an experiment file")


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "secret.yaml"
    file.write_text(SMALLEST)
    monkeypatch.setattr(Path, "open", refuse)
    message = "cannot be read: Permission denied"
    assert problem_with(file) == Problem(file=str(file), message=message)


def test_too_large_file(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, b"#" * (MOST_BYTES + 1))
    assert problem.message == "is larger than 1 MiB, so it is no experiment file"


def test_largest_file(tmp_path: Path) -> None:
    text = SMALLEST.encode()
    load_text(tmp_path, text + b"#" * (MOST_BYTES - len(text)))


@pytest.mark.parametrize(
    ("raw", "byte", "line"),
    [
        (b"seed: 1\n# caf\xe9\n", "E9", 2),
        (SMALLEST.encode("utf-16"), "FF", 1),
        (b"\x80\x04", "80", 1),
        (b"seed: \xed\xa0\x80", "ED", 1),
    ],
)
def test_text_that_is_not_utf8(tmp_path: Path, raw: bytes, byte: str, line: int) -> None:
    (problem,) = problems_of(tmp_path, raw)
    assert problem.message == f"is not text in UTF-8: byte 0x{byte} on line {line}"
    assert problem.hint == "save the file as UTF-8"
    assert problem.line is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("seed: 1\nloss: \0", "2:7 |  | the character U+0000"),
        ("\x1b[31m", "1:1 |  | the character U+001B"),
        ("a: b\r\nc: \x7f", "2:4 |  | the character U+007F"),
        ("a: b\x85\x80", "2:1 |  | the character U+0080"),
        ("# \ufffe", "1:3 |  | the character U+FFFE"),
    ],
)
def test_unprintable_characters(tmp_path: Path, text: str, place: str) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert line_of(problem) == f"{place} is not allowed in YAML | remove it"


def test_unprintable_characters_are_not_shown(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "seed: \x1b[31m")
    assert problem.source_line == "seed: \ufffd[31m"


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_line_breaks_and_byte_order_mark(tmp_path: Path, breaks: str) -> None:
    text = "\ufeff" + SMALLEST.replace("\n", breaks) + f"seed: -1{breaks}"
    (problem,) = problems_of(tmp_path, text)
    assert (problem.line, problem.column, problem.source_line) == (3, 7, "seed: -1")


def test_json_is_yaml(tmp_path: Path) -> None:
    text = '{"data":{"source":"digits"},"network":[{"type":"dense","units":10}],"seed":7}'
    assert load_text(tmp_path, text).experiment.seed == 7


def test_anchors_repeat_values(tmp_path: Path) -> None:
    text = """
data: {source: digits}
network:
  - &hidden {type: dense, units: 20, init: &start {type: normal, std: 0.1}}
  - *hidden
  - {type: dense, units: 10, init: *start}
"""
    first, second, last = load_text(tmp_path, text).experiment.network
    assert first == second
    assert first.init == last.init  # type: ignore[union-attr]


def test_yaml_1_2_directive(tmp_path: Path) -> None:
    load_text(tmp_path, "%YAML 1.2\n---\n" + SMALLEST + "...\n")
