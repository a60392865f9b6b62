"""Writes an experiment as the file that says it all, to be shown, kept with a run and run again."""

from collections.abc import Collection, Mapping
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.parts import is_part
from trainer_cli.config.rules import RULES, Rule
from trainer_cli.config.space import space_written
from trainer_cli.config.value_text import settings_given, value_text


def to_yaml(experiment: Experiment) -> str:
    """Return the experiment file: complete, with defaults, loading to an equal experiment.

    Paths are absolute, so that the file can be moved. Settings that are left to the program, such
    as `overfit.learning_rate`, are left out.
    """
    lines = []
    for name, value in settings_given(experiment).items():
        if name == "data":
            lines += _section(name, _flat(value))
        elif name == "network":
            lines += [f"{name}:", *(f"  - {value_text(layer)}" for layer in value)]
        elif name == "checks":
            lines += _checks(value)
        elif name == "sweep":
            lines += _sweep(settings_given(value))
        elif is_part(type(value)) or not hasattr(value, "__dataclass_fields__"):
            lines.append(f"{name}: {value_text(value)}")
        else:
            lines += _section(name, settings_given(value))
    return "\n".join(lines) + "\n"


def _section(name: str, settings: Mapping[str, Any]) -> list[str]:
    return [f"{name}:", *(f"  {key}: {value_text(value)}" for key, value in settings.items())]


def _sweep(settings: Mapping[str, Any]) -> list[str]:
    space = space_written(settings["space"])
    rest = {key: value for key, value in settings.items() if key != "space"}
    draws = [f"    {value_text(path)}: {value_text(each)}" for path, each in space.items()]
    return [*_section("sweep", rest), "  space:", *draws]


def _checks(rules: Collection[Rule]) -> list[str]:
    """Return the rules that an experiment sets, in the order in which they are listed."""
    own = sorted(rules, key=lambda rule: RULES.index(type(rule)))
    settings: dict[str, Any] = {rule.type: settings_given(rule) for rule in own}
    for each in settings.values():
        del each["type"]
    return _section("checks", settings) if settings else []


def _flat(data: Any) -> dict[str, Any]:
    """Return the settings of the data section, those of the source beside its name."""
    own = settings_given(data)
    source = settings_given(own.pop("source"))
    return {"source": source.pop("type"), **source, **own}
