"""Writes single values of an experiment file on one line."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from trainer_cli.config.parts import name_of
from trainer_cli.config.scalars import resolve

BARE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./+-]*")
EXPONENT = re.compile(r"e([-+])0")
UNSEEN = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


def settings_given(value: Any) -> dict[str, Any]:
    """Return the settings of an object, without those that are None."""
    pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: inner for name, inner in pairs if inner is not None}


def value_text(value: Any) -> str:
    """Return a value on one line, so that YAML 1.2 reads the same back."""
    if isinstance(value, Path):
        return _quoted(str(value.absolute()))
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(value_text(item) for item in value)}]"
    if hasattr(value, "__dataclass_fields__"):
        settings = settings_given(value)
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
