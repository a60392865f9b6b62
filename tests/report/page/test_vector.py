"""Figures as SVG inside a page: its colours, its letters, names that do not meet."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("matplotlib", reason="pictures need the extra plots")

from tests.report.page.histories import Parsed
from trainer_cli.report.drawing import drawing
from trainer_cli.report.page.looks import FAIL, INK, SETTINGS, TRAINING, new_picture
from trainer_cli.report.page.vector import inline_svg


def svg(text="a", name="one"):
    with drawing(SETTINGS):
        figure, axes = new_picture()
        axes.plot([0.123456, 1], [1, 2], color=TRAINING)
        axes.plot([0.5], [1.5], "x", color=FAIL)
        axes.text(0.5, 1.5, text, color=INK)
        return inline_svg(figure, name, "Title", "What <it> shows")


def test_it_is_named_and_described():
    found = svg()
    assert found.startswith('<svg role="img" viewBox="0 0 338.4 208.8"><title>Title</title>')
    assert "<desc>What &lt;it&gt; shows</desc>" in found
    Parsed(found)


def test_it_has_the_colours_and_letters_of_the_page():
    found = svg()
    assert "stroke: var(--s1)" in found
    assert "fill: var(--ink)" in found
    assert not re.search("#[0-9a-f]{6}", found)
    assert "font-family" not in found
    assert "<style" not in found
    assert "http" not in found


def test_numbers_are_short_but_texts_stay():
    found = svg('0.123456789 #2b6cd4 id="x"')
    assert '0.123456789 #2b6cd4 id="x"' in found
    outside = found.replace("0.123456789", "")
    assert not re.search(r"\d\.\d{3}", re.sub(r"font-size: [\d.]*", "", outside))


def test_names_of_two_figures_do_not_meet():
    page = Parsed(svg(name="one") + svg(name="two"))
    assert len(page.ids) > 2
    assert all(each.startswith(("one-", "two-")) for each in page.ids)


def test_hostile_texts_stay_texts():
    hostile = "</text><script>alert(1)</script>]]>&<x y='1'>\x00\x1b"
    page = Parsed(svg(hostile))
    assert "script" not in {tag for tag, _ in page.tags}
    assert "</text><script>alert(1)</script>]]>&<x y='1'>��" in page.text
