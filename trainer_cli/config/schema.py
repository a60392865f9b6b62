"""The JSON Schema of experiment files, from which editors complete and underline."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from inspect import getdoc
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.imported import LAYOUT_MEANING, LAYOUTS, MEANING
from trainer_cli.config.parts import Form, Setting, is_part, name_of, settings_of
from trainer_cli.config.rules import SEVERITIES
from trainer_cli.config.space import Choice, space_written
from trainer_cli.config.values import value_schema
from trainer_cli.datasets.dataset import Data

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

# What the network may be in place of a list of layers.
IMPORTED: Schema = {
    "type": "object",
    "description": MEANING,
    "properties": {
        "import": {
            "type": "string",
            "pattern": r"^(.+\.py|\w+(\.\w+)*):\w+$",
            "description": "file or module, and function",
        },
        "layout": {"enum": list(LAYOUTS), "description": LAYOUT_MEANING, "default": LAYOUTS[0]},
    },
    "required": ["import"],
    "additionalProperties": False,
}


def schema() -> Schema:
    """Return the schema, draft 2020-12. What it accepts is a little more than what `load` does.

    Rules over several keys, and what 1e3 is, cannot be said in it.
    """
    definitions: dict[str, Schema] = {}
    experiment = _mapping(settings_of(Experiment), definitions)
    return {
        "$schema": DRAFT,
        "title": "nntrain experiment",
        "description": "One experiment: data, network and how to train it.",
        **experiment,
        "$defs": dict(sorted(definitions.items())),
    }


def _mapping(settings: Mapping[str, Setting], definitions: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {name: _setting(each, definitions) for name, each in settings.items()},
        "required": [name for name, each in settings.items() if each.required],
        "additionalProperties": False,
    }


def _setting(setting: Setting, definitions: dict[str, Schema]) -> Schema:
    """Return the schema of one key, with what it is and its default."""
    inner = _inner(setting, definitions)
    if setting.optional and setting.form not in (Form.VALUE, Form.VALUES):
        inner = {"anyOf": [inner, {"type": "null"}]}
    found: Schema = {"description": setting.doc, **inner}
    default = setting.default
    if setting.form is Form.SPACE:
        found["default"] = space_written(default)
    elif setting.form is Form.RULES:
        found["default"] = {}
    elif is_part(type(default)) and default == type(default)():
        found["default"] = name_of(type(default))
    elif not setting.required and not is_dataclass(default) and default is not None:
        found["default"] = list(default) if isinstance(default, tuple) else default
    return found


def _inner(setting: Setting, definitions: dict[str, Schema]) -> Schema:
    match setting.form:
        case Form.PART:
            return _part(setting, definitions)
        case Form.PARTS:
            items = _part(setting, definitions)
            listed: Schema = {"type": "array", "items": items, "minItems": setting.least}
            return {"anyOf": [listed, IMPORTED]} if setting.name == "network" else listed
        case Form.SECTION:
            if setting.classes == (Data,):
                return _data(definitions)
            return _mapping(settings_of(setting.classes[0]), definitions)
        case Form.RULES:
            rules = {name_of(cls): _rule(cls, definitions) for cls in setting.classes}
            return {"type": "object", "properties": rules, "additionalProperties": False}
        case Form.SPACE:
            return {
                "type": "object",
                "minProperties": setting.least,
                "additionalProperties": {
                    "oneOf": [_distribution(each) for each in setting.classes]
                },
            }
        case Form.VALUE | Form.VALUES:
            return value_schema(setting.annotation)


def _rule(cls: type[Any], definitions: dict[str, Schema]) -> Schema:
    settings = _mapping(settings_of(cls), definitions)
    return {"description": getdoc(cls) or "", "anyOf": [{"enum": list(SEVERITIES)}, settings]}


def _part(setting: Setting, definitions: dict[str, Schema]) -> Schema:
    """Return the schema of a part: a bare name if nothing is required, or a mapping."""
    alternatives: list[Schema] = []
    for cls in setting.classes:
        name, settings = name_of(cls), settings_of(cls)
        if not any(each.required for each in settings.values()):
            alternatives.append({"const": name, "description": _summary(cls)})
        key = f"{setting.noun.replace(' ', '_')}.{name}"
        if key not in definitions:
            definitions[key] = {}  # in case that a part contains parts of its own kind
            definitions[key].update(_tagged("type", cls, settings, definitions))
        alternatives.append({"$ref": f"#/$defs/{key}"})
    return {"anyOf": alternatives}


def _data(definitions: dict[str, Schema]) -> Schema:
    """Return the schema of the data section, in which the source's settings are keys as well."""
    own = dict(settings_of(Data))
    source = own.pop("source")
    alternatives = []
    for cls in source.classes:
        key = f"data.{name_of(cls)}"
        definitions[key] = _tagged("source", cls, {**settings_of(cls), **own}, definitions)
        alternatives.append({"$ref": f"#/$defs/{key}"})
    return {"oneOf": alternatives}


def _tagged(
    tag: str, cls: type[Any], settings: Mapping[str, Setting], definitions: dict[str, Schema]
) -> Schema:
    mapping = _mapping(settings, definitions)
    mapping["properties"] = {tag: {"const": name_of(cls)}, **mapping["properties"]}
    mapping["required"] = [tag, *mapping["required"]]
    return {"description": getdoc(cls) or "", **mapping}


def _distribution(cls: type[Any]) -> Schema:
    settings = settings_of(cls)
    if cls is Choice:
        drawn: Schema = {"type": "array", "minItems": settings["values"].least}
        drawn["description"] = settings["values"].doc
    else:
        bounds = [_setting(settings[end], {}) for end in ("low", "high")]
        drawn = {"type": "array", "prefixItems": bounds, "items": False, "minItems": len(bounds)}
        drawn["description"] = "low and high"
    return {
        "type": "object",
        "description": getdoc(cls) or "",
        "properties": {name_of(cls): drawn},
        "required": [name_of(cls)],
        "additionalProperties": False,
    }


def _summary(cls: type[Any]) -> str:
    return (getdoc(cls) or "").partition("\n")[0]
