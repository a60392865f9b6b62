"""The reference of experiment files: every section, part and setting, read off the classes."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from inspect import getdoc
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.parts import Form, Setting, name_of, settings_of
from trainer_cli.config.space import space_written
from trainer_cli.config.value_text import value_text
from trainer_cli.config.values import value_schema

WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "null": "null",
}
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}

HEAD = """# The experiment file: every section, part and setting

Made from the settings classes by `make docs`; not to be edited. Wherever a part is named, either
its bare name stands there, `relu`, or a mapping with its type and settings,
`{type: leaky_relu, slope: 0.1}`.

In place of the list of layers, `network: {import: "my_file.py:build"}` names Python of your own,
for `nntrain check` alone: see [your own network](your-own-network.md).
"""


def reference() -> str:
    """Return the reference as Markdown."""
    return "\n".join([HEAD, *_section("the file", Experiment, {})])


def _section(title: str, cls: type[Any], seen: dict[str, None]) -> Iterator[str]:
    """Yield a class's settings as a table, then whatever parts and sections they lead to."""
    settings = settings_of(cls)
    yield from _described(f"## {title}", cls, settings)
    for setting in settings.values():
        if setting.form is Form.SECTION:
            yield from _section(setting.name, setting.classes[0], seen)
        elif setting.form in (Form.PART, Form.PARTS):
            yield from _parts(setting, seen)
        elif setting.form is Form.RULES:
            yield "## rule\n"
            for rule in setting.classes:
                yield from _described(f"### {name_of(rule)}", rule, settings_of(rule))
        elif setting.form is Form.SPACE:
            yield "## distribution\n"
            for drawn in setting.classes:  # written {uniform: [low, high]}, without settings
                yield from _described(f"### {name_of(drawn)}", drawn, {})


def _parts(setting: Setting, seen: dict[str, None]) -> Iterator[str]:
    if setting.noun in seen:
        return
    seen[setting.noun] = None
    yield f"## {setting.noun}\n"
    for cls in setting.classes:
        yield from _described(f"### {name_of(cls)}", cls, settings_of(cls))
    for cls in setting.classes:
        for inner in settings_of(cls).values():
            if inner.form in (Form.PART, Form.PARTS):
                yield from _parts(inner, seen)


def _described(heading: str, cls: type[Any], settings: Mapping[str, Setting]) -> Iterator[str]:
    yield f"{heading}\n"
    yield f"```text\n{getdoc(cls)}\n```\n"
    if not settings:
        return
    yield "| setting | is | values | default |\n| --- | --- | --- | --- |"
    for setting in settings.values():
        meaning = setting.doc.replace("|", "\\|")  # Σ|w|
        yield f"| `{setting.name}` | {meaning} | {_values(setting)} | {_default(setting)} |"
    yield ""


def _values(setting: Setting) -> str:
    match setting.form:
        case Form.PART:
            return f"a{'n' if setting.noun[0] in 'aeiou' else ''} {setting.noun}"
        case Form.PARTS:
            return f"a list of {setting.noun}s"
        case Form.SECTION:
            return "a section"
        case Form.SPACE:
            return "a mapping of key paths to distributions"
        case Form.RULES:
            return "a mapping of rules to `fail`, `warn`, `ignore` or settings"
        case Form.VALUES:
            return f"a list, each {_kind(value_schema(setting.item))}"
        case Form.VALUE:
            return _kind(value_schema(setting.annotation))


def _kind(schema: Mapping[str, Any]) -> str:
    """Return the JSON Schema of a value in words."""
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{option}`" for option in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return "a list"
    limits = [f"{words} {schema[bound]:g}" for bound, words in BOUNDS.items() if bound in schema]
    return " ".join([WORDS.get(schema.get("type", ""), "anything"), " and ".join(limits)]).strip()


def _default(setting: Setting) -> str:
    if setting.required:
        return "required"
    if setting.default is None:
        return "none"
    if is_dataclass(setting.default) and setting.form is Form.SECTION:
        return "as below"
    if setting.form is Form.RULES:
        return "none"
    if setting.form is Form.SPACE:
        return f"`{value_text(space_written(setting.default))}`"
    return f"`{value_text(setting.default)}`"
