"""Reads the `sweep:` section: how much to try, and what to draw every setting from."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from trainer_cli.config.at import FAILED, At
from trainer_cli.config.nodes import Entry, ListNode, MapNode, Node, ScalarNode, plain
from trainer_cli.config.parts import Setting, name_of, settings_of
from trainer_cli.config.paths import KeyPathError, Segment, dotted_text, parse_path
from trainer_cli.config.problems import visible
from trainer_cli.config.read import build, read_section, read_setting
from trainer_cli.config.space import Choice
from trainer_cli.config.spelling import received, suggestion

# What may differ in the data of trials that are compared.
SAME_EXAMPLES = ("data.preprocess", "data.augment")
# What is no setting of a trial.
ASIDE = tuple(
    f"training.{name}"
    for name in ("members", "early_stopping", "checkpoint_every", "monitor_every")
)
FORMS = "{log_uniform: [low, high]}, {uniform: ...}, {int: ...}, {log_int: ...} or {choice: [...]}"


def read_sweep(setting: Setting, node: Node, at: At) -> Any:
    """Return the `Sweep` of the section; None where there is none, FAILED for a problem."""
    if isinstance(node, ScalarNode) and node.value is None and setting.optional:
        return None
    return read_section(setting, node, at, {"space": _read_space})


def _read_space(setting: Setting, node: Node, at: At) -> Any:
    if not isinstance(node, MapNode) or len(node.entries) < setting.least:
        message = f"must be a mapping of key paths to distributions, got {received(node)}"
        at.report(node.span, message, "write optimizer.learning_rate: {log_uniform: [1e-6, 1e-3]}")
        return FAILED
    space: dict[str, Any] = {}
    for name, entry in node.entries.items():
        below = at.down(name)
        path = _path(name, entry, below)
        if path is not None and dotted_text(path) in space:
            below.report(entry.key, "the same key is searched twice", "remove one of the two")
            path = None
        distribution = _read_distribution(setting, entry.value, below)
        space[name if path is None else dotted_text(path)] = (
            FAILED if path is None else distribution
        )
    _refuse_nested(node, at)
    return FAILED if any(value is FAILED for value in space.values()) else space


def _path(name: str, entry: Entry, at: At) -> tuple[Segment, ...] | None:
    try:
        path = parse_path(name, entry.key)
    except KeyPathError as error:
        at.report(entry.key, error.message, error.hint)
        return None
    if path[0].text == "sweep":
        at.report(entry.key, "a sweep cannot search its own settings")
        return None
    refusal = _why_not(path)
    if refusal is not None:
        at.report(entry.key, *refusal)
        return None
    return path


def _why_not(path: Sequence[Segment]) -> tuple[str, str] | None:
    """Return why trials that differ in this key cannot be compared, and what to do; or None."""
    dotted = dotted_text(path)
    if dotted == "training.epochs":
        message = "cannot be searched: all trials of a stage have the same number of epochs"
        return message, "set sweep.epochs, and sweep.growth for later stages"
    if dotted == "training":
        message = "cannot be searched whole: all trials of a stage have the same number of epochs"
        return message, "search training.batch_size or training.precision"
    if dotted.startswith(ASIDE):
        message = "cannot be searched: a sweep leaves it aside"
        return message, "of training, batch_size and precision can be searched"
    if path[0].text == "overfit":
        return "cannot be searched: it does nothing to a trial", "nntrain overfit looks at it"
    if path[0].text == "data" and not dotted.startswith(SAME_EXAMPLES):
        message = "cannot be searched: trials are compared on the same validation examples"
        return message, "of data, preprocess and augment can be searched"
    return None


def _refuse_nested(node: MapNode, at: At) -> None:
    """Report paths that lead into a value that is drawn as well."""
    dotted = {name.replace("[", ".").replace("]", ""): name for name in node.entries}
    for outer, inner in pairwise(sorted(dotted, key=lambda path: path.split("."))):
        if inner.startswith(f"{outer}."):
            entry = node.entries[dotted[inner]]
            at.down(dotted[inner]).report(entry.key, f"lies inside {outer}, which is searched too")


def _read_distribution(setting: Setting, node: Node, at: At) -> Any:
    known = {name_of(cls): cls for cls in setting.classes}
    if not isinstance(node, MapNode) or len(node.entries) != 1:
        at.report(node.span, f"must be one distribution, got {received(node)}", f"write {FORMS}")
        return FAILED
    ((name, entry),) = node.entries.items()
    if name not in known:
        hint = suggestion(name, known, "distributions")
        at.report(entry.key, f"unknown distribution '{visible(name)}'", hint)
        return FAILED
    below, value = at.down(name), entry.value
    if known[name] is Choice:
        if not isinstance(value, ListNode) or not value.items:
            below.report(value.span, f"must be a list of values, got {received(value)}")
            return FAILED
        return Choice(values=plain(value))
    if not isinstance(value, ListNode) or len(value.items) != 2:
        got = f"a list of {len(value.items)}" if isinstance(value, ListNode) else received(value)
        below.report(value.span, f"must be two numbers, [low, high], got {got}")
        return FAILED
    settings = settings_of(known[name])
    bounds = {
        end: read_setting(settings[end], item, below.down(i))
        for i, (end, item) in enumerate(zip(("low", "high"), value.items, strict=True))
    }
    return build(known[name], bounds, MapNode(value.span), below)
