"""`--set path.to.key=value`: changes single keys of an experiment without touching its file."""

from dataclasses import dataclass, replace
from pathlib import Path

from trainer_cli.config.document import parse, split_lines
from trainer_cli.config.nodes import MapNode, Node, ScalarNode, Source, Span, problem_at
from trainer_cli.config.paths import KeyPathError, Segment, dotted_text, parse_path, put
from trainer_cli.config.problems import ExperimentError, Problem, visible

FORM = "write --set path.to.key=value, such as --set optimizer.learning_rate=1e-4"


@dataclass(frozen=True)
class Override:
    """One override: the path of a key, and its new value."""

    segments: tuple[Segment, ...]
    value: Node


def parse_override(text: str, order: int, problems: list[Problem]) -> Override | None:
    """Return the `order`-th override; None, and problems, where it is malformed.

    The value is YAML. Relative paths in it start at the working folder, as in any command.
    """
    lines = split_lines(text)
    source = Source(name=f"--set {visible(lines[0])}", folder=Path.cwd(), lines=lines, order=order)
    start = Span(source, 1, 1, max(1, len(lines[0])))
    path, equals, value = text.partition("=")
    if not equals:
        problems.append(problem_at(start, (), "has no '=' between key and value", FORM))
        return None
    if not path.isprintable():
        message = "the path of a key has a character that cannot be seen"
        problems.append(problem_at(start, (), message, FORM))
        return None
    try:
        segments = _with_key_of_space(parse_path(path, start))
        offset = len(path) + 1
        node = parse(source, value, problems, first_column=offset)
    except KeyPathError as error:
        problems.append(problem_at(error.span, error.key, error.message, FORM))
        return None
    except ExperimentError as error:
        problems.extend(each for each in error.problems if each not in problems)
        return None
    empty = ScalarNode(Span(source, 1, offset, 1), None, "", True)
    return Override(segments, empty if node is None else node)


def apply(root: MapNode, override: Override, problems: list[Problem]) -> MapNode:
    """Return the tree with the override in it; as it was, and a problem, where it has no place."""
    try:
        changed = put(root, _as_in_file(root, override.segments), override.value)
    except KeyPathError as error:
        problems.append(problem_at(error.span, error.key, error.message, error.hint))
        return root
    assert isinstance(changed, MapNode)
    return changed


def _with_key_of_space(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Return the path with everything below sweep.space as one key, which is a path itself."""
    if [segment.text for segment in segments[:2]] != ["sweep", "space"] or len(segments) < 3:
        return segments
    inner = segments[2:]
    first, last = inner[0].span, inner[-1].span
    span = replace(first, width=last.column + last.width - first.column)
    return (*segments[:2], Segment(dotted_text(inner), span))


def _as_in_file(root: MapNode, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Return the path with a key of sweep.space as the file writes it, such as network[0].units."""
    node: Node = root
    for segment in segments[:2]:
        entry = node.entries.get(segment.text) if isinstance(node, MapNode) else None
        if entry is None or segment.text not in ("sweep", "space"):
            return segments
        node = entry.value
    names = node.entries if isinstance(node, MapNode) and len(segments) == 3 else ()
    for name in names:
        if name.replace("[", ".").replace("]", "") == segments[-1].text:
            return (*segments[:2], replace(segments[-1], text=name))
    return segments
