"""Turns the bytes of an experiment file into a tree of nodes, or says why it cannot."""

import re
from pathlib import Path

import yaml
from yaml.error import MarkedYAMLError

from trainer_cli.config.nodes import MapNode, Node, ScalarNode, Source, Span, problem_at
from trainer_cli.config.problems import ExperimentError, Problem
from trainer_cli.config.syntax import syntax_fault
from trainer_cli.config.tree import TreeBuilder

MOST_BYTES = 2**20  # an experiment file is a few kilobytes; 1 MiB takes seconds to read

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as PyYAML counts lines
# YAML 1.2.2, production c-printable, by what it leaves out.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

STARTER = "nntrain init writes a commented example"


def read_text(path: Path, name: str) -> str:
    """Return the text of the file; raises ExperimentError, calling the file `name`."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise _unreadable(name, "no such file", STARTER) from None
    except IsADirectoryError:
        raise _unreadable(name, "is a folder, not an experiment file") from None
    except ValueError:  # a NUL character in the path
        raise _unreadable(name, "no such file") from None
    except OSError as error:
        raise _unreadable(name, f"cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise _unreadable(name, "is larger than 1 MiB, so it is no experiment file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"is not text in UTF-8: byte 0x{raw[error.start]:02X} on line {line}"
        raise _unreadable(name, message, "save the file as UTF-8") from None


def read_tree(source: Source, text: str, problems: list[Problem]) -> MapNode:
    """Return the mapping that an experiment file is.

    What is wrong goes to `problems`; ExperimentError is raised where reading cannot go on.
    """
    root = parse(source, text, problems)
    if root is None or (isinstance(root, ScalarNode) and root.value is None):
        problem = Problem(file=source.name, message="is empty", hint=STARTER, order=source.order)
        raise ExperimentError([*problems, problem])
    if not isinstance(root, MapNode):
        kind = "a single value" if isinstance(root, ScalarNode) else "a list"
        message = f"an experiment file is a mapping of keys such as data and network, got {kind}"
        raise ExperimentError([*problems, problem_at(root.span, (), message, STARTER)])
    return root


def parse(source: Source, text: str, problems: list[Problem], first_column: int = 0) -> Node | None:
    """Return the tree of `text`, None where it is empty.

    `first_column` is where the text begins on the first line of its source.
    """
    _refuse_unprintable(source, text, first_column)
    builder = TreeBuilder(source, problems, first_column)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except MarkedYAMLError as error:
        fault = syntax_fault(error)
        builder.refuse(builder.at(fault.line, fault.column), fault.message, fault.hint)
    except (ValueError, OverflowError) as error:
        # A number beyond all bounds in an escape or a directive: PyYAML lets Python complain.
        builder.refuse(builder.last, f"this is not YAML: {error}")
    return builder.root


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text, counted as PyYAML counts them, safe to be shown.

    What no YAML can hold, such as what moves a terminal's cursor, becomes a replacement character.
    """
    return tuple(LINE_BREAK.split(UNPRINTABLE.sub("\ufffd", text)))


def _refuse_unprintable(source: Source, text: str, first_column: int) -> None:
    if found := UNPRINTABLE.search(text):
        before = split_lines(text[: found.start()])
        shift = first_column if len(before) == 1 else 0
        span = Span(source, len(before), len(before[-1]) + shift + 1)
        message = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
        raise ExperimentError([problem_at(span, (), message, "remove it")])


def _unreadable(name: str, message: str, hint: str | None = None) -> ExperimentError:
    return ExperimentError([Problem(file=name, message=message, hint=hint)])
