"""Writes an experiment as the file that says it all, to be shown, kept with a run and run again."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.parts import is_part, name_of
from trainer_cli.config.scalars import resolve
from trainer_cli.config.space import Choice, Distribution

BARE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./+-]*")
EXPONENT = re.compile(r"e([-+])0")
UNSEEN = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


def to_yaml(experiment: Experiment) -> str:
    """Return the experiment file: complete, with defaults, loading to an equal experiment.

    Paths are absolute, so that the file can be moved. Settings that are left to the program, such
    as `overfit.learning_rate`, are left out.
    """
    lines = []
    for name, value in _settings(experiment).items():
        if name == "data":
            lines += _section(name, _flat(value))
        elif name == "network":
            lines += [f"{name}:", *(f"  - {value_text(layer)}" for layer in value)]
        elif name == "sweep":
            lines += _sweep(_settings(value))
        elif is_part(type(value)) or not hasattr(value, "__dataclass_fields__"):
            lines.append(f"{name}: {value_text(value)}")
        else:
            lines += _section(name, _settings(value))
    return "\n".join(lines) + "\n"


def _section(name: str, settings: Mapping[str, Any]) -> list[str]:
    return [f"{name}:", *(f"  {key}: {value_text(value)}" for key, value in settings.items())]


def _sweep(settings: Mapping[str, Any]) -> list[str]:
    space = settings["space"]
    rest = {key: value for key, value in settings.items() if key != "space"}
    draws = [f"    {value_text(path)}: {_distribution(each)}" for path, each in space.items()]
    return [*_section("sweep", rest), "  space:", *draws]


def _settings(value: Any) -> dict[str, Any]:
    """Return the settings of an object, without those that are None."""
    pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: inner for name, inner in pairs if inner is not None}


def _flat(data: Any) -> dict[str, Any]:
    """Return the settings of the data section, those of the source beside its name."""
    own = _settings(data)
    source = _settings(own.pop("source"))
    return {"source": source.pop("type"), **source, **own}


def _distribution(value: Distribution) -> str:
    drawn = value.values if isinstance(value, Choice) else (value.low, value.high)
    return f"{{{value.type}: {value_text(drawn)}}}"


def value_text(value: Any) -> str:
    """Return a value on one line, so that YAML 1.2 reads the same back."""
    if isinstance(value, Path):
        return _quoted(str(value.absolute()))
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(value_text(item) for item in value)}]"
    if hasattr(value, "__dataclass_fields__"):
        settings = _settings(value)
        if list(settings) == ["type"]:
            return name_of(type(value))
        return value_text(settings)
    if isinstance(value, Mapping):
        pairs = [f"{value_text(key)}: {value_text(each)}" for key, each in value.items()]
        return f"{{{', '.join(pairs)}}}"
    return _number(value)


def _number(value: bool | int | float | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    return EXPONENT.sub(lambda found: "e" + found[1].replace("+", ""), text)


def _quoted(text: str) -> str:
    if BARE.fullmatch(text) and isinstance(resolve(text), str):
        return text
    written = json.dumps(text, ensure_ascii=False)
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04X}", written)
