"""Reads single values by their annotated types, through pydantic, with problems in plain words."""

import re
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from trainer_cli.config.nodes import Node, ScalarNode, plain
from trainer_cli.config.parts import alternatives, stripped
from trainer_cli.config.scalars import resolve
from trainer_cli.config.spelling import nearest, received

# Strict: no text becomes a number, no number a boolean, 1000.0 no whole number.
STRICT = ConfigDict(strict=True, allow_inf_nan=False)

WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "text"}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("greater than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
# Text that was meant as a number: 1_000, 1e-3x, 1.000,5, 12:30.
ALMOST_NUMBER = re.compile(r"[-+]?\.?[0-9][0-9a-zA-Z_.,:+-]*")


class WrongValueError(Exception):
    """A value that breaks a rule; `hint` is None where the meaning of the key says it all."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_value(annotation: Any, node: Node) -> Any:
    """Return the value of a node whose type is `annotation`; raises WrongValueError.

    Paths are taken as relative to the folder of the text that they stand in, with ~ as home.
    """
    try:
        value = _adapter(annotation).validate_python(plain(node))
    except ValidationError as error:
        raise _in_words(error.errors(include_url=False), annotation, node) from None
    wants_path = any(stripped(each) is Path for each in alternatives(annotation))
    return _path(value, node) if wants_path and isinstance(value, str) else value


def value_schema(annotation: Any) -> dict[str, Any]:
    """Return the JSON Schema of a value whose type is `annotation`."""
    return _adapter(annotation).json_schema()


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    """Return pydantic's reader of a type; made for the keys that a file has, and no others."""
    return TypeAdapter(_textual(annotation), config=STRICT)


def _textual(annotation: Any) -> Any:
    """Return the type with text in place of paths, which a file can only write as text."""
    metadata = getattr(annotation, "__metadata__", ())
    if metadata:
        return Annotated[(_textual(stripped(annotation)), *metadata)]
    if get_origin(annotation) in (Union, UnionType):
        return Union[tuple(_textual(each) for each in get_args(annotation))]  # noqa: UP007
    return str if annotation is Path else annotation


def _path(text: str, node: Node) -> Path:
    if not text.strip():
        raise WrongValueError("must be a path, got empty text")
    try:
        path = Path(text).expanduser()
    except RuntimeError:  # ~ of a user that does not exist
        raise WrongValueError(f"has no home folder for {text.split('/')[0]!r}") from None
    return (node.span.source.folder / path).absolute()


def _in_words(errors: list[ErrorDetails], annotation: Any, node: Node) -> WrongValueError:
    """Return pydantic's errors, one for each alternative of a type, as one of ours."""
    got = received(node)
    for error in errors:
        if error["type"] in BOUNDS:
            words, name = BOUNDS[error["type"]]
            bound = _number_text(error["ctx"][name])
            return WrongValueError(f"must be {words} {bound}, got {got}")
    kinds = [stripped(each) for each in alternatives(annotation)]
    number = isinstance(node, ScalarNode) and type(node.value) in (int, float)
    if number and float in kinds:  # the type is right, so the size is not
        return WrongValueError(f"must be a finite number, got {got}")
    return WrongValueError(f"must be {_kinds_text(kinds)}, got {got}", _hint(kinds, node))


def _kinds_text(kinds: list[Any]) -> str:
    if int in kinds and float in kinds:
        kinds = [kind for kind in kinds if kind is not int]
    names = list(dict.fromkeys(name for kind in kinds if (name := _kind_text(kind)) is not None))
    if len(names) > 1:
        names = [name.removeprefix("one of ") for name in names]
    return " or ".join(names)


def _kind_text(kind: Any) -> str | None:
    if get_origin(kind) is Literal:
        options = [str(option) for option in get_args(kind)]
        return f"one of {', '.join(options)}" if len(options) > 1 else options[0]
    return WORDS.get(kind)


def _hint(kinds: list[Any], node: Node) -> str | None:
    if not isinstance(node, ScalarNode):
        return None
    value, text = node.value, node.text
    numeric = int in kinds or float in kinds
    if isinstance(value, float) and value.is_integer() and int in kinds:
        return f"write {int(value)}" if abs(value) < 1e15 else "write it without point and exponent"
    if isinstance(value, str) and (numeric or bool in kinds):
        hint = _hint_for_text(text, kinds, node.plain)
        if hint is not None:
            return hint
    if isinstance(value, str):
        options = [str(each) for kind in kinds for each in get_args(kind)]
        near = nearest(text, options)
        return None if near is None else f"did you mean {near}?"
    if str in kinds and not isinstance(value, str) and value is not None:
        return f"write '{text}' in quotes, if text is meant"
    return None


def _hint_for_text(text: str, kinds: list[Any], bare: bool) -> str | None:
    if bool in kinds and text.lower() in ("yes", "no", "on", "off", "y", "n"):
        return f"write {'true' if text.lower() in ('yes', 'on', 'y') else 'false'}"
    if not bare and text and not isinstance(resolve(text), str):
        return "remove the quotes"
    without = text.replace("_", "").replace(",", "") if "." not in text else text.replace("_", "")
    if without != text and isinstance(number := resolve(without), int | float):
        return f"write {number}"
    if ALMOST_NUMBER.fullmatch(text):
        return "numbers are written like 10, 0.5 or 1e-3"
    return None


def _number_text(bound: Any) -> str:
    return str(int(bound)) if float(bound).is_integer() and abs(bound) < 1e15 else str(bound)
