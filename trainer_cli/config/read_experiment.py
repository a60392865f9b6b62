"""Reads a whole experiment: every section by itself, then the rules between sections."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf, nextafter
from typing import Any

from trainer_cli.config.at import FAILED, At
from trainer_cli.config.data_rules import Wrong, broken_rules
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.nodes import (
    Entry,
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    Span,
    locate,
    problem_at,
)
from trainer_cli.config.parts import Form, settings_of
from trainer_cli.config.paths import KeyPathError, parse_path, put
from trainer_cli.config.problems import Problem
from trainer_cli.config.read import build, read_entries
from trainer_cli.config.read_data import read_data, settings_of_sources
from trainer_cli.config.read_space import read_sweep
from trainer_cli.config.spelling import received

WHOLE = "must be a whole number"
FRACTIONS = ("uniform", "log_uniform")  # distributions that draw numbers with a point


def read_experiment(root: MapNode, problems: list[Problem]) -> Any:
    """Return the experiment of a tree, FAILED, and problems, where something is wrong with it."""
    values = _read(root, problems)
    if values.get("sweep") not in (None, FAILED):
        _check_space(root, problems)
    return build(Experiment, values, root, At((), problems))


def _read(root: MapNode, problems: list[Problem]) -> dict[str, Any]:
    """Return the values of all sections, FAILED for those with problems."""
    values = read_entries(
        settings_of(Experiment),
        root,
        At((), problems),
        elsewhere=_keys_of_sections(),
        readers={"data": read_data, "sweep": read_sweep},
    )
    defaults = {s.name: s.default for s in settings_of(Experiment).values() if not s.required}
    sound = {n: value for n, value in (defaults | values).items() if value is not FAILED}
    wrong = list(_broken_rules(sound))
    data = values["data"]
    classes = None if data is FAILED else data.source.classes_known()
    if classes is not None:
        shape = None if data.preprocess_changes_shape() else data.source.shape_known()
        wrong += broken_rules(sound, shape, classes)
    for key, message, hint in wrong:
        problems.append(problem_at(locate(root, key), key, message, hint))
    return values


def _broken_rules(sections: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield what is wrong between sections, whatever the data."""
    if "schedule" in sections and "training" in sections:
        warmup, epochs = sections["schedule"].warmup, sections["training"].epochs
        if warmup >= epochs:
            message = f"must be less than training.epochs, {epochs}, got {warmup:g}"
            hint = "the rate rises during the warm-up, and follows the schedule after it"
            yield ("schedule", "warmup"), message, hint


def _keys_of_sections() -> dict[str, str]:
    """Return a hint for every key that belongs into a section and not beside the sections."""
    settings = settings_of(Experiment)
    homes = {key: ["data"] for key in settings_of_sources()}
    for section in settings.values():
        if section.form is Form.SECTION:
            for key in settings_of(section.classes[0]):
                homes.setdefault(key, []).append(section.name)
    return {
        key: f"{key} is a key of {' and of '.join(sections)}"
        for key, sections in homes.items()
        if key not in settings
    }


def _check_space(root: MapNode, problems: list[Problem]) -> None:
    """Report what a sweep would draw and the experiment could not take.

    Every bound and choice is put at its key, and the experiment is read as if it stood there.
    """
    space = _below(_below(root, "sweep"), "space")
    entries = {name: entry for name, entry in root.entries.items() if name != "sweep"}
    base = replace(root, entries=entries)
    known: list[Problem] = []
    _read(base, known)
    for name, entry in space.entries.items():
        _check_draws(base, entry, At(("sweep", "space", name), problems), known)


def _check_draws(base: MapNode, entry: Entry, at: At, known: list[Problem]) -> None:
    """Report what is wrong with the draws for one key and is not in `known` yet."""
    assert isinstance(entry.value, MapNode)
    ((distribution, bounds),) = entry.value.entries.items()
    assert isinstance(bounds.value, ListNode)
    path = parse_path(str(at.key[-1]), entry.key)
    for item in bounds.value.items:
        value = _fraction(item) if distribution in FRACTIONS else item
        try:
            changed = put(base, path, value)
        except KeyPathError as error:
            at.report(entry.key, error.message, error.hint)
            return
        assert isinstance(changed, MapNode)
        found: list[Problem] = []
        _read(changed, found)
        for problem in found:
            if problem in known:
                continue
            known.append(problem)
            if value is not item and problem.message.startswith(WHOLE):
                message = f"{WHOLE}, but {distribution} draws fractions"
                at.report(bounds.key, message, "int and log_int draw whole numbers")
                return
            _report(problem, item, entry.key, at)


def _fraction(item: Node) -> Node:
    """Return a whole number as the nearest number that is not whole, as a draw would be."""
    if isinstance(item, ScalarNode) and isinstance(item.value, int | float):
        return replace(item, value=nextafter(item.value, inf))
    return item


def _report(problem: Problem, value: Node, key: Span, at: At) -> None:
    """Report a problem at the draw or at the key, whichever is to blame."""
    if _is_at(problem, value.span) or _is_at(problem, key):
        span = value.span if _is_at(problem, value.span) else key
        at.report(span, problem.message, problem.hint)
    else:  # a choice that is fine by itself and does not go with what stands beside its key
        message = f"with {received(value)}: {problem.key}: {problem.message}"
        at.report(value.span, message, problem.hint)


def _is_at(problem: Problem, span: Span) -> bool:
    order, line = span.source.order, span.line if span.source.order == 0 else None
    column = problem.column or 0
    inside = span.column <= column < span.column + span.width
    return inside and (problem.order, problem.line) == (order, line)


def _below(node: MapNode, name: str) -> MapNode:
    value = node.entries[name].value
    assert isinstance(value, MapNode)
    return value
