"""Reads the `data:` section, in which the settings of the source stand beside its name."""

from typing import Any

from trainer_cli.config.at import FAILED, At
from trainer_cli.config.nodes import Entry, MapNode, Node, ScalarNode
from trainer_cli.config.parts import Setting, name_of, settings_of
from trainer_cli.config.read import (
    build,
    hints_elsewhere,
    named_class,
    read_entries,
    read_setting,
    report_unknown,
)
from trainer_cli.config.spelling import received
from trainer_cli.datasets.dataset import Data


def settings_of_sources() -> dict[str, Setting]:
    """Return the settings that at least one source has."""
    classes = settings_of(Data)["source"].classes
    return {name: each for cls in classes for name, each in settings_of(cls).items()}


def read_data(setting: Setting, node: Node, at: At) -> Any:
    """Return the `Data` of the section, FAILED where it has a problem."""
    if not isinstance(node, MapNode):
        at.report(node.span, f"must be a mapping of settings, got {received(node)}", _hint(node))
        return FAILED
    own = dict(settings_of(Data))  # those of the section itself, not of a source
    source = own.pop("source")
    entries = dict(node.entries)
    named = entries.pop("source", None)
    rest = MapNode(node.span, entries)
    cls = _class(source, named, node, at)
    if cls is None:
        _read_without_source(own, source, rest, at)
        return FAILED
    other = {
        name: hint for name, hint in hints_elsewhere(source.classes, cls).items() if name not in own
    }
    values = read_entries({**own, **settings_of(cls)}, rest, at, elsewhere=other)
    inner = {name: value for name, value in values.items() if name not in own}
    outer = {name: values[name] for name in own if name in values}
    outer["source"] = build(cls, inner, rest, at)
    return build(Data, outer, rest, at)


def _class(source: Setting, named: Entry | None, node: MapNode, at: At) -> type[Any] | None:
    below = at.down("source")
    if named is None:
        known = ", ".join(name_of(cls) for cls in source.classes)
        below.report(node.span, "required key is missing", f"source is one of {known}")
        return None
    if isinstance(named.value, MapNode):
        hint = "write source: NAME and the settings of the source beside it, in data"
        below.report(named.value.span, "must be the name of a data source, got a mapping", hint)
        return None
    return named_class(source, named.value, below)


def _read_without_source(own: dict[str, Setting], source: Setting, rest: MapNode, at: At) -> None:
    """Report what is wrong whatever the source is."""
    any_source = settings_of_sources()
    for name, entry in rest.entries.items():
        if name in own:
            read_setting(own[name], entry.value, at.down(name))
        elif name not in any_source:
            report_unknown(name, entry, {"source": source, **own, **any_source}, at, {})


def _hint(node: Node) -> str:
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return f"write data: {{source: {node.value}}}"
    return "write data: {source: digits}, or another source"
