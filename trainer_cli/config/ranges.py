"""`--range KEY=LOW:HIGH`: searches a key between two numbers without a word in the file."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from trainer_cli.config.document import split_lines
from trainer_cli.config.load import Loaded
from trainer_cli.config.nodes import Source, Span, problem_at
from trainer_cli.config.parts import alternatives, settings_of, stripped
from trainer_cli.config.paths import KeyPathError, Segment, dotted_text, is_seed, parse_path
from trainer_cli.config.problems import ExperimentError, Key, visible
from trainer_cli.config.scalars import resolve

FORM = "write --range KEY=LOW:HIGH, such as --range optimizer.learning_rate=1e-4:1e-1"


def range_override(loaded: Loaded, text: str) -> str:
    """Return the override, as `--set` takes it, that puts the range into the sweep's space.

    Numbers with a point are drawn in log space if LOW is above 0, whole ones if it is at least 1;
    seeds, which have no size, evenly. Raises ExperimentError where the text is malformed; whether
    the experiment has the key is found out when the override is read.
    """
    key, equals, bounds = text.partition("=")
    if not equals:
        raise _problem(text, "has no '=' between key and range")
    low, colon, high = bounds.partition(":")
    if not colon:
        raise _problem(text, "has no ':' between low and high", start=len(key) + 1)
    try:
        segments = parse_path(key, _span(text, 0, len(key)))
    except KeyPathError as error:
        raise ExperimentError([problem_at(error.span, (), error.message, FORM)]) from None
    path, start = dotted_text(segments), len(key) + 1
    numbers = []
    for end in (low, high):
        number = resolve(end.strip())
        if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
            message = f"low and high must be numbers, got '{visible(end)}'"
            raise _problem(text, message, start=start, width=len(end), key=path)
        numbers.append(number)
        start += len(end) + 1
    if not numbers[0] < numbers[1]:
        message = f"low must be less than high, got {low.strip()} and {high.strip()}"
        raise _problem(text, message, start=len(key) + 1, key=path)
    kind = _distribution(path, numbers[0], whole=_is_whole(loaded, segments))
    return f"sweep.space.{path}={{{kind}: [{low.strip()}, {high.strip()}]}}"


def _distribution(path: str, low: float, *, whole: bool) -> str:
    if whole:
        return "log_int" if low >= 1 and not is_seed(path) else "int"
    return "log_uniform" if low > 0 else "uniform"


def _is_whole(loaded: Loaded, path: Sequence[Segment]) -> bool:
    """Whether the experiment has a whole number at the path, or can have no other kind there."""
    owner: Any = None
    value: Any = loaded.experiment
    for segment in path:
        owner, index = value, segment.index
        if isinstance(value, tuple):
            value = value[index] if index is not None and index < len(value) else None
        elif is_dataclass(value):
            owner = _owner(value, segment.text)
            value = getattr(owner, segment.text, None)
        else:
            return False
    if value is None and is_dataclass(owner):
        setting = settings_of(type(owner)).get(path[-1].text)
        kinds = [] if setting is None else alternatives(setting.annotation)
        kinds = [stripped(kind) for kind in kinds]
        return int in kinds and float not in kinds
    return isinstance(value, int) and not isinstance(value, bool)


def _owner(settings: Any, name: str) -> Any:
    """Return who has a setting: the data section shows those of its source as its own."""
    own = {field.name for field in fields(settings)}
    return settings.source if name not in own and "source" in own else settings


def _problem(
    text: str, message: str, start: int = 0, width: int | None = None, key: str = ""
) -> ExperimentError:
    span = _span(text, start, len(text) - start if width is None else width)
    at: Key = (key,) if key else ()
    return ExperimentError([problem_at(span, at, message, FORM)])


def _span(text: str, start: int, width: int) -> Span:
    lines = split_lines(text)
    source = Source(name=f"--range {visible(lines[0])}", folder=Path.cwd(), lines=lines, order=1)
    return Span(source, 1, start + 1, max(1, width))
