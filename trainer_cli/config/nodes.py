"""The tree of an experiment file, in which every key and value knows where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer_cli.config.problems import Key, Problem, key_text


@dataclass(frozen=True, kw_only=True)
class Source:
    """A text that values come from: the experiment file, or one override.

    name    what messages call it
    folder  where relative paths in it start
    order   0 for the file, n for the n-th override
    """

    name: str
    folder: Path
    lines: tuple[str, ...]
    order: int = 0


@dataclass(frozen=True)
class Span:
    """A place on one line of a source; line and column count from 1."""

    source: Source
    line: int
    column: int
    width: int = 1


@dataclass(frozen=True, eq=False)
class ScalarNode:
    """A single value. `text` is how it was written; `plain` says that it had no quotes."""

    span: Span
    value: bool | int | float | str | None
    text: str
    plain: bool


@dataclass(frozen=True, eq=False)
class ListNode:
    """A list."""

    span: Span
    items: "tuple[Node, ...]"


@dataclass(frozen=True, eq=False)
class Entry:
    """One key of a mapping, with the place of the key, and its value."""

    key: Span
    value: "Node"


@dataclass(frozen=True, eq=False)
class MapNode:
    """A mapping. `implied` says that an override made it, where the file has nothing."""

    span: Span
    entries: Mapping[str, Entry] = field(default_factory=dict)
    implied: bool = False


Node = ScalarNode | ListNode | MapNode


def plain(node: Node) -> Any:
    """Return the value without its places: lists become tuples, mappings become dicts."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return tuple(plain(item) for item in node.items)
    return {name: plain(entry.value) for name, entry in node.entries.items()}


def locate(root: Node, key: Key) -> Span:
    """Return the place of the value at `key`, or of its nearest ancestor that is there."""
    node = root
    for part in key:
        if isinstance(node, MapNode) and part in node.entries:
            node = node.entries[str(part)].value
        elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        else:
            break
    return node.span


def problem_at(span: Span, key: Key, message: str, hint: str | None = None) -> Problem:
    """Return a problem that points at `span`."""
    source = span.source
    return Problem(
        file=source.name,
        line=span.line if source.order == 0 else None,
        column=span.column,
        key=key_text(key),
        message=message,
        hint=hint,
        source_line=source.lines[span.line - 1] if span.line <= len(source.lines) else "",
        width=span.width,
        order=source.order,
    )
