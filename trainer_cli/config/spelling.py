"""Finds the name that was meant, and shows what was received."""

from collections.abc import Iterable
from difflib import get_close_matches

from trainer_cli.config.nodes import ListNode, Node, ScalarNode

MOST_SHOWN = 40  # characters of a received value in a message
NEAR = 0.6  # share of characters in common from which a name counts as near


def suggestion(word: str, known: Iterable[str], kind: str) -> str:
    """Return a hint: the known name that is nearest, or all of them."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean {near}?"
    return f"known {kind}: {', '.join(names)}" if names else f"there are no {kind}"


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the name that `word` is a misspelling or the initials of: lr for learning_rate."""
    choices = list(names)
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    for name in choices:
        initials = "".join(part[0] for part in name.split("_"))
        if plain == name or (len(initials) > 1 and plain == initials):
            return name
    matches = get_close_matches(plain, choices, n=1, cutoff=NEAR)
    return matches[0] if matches else None


def received(node: Node) -> str:
    """Return a value as a message shows it: as it was written, text in quotes, not too long."""
    if isinstance(node, ListNode):
        return "a list" if node.items else "an empty list"
    if not isinstance(node, ScalarNode):
        return "a mapping" if node.entries else "an empty mapping"
    if node.value is None:
        return node.text or "nothing"
    shown = repr(node.text) if isinstance(node.value, str) else node.text
    return shown if len(shown) <= MOST_SHOWN else f"{shown[: MOST_SHOWN - 1]}…"
