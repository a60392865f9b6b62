"""Reads the `checks:` section: for each rule a severity, or settings."""

from collections.abc import Iterable
from typing import Any

from trainer_cli.config.at import FAILED, At
from trainer_cli.config.nodes import Entry, MapNode, Node, ScalarNode
from trainer_cli.config.parts import Setting, name_of, settings_of
from trainer_cli.config.read import build, read_entries
from trainer_cli.config.rules import SEVERITIES
from trainer_cli.config.spelling import nearest, received


def read_checks(setting: Setting, node: Node, at: At) -> Any:
    """Return the rules that the section sets, a frozenset; FAILED where something is wrong."""
    if not isinstance(node, MapNode):
        message = f"must be a mapping of rules to a severity or settings, got {received(node)}"
        at.report(node.span, message, "write it like {initial-loss: warn}")
        return FAILED
    known = {name_of(cls): cls for cls in setting.classes}
    rules = [_read_rule(known, name, entry, at) for name, entry in node.entries.items()]
    return FAILED if any(rule is FAILED for rule in rules) else frozenset(rules)


def _read_rule(known: dict[str, type[Any]], name: str, entry: Entry, at: At) -> Any:
    below, value = at.down(name), entry.value
    if name not in known:
        below.report(entry.key, "unknown rule", rule_meant(name, known))
        return FAILED
    if isinstance(value, ScalarNode) and value.value in SEVERITIES:
        value = MapNode(value.span, {"severity": Entry(value.span, value)})
    if not isinstance(value, MapNode):
        message = f"must be {', '.join(SEVERITIES)} or a mapping of settings"
        hint = "ignore leaves what the rule finds out of the verdict"
        below.report(value.span, f"{message}, got {received(value)}", hint)
        return FAILED
    settings = settings_of(known[name])
    return build(known[name], read_entries(settings, value, below), value, below)


def rule_meant(name: str, known: Iterable[str]) -> str:
    """Return a hint for a name that no rule has; there are too many rules to list them."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near else "nntrain explain lists all rules"
