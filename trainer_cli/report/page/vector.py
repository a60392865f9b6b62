"""Turns a figure into SVG that stands inside a page and takes its colours and letters from it."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING

from trainer_cli.report.page.looks import PAPER
from trainer_cli.report.page.markup import Markup, plain, tag

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
NAMES = {colour: f"var(--{name})" for name, colour in PAPER.items()}

TAG = re.compile("<[^>]*>")
STYLE_SHEET = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>\s*", re.DOTALL)
COLOUR = re.compile("#[0-9a-f]{6}")
FONT = re.compile(r"font-family:[^;\"]*;? ?|font: [^;\"]*?px [^;\"]*;? ?")
PLACES = re.compile(r' (d|x|y|width|height|transform)="([^"]*)"', re.DOTALL)
DIGITS = re.compile(r"(\.\d\d)\d+")
NAME = re.compile(r' id="([^"]*)"')
BETWEEN = re.compile(r">\s+<")
REFERENCE = re.compile(r'xlink:href="#([^"]*)"|url\(#([^"]*?)\)')


def inline_svg(figure: Figure, name: str, title: str, description: str) -> Markup:
    """Return a figure as an element of a page; `name` keeps its inner names apart from others'.

    The texts stay texts, in the letters of the page. Colours become the page's variables.
    """
    written = StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata=NO_METADATA)
    text = plain(written.getvalue())
    body = STYLE_SHEET.sub("", text[text.index("<svg") :])
    used = {a or b for a, b in REFERENCE.findall(body)}
    body = TAG.sub(lambda found: _fitted(found[0], name, used), body)
    head, rest = body.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    assert box is not None
    words = tag("title", title) + tag("desc", description)
    return Markup(f'<svg role="img" {box[0]}>{words}{BETWEEN.sub("><", rest)}')


def _fitted(element: str, name: str, used: set[str]) -> str:
    """Return one tag with the page's colours, short numbers, and no name that nobody uses."""
    element = FONT.sub("", " ".join(element.split()))
    element = COLOUR.sub(lambda found: NAMES.get(found[0], found[0]), element)
    element = PLACES.sub(lambda found: DIGITS.sub(r"\1", found[0]), element)
    element = NAME.sub(
        lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", element
    )
    return REFERENCE.sub(
        lambda found: f'href="#{name}-{found[1]}"' if found[1] else f"url(#{name}-{found[2]})",
        element,
    )
