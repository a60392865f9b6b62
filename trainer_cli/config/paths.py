"""Key paths such as network.0.units: how they are written, and how a value is put at one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trainer_cli.config.nodes import Entry, ListNode, MapNode, Node, ScalarNode, Span
from trainer_cli.config.problems import Key, key_text, visible

# network[0].units, as messages write it, is network.0.units.
INDEX = re.compile(r"\[(\d+)\]")

MOST_SEGMENTS = 16  # the longest in an experiment file has about 4


class KeyPathError(Exception):
    """A path that leads nowhere; `key` is how far it goes and `span` what is to blame."""

    def __init__(self, span: Span, key: Key, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.span = span
        self.key = key
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Segment:
    """One step of a path, a name or the number of an item, and where it is written."""

    text: str
    span: Span

    @property
    def index(self) -> int | None:
        """The number of an item; None for a name."""
        return int(self.text) if re.fullmatch(r"0|[1-9][0-9]{0,8}", self.text) else None


def parse_path(text: str, span: Span) -> tuple[Segment, ...]:
    """Return the segments of a path that is written at `span`; raises KeyPathError."""
    segments: list[Segment] = []
    column = span.column
    for piece in INDEX.sub(r".\1 ", text).split("."):  # a[0].b is a.0 .b, every column as it was
        name = piece.strip()
        place = replace(span, column=column, width=max(1, len(name)))
        if not name:
            message = "the path of a key has an empty part"
            raise KeyPathError(place, (), message, "write it like optimizer.learning_rate")
        if len(segments) == MOST_SEGMENTS:
            message = f"the path of a key has more than {MOST_SEGMENTS} parts"
            raise KeyPathError(place, (), message, "write it like optimizer.learning_rate")
        segments.append(Segment(name, place))
        column += len(piece) + 1
    return tuple(segments)


def dotted_text(segments: Sequence[Segment]) -> str:
    """Return the path in the form network.0.units."""
    return ".".join(segment.text for segment in segments)


def is_seed(path: str) -> bool:
    """Whether the key only says which random numbers are drawn, such as data.split.seed."""
    return path.rpartition(".")[2] == "seed"


def put(root: Node, segments: Sequence[Segment], value: Node, key: Key = ()) -> Node:
    """Return the tree with `value` at the path; `root` stays as it is.

    Keys that are not there are made; the bare name of a part becomes a mapping with that type.
    Raises KeyPathError where the path does not lead through mappings and lists.
    """
    if not segments:
        return value
    first, rest = segments[0], segments[1:]
    if isinstance(root, ListNode):
        index = _index(root, first, key)
        items = list(root.items)
        items[index] = put(items[index], rest, value, (*key, index))
        return ListNode(root.span, tuple(items))
    mapping = _as_mapping(root, first, key)
    entry = mapping.entries.get(first.text)
    below = entry.value if entry else MapNode(first.span, {}, implied=True)
    made = put(below, rest, value, (*key, first.text))
    place = first.span if entry is None or not rest else entry.key
    entries = {**mapping.entries, first.text: Entry(place, made)}
    return replace(mapping, entries=entries)


def _index(node: ListNode, segment: Segment, key: Key) -> int:
    index, items = segment.index, len(node.items)
    if index is None:
        hint = f"give the number of an item, like {key_text(key)}.0"
        raise KeyPathError(
            segment.span, key, f"is a list, so it has no {visible(segment.text)}", hint
        )
    if index >= items:
        count = f"{items} items, 0 to {items - 1}" if items > 1 else f"{items or 'no'} item"
        message = f"has no item {index}: the list has {count}"
        raise KeyPathError(segment.span, key, message, "items are counted from 0")
    return index


def _as_mapping(node: Node, segment: Segment, key: Key) -> MapNode:
    if isinstance(node, MapNode):
        return node
    assert isinstance(node, ScalarNode)
    if node.value is None:
        return MapNode(node.span, {}, implied=True)
    if isinstance(node.value, str):
        return MapNode(node.span, {"type": Entry(node.span, node)})
    message = f"is the single value {visible(node.text)}, so it has no {visible(segment.text)}"
    raise KeyPathError(segment.span, key, message)
