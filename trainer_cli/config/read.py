"""Turns a tree of nodes into settings objects and collects every problem on the way."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from trainer_cli.config.at import FAILED, At
from trainer_cli.config.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from trainer_cli.config.parts import Form, Setting, name_of, settings_of
from trainer_cli.config.spelling import received, suggestion
from trainer_cli.config.values import WrongValueError, read_value

Reader = Callable[[Setting, Node, At], Any]
NO_READERS: Final[Mapping[str, Reader]] = {}
NO_HINTS: Final[Mapping[str, str]] = {}


def read_setting(setting: Setting, node: Node, at: At) -> Any:
    """Return what the node says for a setting, FAILED where it has a problem."""
    if setting.optional and isinstance(node, ScalarNode) and node.value is None:
        return None
    if setting.form is Form.PART:
        return read_part(setting, node, at)
    if setting.form is Form.PARTS:
        return _read_parts(setting, node, at)
    if setting.form is Form.SECTION:
        return read_section(setting, node, at)
    if setting.form is Form.VALUES:
        return _read_values(setting, node, at)
    return _read_value(setting.annotation, setting, node, at)


def _read_value(annotation: Any, setting: Setting, node: Node, at: At) -> Any:
    try:
        return read_value(annotation, node)
    except WrongValueError as wrong:
        at.report(node.span, wrong.message, wrong.hint or setting.hint)
        return FAILED


def _read_values(setting: Setting, node: Node, at: At) -> Any:
    if not isinstance(node, ListNode):
        if _without_list(node, at):
            return FAILED
        at.report(node.span, f"must be a list of values, got {received(node)}", setting.hint)
        return FAILED
    items = [
        _read_value(setting.item, setting, item, at.down(i)) for i, item in enumerate(node.items)
    ]
    return FAILED if any(item is FAILED for item in items) else tuple(items)


def read_section(
    setting: Setting, node: Node, at: At, readers: Mapping[str, Reader] = NO_READERS
) -> Any:
    """Return the settings object of a section such as `training`."""
    (cls,) = setting.classes
    if not isinstance(node, MapNode):
        empty = isinstance(node, ScalarNode) and node.value is None
        hint = "remove the key, or give it settings" if empty else setting.hint
        at.report(node.span, f"must be a mapping of settings, got {received(node)}", hint)
        return FAILED
    values = read_entries(settings_of(cls), node, at, readers=readers)
    return build(cls, values, node, at)


def read_part(setting: Setting, node: Node, at: At) -> Any:
    """Return the settings object of a part: a bare name, or a mapping with type and settings."""
    cls = _class_of(setting, node, at)
    if cls is None:
        return FAILED
    entries = dict(node.entries) if isinstance(node, MapNode) else {}
    entries.pop("type", None)
    rest = MapNode(node.span, entries)
    other = hints_elsewhere(setting.classes, cls)
    values = read_entries(settings_of(cls), rest, at, elsewhere=other, bare=_is_name(node))
    return build(cls, values, rest, at)


def named_class(setting: Setting, node: Node, at: At) -> type[Any] | None:
    """Return the class that a bare name stands for; None, and a problem, for an unknown name."""
    known = {name_of(cls): cls for cls in setting.classes}
    name = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(name, str):
        message = f"must be the name of a{_n(setting.noun)} {setting.noun}, got {received(node)}"
        at.report(node.span, message, suggestion("", known, _plural(setting.noun)))
    elif name not in known:
        hint = suggestion(name, known, _plural(setting.noun))
        at.report(node.span, f"unknown {setting.noun} {received(node)}", hint)
    return known.get(name) if isinstance(name, str) else None


def _class_of(setting: Setting, node: Node, at: At) -> type[Any] | None:
    if _is_name(node):
        return named_class(setting, node, at)
    noun = setting.noun
    if not isinstance(node, MapNode):
        message = (
            f"must be a{_n(noun)} {noun}, by name or as a mapping with type, got {received(node)}"
        )
        at.report(node.span, message, setting.hint)
        return None
    if "type" in node.entries:
        return named_class(setting, node.entries["type"].value, at.down("type"))
    if node.implied and not setting.required and setting.default is not None:
        return type(setting.default)  # an override set a key of the part that is there by default
    at.down("type").report(node.span, "required key is missing", _hint_for_untyped(setting, node))
    return None


def _hint_for_untyped(setting: Setting, node: MapNode) -> str:
    known = [name_of(cls) for cls in setting.classes]
    for key in node.entries:
        if key in known:
            return f"write {{type: {key}, ...}} with the settings of {key} beside it"
        if key.startswith("type:"):
            return f"put a space after the colon of '{key}'"
    return suggestion("", known, _plural(setting.noun))


def _read_parts(setting: Setting, node: Node, at: At) -> Any:
    if not isinstance(node, ListNode):
        if _without_list(node, at):
            return FAILED
        at.report(node.span, f"must be a list, got {received(node)}", setting.hint)
        return FAILED
    if len(node.items) < setting.least:
        at.report(
            node.span, f"must have at least one {setting.noun}, got {received(node)}", setting.hint
        )
        return FAILED
    parts = [read_part(setting, item, at.down(i)) for i, item in enumerate(node.items)]
    return FAILED if any(part is FAILED for part in parts) else tuple(parts)


def _without_list(node: Node, at: At) -> bool:
    """Report that an override names an item of a list that nothing has given yet, if so."""
    if not (isinstance(node, MapNode) and node.implied):
        return False
    name, entry = next(iter(node.entries.items()))
    text = entry.value.text if isinstance(entry.value, ScalarNode) else "..."
    path = ".".join(str(part) for part in at.key)
    message = f"there is no list yet, so it has no {f'item {name}' if name.isdigit() else name}"
    at.report(node.span, message, f"write --set {path}=[{text}]")
    return True


def read_entries(
    settings: Mapping[str, Setting],
    node: MapNode,
    at: At,
    *,
    elsewhere: Mapping[str, str] = NO_HINTS,
    bare: bool = False,
    readers: Mapping[str, Reader] = NO_READERS,
) -> dict[str, Any]:
    """Return the values of all keys that are there, FAILED for unknown and for missing ones.

    `elsewhere` has hints for keys that belong to something else, `bare` says that a name stands
    here without settings, and `readers` read the keys that have a form of their own.
    """
    values: dict[str, Any] = {}
    for name, entry in node.entries.items():
        if name in settings:
            read = readers.get(name, read_setting)
            values[name] = read(settings[name], entry.value, at.down(name))
        else:
            report_unknown(name, entry, settings, at, elsewhere)
            values[name] = FAILED
    for name, setting in settings.items():
        if setting.required and name not in values:
            hint = f"write it as a mapping with type and {name}; {setting.hint}"
            hint = hint if bare else setting.hint
            at.down(name).report(node.span, "required key is missing", hint)
            values[name] = FAILED
    return values


def report_unknown(
    name: str, entry: Entry, settings: Mapping[str, Setting], at: At, elsewhere: Mapping[str, str]
) -> None:
    """Add the problem that `settings` has no key of this name."""
    hint = elsewhere.get(name) or suggestion(name, settings, "keys")
    if name.partition(":")[0] in settings:
        hint = f"put a space after the colon of '{name}'"
    at.down(name).report(entry.key, "unknown key", hint)


def hints_elsewhere(classes: Iterable[type[Any]], here: type[Any]) -> dict[str, str]:
    """Return a hint for every key that other parts of a kind have and the part `here` has not."""
    owners: dict[str, list[str]] = {}
    for cls in classes:
        for name in settings_of(cls):
            owners.setdefault(name, []).append(name_of(cls))
    own = settings_of(here)
    return {
        name: f"{name} is a setting of {', '.join(parts)}, not of {name_of(here)}"
        for name, parts in owners.items()
        if name not in own
    }


def build(cls: type[Any], values: Mapping[str, Any], node: MapNode, at: At) -> Any:
    """Return the settings object, FAILED where a value has a problem or its own rules refuse it."""
    if any(value is FAILED for value in values.values()):
        return FAILED
    try:
        return cls(**values)
    except ValueError as error:
        # Rules over several fields begin with the name of the one to blame, if there is one.
        blamed = node.entries.get(str(error).partition(" ")[0])
        at.report(node.span if blamed is None else blamed.value.span, str(error))
        return FAILED


def _is_name(node: Node) -> bool:
    return isinstance(node, ScalarNode) and isinstance(node.value, str)


def _n(noun: str) -> str:
    return "n" if noun[0] in "aeio" else ""


def _plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
