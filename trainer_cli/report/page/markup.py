"""Builds HTML in which whatever comes from a file is text and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

VOID = frozenset({"img", "link", "meta"})
# Characters that no HTML file may hold, and halves of pairs that no file can.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Markup(str):
    """A piece of HTML, in contrast to a text, which is escaped wherever it is put."""

    __slots__ = ()


def plain(text: str) -> str:
    """Return a text without the characters that no HTML file may hold.

    >>> plain("a\\x00b")
    'a�b'
    """
    return UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def tag(name: str, /, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """Return an element; children that are no Markup are text, and None is nothing.

    An attribute that is a word of Python ends in an underscore, and other underscores stand for
    hyphens. False and None leave it out.

    >>> tag("a", "1 < 2", href="#x", class_="small")
    '<a href="#x" class="small">1 &lt; 2</a>'
    """
    words = "".join(
        f" {_attribute(key)}" if value is True else f' {_attribute(key)}="{_escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{words}>")
    return Markup(f"<{name}{words}>{joined(children)}</{name}>")


def joined(pieces: Iterable[str | None], between: str = "") -> Markup:
    """Return pieces in a row: Markup as it is, texts escaped."""
    return Markup(_escaped(between).join(_safe(piece) for piece in pieces if piece is not None))


def _safe(piece: str) -> str:
    return piece if isinstance(piece, Markup) else _escaped(piece)


def _escaped(text: str) -> str:
    return escape(plain(text), quote=True)


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
