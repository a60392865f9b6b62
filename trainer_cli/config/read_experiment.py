"""Reads a whole experiment: every section by itself, then the rules between sections."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from trainer_cli.config.at import FAILED, At
from trainer_cli.config.data_rules import Wrong, broken_rules
from trainer_cli.config.experiment import Experiment, Sweep
from trainer_cli.config.imported import read_network
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
from trainer_cli.config.read_checks import read_checks
from trainer_cli.config.read_data import read_data, settings_of_sources
from trainer_cli.config.read_space import read_sweep
from trainer_cli.config.space import Choice
from trainer_cli.config.spelling import received

WHOLE = "must be a whole number"
TRIAL = ("sweep",)  # a trial has the epochs of its stage, not those of the training section
FRACTIONS = ("uniform", "log_uniform")  # distributions that draw numbers with a point


def read_experiment(root: MapNode, problems: list[Problem]) -> Any:
    """Return the experiment of a tree, FAILED, and problems, where something is wrong with it."""
    values = _read(root, problems, ("training", "sweep"))
    if values.get("sweep") not in (None, FAILED):
        _check_space(root, problems)
    return build(Experiment, values, root, At((), problems))


def _read(root: MapNode, problems: list[Problem], lasting: Sequence[str]) -> dict[str, Any]:
    """Return the values of all sections, FAILED for those with problems.

    `lasting` names the sections whose epochs the schedule must suit.
    """
    values = read_entries(
        settings_of(Experiment),
        root,
        At((), problems),
        elsewhere=_keys_of_sections(),
        readers={
            "data": read_data,
            "network": read_network,
            "sweep": read_sweep,
            "checks": read_checks,
        },
    )
    defaults = {s.name: s.default for s in settings_of(Experiment).values() if not s.required}
    sound = {n: value for n, value in (defaults | values).items() if value is not FAILED}
    if sound.get("network") == ():  # one's own, of which nothing is known before it is built
        del sound["network"]
    wrong = list(_broken_rules(sound, lasting))
    data = values["data"]
    classes = None if data is FAILED else data.source.classes_known()
    if classes is not None:
        shape = None if data.preprocess_changes_shape() else data.source.shape_known()
        wrong += broken_rules(sound, shape, classes)
    for key, message, hint in wrong:
        problems.append(problem_at(locate(root, key), key, message, hint))
    return values


def _broken_rules(sections: Mapping[str, Any], lasting: Sequence[str]) -> Iterator[Wrong]:
    """Yield what is wrong between sections, whatever the data."""
    sweep: Sweep | None = sections.get("sweep")
    searched = {} if sweep is None else sweep.space
    for name in lasting:
        if sections.get(name) is None or "schedule" not in sections:
            continue
        if name == "sweep" and ("schedule" in searched or "schedule.warmup" in searched):
            continue  # no trial has the warm-up of the file
        warmup, epochs = sections["schedule"].warmup, sections[name].epochs
        if warmup >= epochs:
            message = f"must be less than {name}.epochs, {epochs}, got {warmup:g}"
            hint = "the rate rises during the warm-up, and follows the schedule after it"
            yield ("schedule", "warmup"), message, hint
    if sweep is not None and sweep.sampler == "grid":
        choices = [each for each in searched.values() if isinstance(each, Choice)]
        points = prod(len(each.values) for each in choices)
        if points > sweep.trials:
            message = f"must be at least {points} for this grid, got {sweep.trials}"
            hint = "a grid has every combination of the choices, each as one trial or more"
            yield ("sweep", "trials"), message, hint


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
    sweep = root.entries["sweep"]
    rest = dict(_below(root, "sweep").entries)
    if "space" not in rest:
        return
    space = rest.pop("space").value
    assert isinstance(space, MapNode)
    without = replace(sweep, value=MapNode(sweep.value.span, rest))
    base = replace(root, entries={**root.entries, "sweep": without})
    known: list[Problem] = []
    _read(base, known, TRIAL)
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
        _read(changed, found, TRIAL)
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
    """Return a whole number with a point, as those that are drawn have one."""
    if isinstance(item, ScalarNode) and isinstance(item.value, int | float):
        return replace(item, value=float(item.value))
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
