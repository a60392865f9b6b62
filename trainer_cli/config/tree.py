"""Builds the tree of nodes from YAML events, and refuses what no experiment file needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from trainer_cli.config.nodes import (
    Entry,
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    Source,
    Span,
    problem_at,
)
from trainer_cli.config.problems import ExperimentError, Problem, visible
from trainer_cli.config.scalars import resolve

MOST_DEPTH = 32  # an experiment file needs about 6
MOST_NODES = 50_000  # with every alias counted as what it stands for


@dataclass
class _Open:
    """A list or mapping whose end has not come yet."""

    event: Any
    nodes_before: int
    nodes: list[Node] = field(default_factory=list)


class TreeBuilder:
    """Takes PyYAML's events one by one; no recursion, so that no depth can break it.

    `first_column` is where the text begins on the first line of its source. What is wrong goes to
    `problems`; ExperimentError is raised with all of them where reading cannot go on.
    """

    def __init__(self, source: Source, problems: list[Problem], first_column: int) -> None:
        self.root: Node | None = None
        self.last = Span(source, 1, 1)
        self._source = source
        self._problems = problems
        self._first_column = first_column
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}  # with the number of nodes in each
        self._nodes = 0
        self._actions: dict[type[Any], Callable[[Any], None]] = {
            yaml.DocumentStartEvent: self._start_document,
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceEndEvent: self._end,
            yaml.MappingEndEvent: self._end,
        }

    def take(self, event: Any) -> None:
        """Add what the event stands for."""
        action = self._actions.get(type(event))
        if action is not None:
            self.last = self._between(event.start_mark, event.end_mark)
            action(event)

    def refuse(self, span: Span, message: str, hint: str | None = None) -> NoReturn:
        """End the reading with everything found so far."""
        self._report(span, message, hint)
        raise ExperimentError(self._problems)

    def at(self, line: int, column: int, width: int = 1) -> Span:
        """Return the place at a line and column counted from 0."""
        shift = self._first_column if line == 0 else 0
        return Span(self._source, line + 1, column + shift + 1, max(1, width))

    def _report(self, span: Span, message: str, hint: str | None = None) -> None:
        self._problems.append(problem_at(span, (), message, hint))

    def _between(self, start: Any, end: Any | None) -> Span:
        """Return the place from `start` to `end`, or to the end of the line if that is nearer."""
        if end is not None and start.line == end.line:
            return self.at(start.line, start.column, end.column - start.column)
        first = self.at(start.line, start.column)
        rest = self._source.lines[start.line][first.column - 1 :].rstrip()
        return self.at(start.line, start.column, len(rest))

    def _start_document(self, event: Any) -> None:
        if self.root is not None:
            hint = "put every experiment into a file of its own"
            self.refuse(self.last, "a second document begins here", hint)
        if event.version not in (None, (1, 2)):
            self._report(self.last, "experiment files are YAML 1.2", "remove the %YAML line")

    def _scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        span, text = self.last, event.value
        bad = next((c for c in text if c == "\0" or "\ud800" <= c <= "\udfff"), None)
        if bad is not None:
            self._report(span, f"text cannot contain the character U+{ord(bad):04X}")
            text = text.replace(bad, "")
        plain = event.style is None
        value = resolve(text) if plain else text
        self._nodes += 1
        self._add(ScalarNode(span, value, text, plain), event.anchor, 1)

    def _alias(self, event: Any) -> None:
        name, shown = event.anchor, visible(event.anchor)
        if any(frame.event.anchor == name for frame in self._open):
            self.refuse(self.last, f"the alias *{shown} stands inside what it repeats")
        if name not in self._anchors:
            hint = f"put &{shown} before the value to repeat, or the text in quotes"
            message = f"the alias *{shown} repeats nothing: there is no &{shown} above"
            self.refuse(self.last, message, hint)
        node, size = self._anchors[name]
        self._nodes += size
        self._add(node, None, size)

    def _start(self, event: Any) -> None:
        self._refuse_tag(event)
        if len(self._open) == MOST_DEPTH:
            self.refuse(self.last, f"nested more than {MOST_DEPTH} levels deep")
        self._open.append(_Open(event, self._nodes))

    def _end(self, event: Any) -> None:
        frame = self._open.pop()
        start = frame.event
        # Where a block ends is only known to lie before the next token.
        span = self._between(start.start_mark, event.end_mark if start.flow_style else None)
        self._nodes += 1
        size = self._nodes - frame.nodes_before
        if isinstance(start, yaml.SequenceStartEvent):
            self._add(ListNode(span, tuple(frame.nodes)), start.anchor, size)
        else:
            self._add(MapNode(span, self._entries(frame.nodes)), start.anchor, size)

    def _add(self, node: Node, anchor: str | None, size: int) -> None:
        if self._nodes > MOST_NODES:
            self.refuse(self.last, f"more than {MOST_NODES:,} values, aliases written out")
        if anchor is not None:
            self._anchors[anchor] = node, size
        if self._open:
            self._open[-1].nodes.append(node)
        else:
            self.root = node

    def _entries(self, nodes: list[Node]) -> dict[str, Entry]:
        """Pair up keys and values; of a key given twice, the first stands."""
        entries: dict[str, Entry] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            wrong, hint = _wrong_with_key(key, entries)
            if wrong is None:
                assert isinstance(key, ScalarNode)
                entries[key.text] = Entry(key.span, value)
            else:
                self._report(key.span, wrong, hint)
        return entries

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            message = f"tags are not used in experiment files, got {visible(tag)}"
            self._report(self.last, message, "remove the tag")


def _wrong_with_key(key: Node, entries: dict[str, Entry]) -> tuple[str | None, str | None]:
    """Return why a node cannot be a further key of `entries`, and what to do about it."""
    if not isinstance(key, ScalarNode):
        return "a key must be text, got a list or a mapping", None
    if key.plain and key.text == "<<":
        return "merge keys (<<) are not part of YAML 1.2", "write the keys out"
    if not isinstance(key.value, str):
        return f"a key must be text, got {visible(key.text) or 'nothing'}", "put the key in quotes"
    if key.text in entries:
        first = entries[key.text].key.line
        return (
            f"the key {visible(key.text)} is given twice, first on line {first}",
            "remove one of the two",
        )
    return None, None
