"""All settings classes can be read from a file, and say what their settings are."""

from collections.abc import Iterator
from typing import Any

import pytest

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.parts import Setting, alternatives, is_part, name_of, settings_of, stripped
from trainer_cli.config.values import WORDS, value_schema
from trainer_cli.datasets import Data


def classes(cls: type[Any] = Experiment) -> Iterator[type[Any]]:
    """Yield a settings class and all that its settings are made of."""
    yield cls
    for setting in settings_of(cls).values():
        for below in setting.classes:
            yield from classes(below)


CLASSES = list(dict.fromkeys(classes()))
SETTINGS = [(cls, setting) for cls in CLASSES for setting in settings_of(cls).values()]


# What the meaning of a setting begins with, by what its hint makes of it: "units is the number of
# outputs", "augment holds the changes made ...", "style says when to make up ...".
BEGINNINGS = {
    "is": "accuracy bound chance character cost count difference distance exponent factor folder "
    "gap label largest lead length multiple number path ratio relative root rule search seed shape "
    "share side slope smallest standard step strength type width worst",
    "holds": "changes layers paths penalties rules settings steps values weights",
    "says": "how what when where whether",
}


def test_every_meaning_makes_a_sentence_of_a_hint() -> None:
    for cls, setting in SETTINGS:
        name, verb, *rest = setting.hint.split()
        assert name == setting.name
        assert setting.doc.split()[0] in BEGINNINGS[verb].split(), (cls, setting.hint)
        assert (rest[0] == "the") == (verb != "says")


def test_classes_are_many() -> None:
    assert len(CLASSES) >= 34
    assert len(SETTINGS) >= 50


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_class(cls: type[Any]) -> None:
    assert cls.__doc__
    assert cls.__dataclass_params__.frozen
    if is_part(cls):
        assert name_of(cls) == name_of(cls).lower()
        (tag,) = stripped(cls.__annotations__["type"]).__args__
        assert tag == name_of(cls)


@pytest.mark.parametrize(
    ("cls", "setting"), SETTINGS, ids=lambda each: getattr(each, "name", "") or each.__name__
)
def test_setting(cls: type[Any], setting: Setting) -> None:
    assert setting.doc, f"{cls.__name__}.{setting.name} says nothing about itself"
    assert setting.doc == setting.doc.strip().rstrip(".")
    assert setting.hint.startswith(f"{setting.name} ")
    assert setting.name == setting.name.lower()


def test_values_are_of_kinds_that_messages_have_words_for() -> None:
    values = [setting for _, setting in SETTINGS if not setting.classes]
    assert len(values) >= 40
    for setting in values:
        if setting.name == "values":  # of a choice: anything
            continue
        value_schema(setting.annotation)
        kinds = [stripped(each) for each in alternatives(setting.annotation)]
        assert all(kind in WORDS or kind is type(None) or kind.__args__ for kind in kinds)


def test_keys_of_sources_and_of_the_data_section_differ() -> None:
    sources = settings_of(Data)["source"].classes
    assert len(sources) >= 6
    for source in sources:
        assert not set(settings_of(source)) & set(settings_of(Data))


@pytest.mark.parametrize(
    ("cls", "name", "hint"),
    [
        (Experiment, "network", "network holds the layers from the input to the scores"),
        (Experiment, "loss", "loss says what training minimizes"),
        (Experiment, "seed", "seed is the number that all randomness grows from"),
    ],
)
def test_hint(cls: type[Any], name: str, hint: str) -> None:
    assert settings_of(cls)[name].hint == hint
