"""Reads off a settings class what a file may say: its keys, their types, bounds and meaning."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from annotated_types import MinLen

# How a part is called where the key that names it is no good name for it.
NOUNS = {
    "network": "layer",
    "init": "initializer",
    "bias_init": "initializer",
    "preprocess": "preprocessing step",
    "augment": "augmentation",
    "source": "data source",
}


class Form(Enum):
    """What a setting looks like in a file."""

    VALUE = "a single value"
    VALUES = "a list of values"
    PART = "a bare name, or a mapping with type and settings"
    PARTS = "a list of parts"
    SECTION = "a mapping of settings"
    SPACE = "a mapping of key paths to distributions"
    RULES = "a mapping of rules to a severity or settings"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One field of a settings class.

    annotation  the type with its bounds, as written
    doc         what it is, a noun phrase
    default     MISSING where the file must give it
    form        what it looks like in a file
    classes     the parts to choose from, or the one class of a section; empty for values
    optional    whether null is allowed
    least       smallest length of a list or mapping
    """

    name: str
    annotation: Any
    doc: str
    default: Any
    form: Form
    classes: tuple[type[Any], ...]
    optional: bool
    least: int

    @property
    def required(self) -> bool:
        """Whether the file must give it."""
        return self.default is MISSING

    @property
    def item(self) -> Any:
        """The type of what a list holds, with its bounds, as written."""
        lists = (stripped(each) for each in alternatives(self.annotation))
        return next(get_args(each)[0] for each in lists if get_origin(each) is tuple)

    @property
    def noun(self) -> str:
        """What a part for this setting is called."""
        return NOUNS.get(self.name, self.name)

    @property
    def hint(self) -> str:
        """What the setting is, as a sentence for a hint."""
        first = self.doc.partition(" ")[0]
        if first in ("how", "what", "when", "where", "whether"):
            return f"{self.name} says {self.doc}"
        return f"{self.name} {'holds' if first.endswith('s') else 'is'} the {self.doc}"


def settings_of(cls: Any) -> Mapping[str, Setting]:
    """Return the settings of a class by name, without the `type` that only names the class."""
    return _settings_of(cls)


@cache
def _settings_of(cls: Any) -> Mapping[str, Setting]:
    hints = get_type_hints(cls, include_extras=True)
    listed = [field for field in fields(cls) if field.name != "type"]
    return {field.name: _setting(field, hints[field.name]) for field in listed}


def is_part(cls: Any) -> bool:
    """Whether a class is a settings class with a name, its `type`."""
    return isinstance(cls, type) and is_dataclass(cls) and "type" in cls.__dataclass_fields__


def name_of(cls: type[Any]) -> str:
    """Return the name of a part in experiment files."""
    return str(cls.__dataclass_fields__["type"].default)


def stripped(annotation: Any) -> Any:
    """Return a type without what Annotated adds to it."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself, each as written."""
    bare = stripped(annotation)
    if get_origin(bare) in (Union, UnionType):
        return tuple(each for member in get_args(bare) for each in alternatives(member))
    return (annotation,)


def _setting(field: Field[Any], annotation: Any) -> Setting:
    metadata = getattr(annotation, "__metadata__", ())
    members = [stripped(each) for each in alternatives(annotation)]
    form, classes = _form([member for member in members if member is not NoneType])
    return Setting(
        name=field.name,
        annotation=annotation,
        # By attribute: annotated_types 0.7 and 0.8 call the class of doc(...) differently.
        doc=next((each.documentation for each in metadata if hasattr(each, "documentation")), ""),
        default=field.default_factory() if field.default_factory is not MISSING else field.default,
        form=form,
        classes=classes,
        optional=NoneType in members,
        least=max((each.min_length for each in metadata if isinstance(each, MinLen)), default=0),
    )


def _form(members: list[Any]) -> tuple[Form, tuple[type[Any], ...]]:
    if members and all(is_part(member) for member in members):
        return Form.PART, tuple(members)
    if len(members) == 1:
        only, inside = members[0], get_args(members[0])
        if get_origin(only) is frozenset:
            return Form.RULES, alternatives(inside[0])
        if isinstance(only, type) and is_dataclass(only):
            return Form.SECTION, (only,)
        if get_origin(only) is tuple and inside[-1:] == (...,):
            items = tuple(stripped(each) for each in alternatives(inside[0]))
            if all(is_part(item) for item in items):
                return Form.PARTS, items
            return Form.VALUES, ()
        if get_origin(only) is Mapping:
            return Form.SPACE, alternatives(inside[1])
    return Form.VALUE, ()
