"""What a rule means, as `nntrain explain` tells it: read off the class that declares it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from inspect import getdoc
from textwrap import fill
from typing import Any

from trainer_cli.config.parts import name_of, settings_of
from trainer_cli.config.rules import RULES
from trainer_cli.config.value_text import value_text

# The paragraphs of a rule's docstring, by their first words.
PARTS = ("Why:", "What to do:", "Fires on:", "Source:")
WIDTH = 80
# An example that begins so is a command to be copied, and stays on one line.
COMMAND = "nntrain "


def parts_of(rule: type[Any]) -> dict[str, str]:
    """Return the paragraphs of a rule's docstring: "" for its meaning, then those of PARTS."""
    found, current = {"": ""}, ""
    for line in (getdoc(rule) or "").splitlines():
        start = next((part for part in PARTS if line.startswith(part)), None)
        if start is not None:
            current, line = start, line.removeprefix(start)
            found[current] = ""
        found[current] = f"{found[current]} {line.strip()}".strip()
    return found


def explanation(rule: type[Any]) -> list[str]:
    """Return the lines that explain a rule: meaning, reason, thresholds, advice, example."""
    told = parts_of(rule)
    lines = [f"{name_of(rule)}  ({rule().severity})", *_wrapped(told.pop(""))]
    for title, text in told.items():
        if title == "What to do:":
            lines += ["", "Thresholds:", *_thresholds(rule)]
        if text.startswith(COMMAND):
            lines += ["", title, f"  {text}"]
        else:
            lines += ["", *_wrapped(f"{title} {text}")]
    return lines


def _thresholds(rule: type[Any]) -> Iterator[str]:
    """Yield a line for each setting: how it is set, and what it is."""
    for setting in settings_of(rule).values():
        yield from _wrapped(
            f"checks.{name_of(rule)}.{setting.name} = {value_text(setting.default)}: {setting.doc}",
            indent=2,
        )


def _wrapped(text: str, indent: int = 0) -> list[str]:
    space = " " * indent
    return fill(
        text,
        WIDTH,
        initial_indent=space,
        subsequent_indent=space + "  " * bool(indent),
        break_long_words=False,
        break_on_hyphens=False,
    ).splitlines()


def overview(rules: Sequence[type[Any]] = RULES) -> list[str]:
    """Return a line for each rule by its name: what its findings weigh, what it says."""
    width = max(len(name_of(rule)) for rule in rules)
    severe = max(len(rule().severity) for rule in rules)
    return [
        f"{name_of(rule):<{width}}  {rule().severity:<{severe}}  {parts_of(rule)['']}"
        for rule in sorted(rules, key=name_of)
    ]


def record(rule: type[Any]) -> dict[str, Any]:
    """Return the same for JSON."""
    told = parts_of(rule)
    settings = {each.name: each.default for each in settings_of(rule).values()}
    return {
        "rule": name_of(rule),
        "severity": settings.pop("severity"),
        "meaning": told[""],
        "why": told.get("Why:"),
        "thresholds": {
            name: {"value": value, "meaning": settings_of(rule)[name].doc}
            for name, value in settings.items()
        },
        "what_to_do": told.get("What to do:"),
        "fires_on": told.get("Fires on:"),
        "source": told.get("Source:"),
    }
